package org

import "slices"

// AIMSManager is the role that forms and tasks of a vacant role go to.
const AIMSManager = "aims-manager"

// Seat is a person who may act for a role. Excluded says why that person may
// not decide here ("owner of CV screener"); empty means the person may.
type Seat struct {
	Person   string
	Excluded string
}

// RoleSeats tells who may act for a role, most fitting first, and whether the
// role is vacant: without a holder of its own, which alarms.
//
// The holder acts. The deputies act beside the holder only once the step has
// escalated to them, and in place of a holder who is missing. A deputy never
// stands in for an excluded holder: then the fallback role decides, by the
// same rules. Excluded people are listed too, with the reason, so that they
// can be told.
func (o Organisation) RoleSeats(role string, excluded func(person string) string, escalated bool) (seats []Seat, vacant bool) {
	if excluded == nil {
		excluded = func(string) string { return "" }
	}
	seen := map[string]bool{}
	for next, first := role, true; next != "" && !seen[next]; first = false {
		seen[next] = true
		r, ok := o.Role(next)
		if !ok {
			break
		}
		_, held := o.Person(r.Holder)
		if first {
			vacant = !held
		}
		own := o.ownSeats(r, held, excluded, escalated)
		for _, s := range own {
			if !slices.ContainsFunc(seats, func(t Seat) bool { return t.Person == s.Person }) {
				seats = append(seats, s)
			}
		}
		if slices.ContainsFunc(own, func(s Seat) bool { return s.Excluded == "" }) {
			return seats, vacant
		}
		next = r.Fallback
	}
	return seats, vacant || len(seats) == 0
}

// ownSeats are the seats of one role, its fallback left aside.
func (o Organisation) ownSeats(r Role, held bool, excluded func(string) string, escalated bool) []Seat {
	var seats []Seat
	if held {
		why := excluded(r.Holder)
		seats = append(seats, Seat{Person: r.Holder, Excluded: why})
		if why != "" || !escalated {
			return seats
		}
	}
	for _, d := range r.Deputies {
		if _, ok := o.Person(d); ok {
			seats = append(seats, Seat{Person: d, Excluded: excluded(d)})
		}
	}
	return seats
}

// holding are the people who act for the role itself: the holder, or the
// deputies while there is none.
func (o Organisation) holding(r Role) []string {
	_, held := o.Person(r.Holder)
	none := func(string) string { return "" }
	return ids(o.ownSeats(r, held, none, false), func(s Seat) string { return s.Person })
}

// Acting are the people who may act for a role when nobody is excluded: the
// holder, with the deputies once escalated; the deputies of a vacant role, or
// else those of its fallback role.
func (o Organisation) Acting(role string, escalated bool) []string {
	seats, _ := o.RoleSeats(role, nil, escalated)
	return ids(seats, func(s Seat) string { return s.Person })
}
