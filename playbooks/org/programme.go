package org

import (
	"time"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// ParseProgramme reads programme.yaml: a list of what runs for whom and when.
// Whether a playbook exists and its expression holds is for those who know the
// playbooks; the places are kept for them. All problems come at once, sorted.
func ParseProgramme(file string, src []byte) (Programme, source.Problems) {
	var p Programme
	node, problems := source.Parse(file, src)
	if node != nil {
		node.Name = "the programme"
	}
	first := map[Entry]source.Pos{}
	for _, n := range node.List(&problems) {
		m := n.Map(&problems, "an entry of the programme", "playbook", "for", "cron", "every", "first", "exercise")
		if !m.OK() {
			continue
		}
		m.Require("playbook")
		playbook, subjects, cron, every, day := m.Text("playbook"), m.Text("for"), m.Text("cron"), m.Text("every"), m.Text("first")
		e := Entry{Playbook: playbook.V, For: subjects.V, Cron: cron.V, Every: every.V, First: day.V, Exercise: m.Bool("exercise")}
		if pos, dup := first[e]; dup {
			problems.Add(m.Pos, "duplicate", "This entry is the same as the one at %s. Keep one.", pos)
			continue
		}
		first[e] = m.Pos
		if !playbook.Empty() && !kebab.MatchString(playbook.V) {
			problems.Add(playbook.Pos, "id", "`%s` cannot be the name of a playbook: those are small letters, digits and single hyphens, such as impact-assessment.", playbook.V)
		}
		if !cron.Empty() {
			checkCron(cron, &problems)
		}
		checkRhythm(m.Pos, cron, every, day, &problems)
		e.Line, e.PlaybookPos, e.ForPos, e.EveryPos = m.Pos.Line, playbook.Pos, subjects.Pos, every.Pos
		p.Entries = append(p.Entries, e)
	}
	problems.Sort()
	return p, problems
}

// checkRhythm checks how often an entry is due.
func checkRhythm(entry source.Pos, cron, every, first source.Str, problems *source.Problems) {
	switch {
	case cron.Empty() && every.Empty():
		problems.Add(entry, "required", "This entry does not say how often. Write `every: cad-impact` (a rule of rules.yaml, counted from the last completed run), `every: 12 months`, or `cron: '0 9 1 * *'` (times of the calendar).")
	case !cron.Empty() && !every.Empty():
		problems.Add(every.Pos, "rhythm", "This entry has `cron` and `every`. Keep `every` to count from the last completed run, or `cron` for times of the calendar.")
	}
	if first.Empty() {
		return
	}
	if every.Empty() {
		problems.Add(first.Pos, "rhythm", "`first` is the day by which the first run of `every` is due, and this entry has no `every`. Remove it.")
	}
	if _, err := parseDay(first.V); err != nil {
		problems.Add(first.Pos, "rhythm", "%v.", err)
	}
}

// DueBetween lists the instants at which an entry is due, after from and up to
// to, in UTC. The expression names times on a wall clock in zone, and each is
// due once: where clocks go back and show a time twice, at the first; where
// they go forward and leave it out, at the instant they jump, on the same day
// in all but zones that dropped a whole day.
func DueBetween(e Entry, from, to time.Time, zone string) ([]time.Time, error) {
	s, loc, err := e.schedule(zone)
	if err != nil {
		return nil, err
	}
	var due []time.Time
	// No later reading of the clock belongs to an instant before from.
	for t := reading(from.In(loc)); ; {
		if t = s.next(t); t.IsZero() {
			return due, nil
		}
		at := s.instant(t, loc)
		if at.After(to) {
			return due, nil
		}
		if at.After(from) && (len(due) == 0 || at.After(due[len(due)-1])) {
			due = append(due, at.UTC())
		}
	}
}

// Next is the first instant after t at which an entry is due, in UTC, by the
// rules of DueBetween.
func Next(e Entry, after time.Time, zone string) (time.Time, error) {
	s, loc, err := e.schedule(zone)
	if err != nil {
		return time.Time{}, err
	}
	for t := reading(after.In(loc)); ; {
		if t = s.next(t); t.IsZero() {
			return time.Time{}, s.never()
		}
		if at := s.instant(t, loc); at.After(after) {
			return at.UTC(), nil
		}
	}
}

func (e Entry) schedule(zone string) (schedule, *time.Location, error) {
	loc, err := loadZone(zone)
	if err != nil {
		return schedule{}, nil, err
	}
	s, problem := parseCron(e.Cron)
	if problem != nil {
		return schedule{}, nil, problem
	}
	return s, loc, nil
}
