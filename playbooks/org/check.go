package org

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// The rules of a committee; a third is a whole number of approvals.
const (
	RuleMajority = "majority" // more than half of the eligible, but at least QuorumMin
	RuleAll      = "all"      // every eligible member
)

// check looks at what no single entry shows: whether the ids that stand
// somewhere exist and fit together.
func (r *reader) check() {
	r.checkNames()
	r.checkRefs()
	r.checkLinks()
	for _, role := range r.org.Roles {
		r.checkRole(role)
	}
	for _, c := range r.org.Committees {
		r.checkCommittee(c)
	}
}

// checkNames refuses an id that is a person and a role at once: `ask: max`
// would not say which.
func (r *reader) checkNames() {
	people := ids(r.org.People, func(p Person) string { return p.ID })
	roles := ids(r.org.Roles, func(x Role) string { return x.ID })
	for _, id := range roles {
		if slices.Contains(people, id) {
			r.add(r.seen["roles "+id], "duplicate", "`%s` is a person and a role. Give one of them another id.", id)
		}
	}
	for _, c := range r.org.Committees {
		switch {
		case slices.Contains(people, c.ID):
			r.add(r.seen["committees "+c.ID], "duplicate", "`%s` is a person and a committee. Give one of them another id.", c.ID)
		case slices.Contains(roles, c.ID):
			r.add(r.seen["committees "+c.ID], "duplicate", "`%s` is a role and a committee. Give one of them another id.", c.ID)
		}
	}
}

func (r *reader) checkRefs() {
	// People whose entry could not be used are not reported as unknown too.
	var known []string
	for key := range r.seen {
		if id, ok := strings.CutPrefix(key, "people "); ok {
			known = append(known, id)
		}
	}
	slices.Sort(known)
	for _, ref := range r.refs {
		if slices.Contains(known, ref.V) {
			continue
		}
		if p, ok := find(r.org.People, func(p Person) bool { return p.Name == ref.V }); ok {
			r.add(ref.Pos, "unknown-person", "%s is named by id, but `%s` is a name. Write `%s`.", upperText(ref.of), ref.V, p.ID)
			continue
		}
		r.add(ref.Pos, "unknown-person", "%s is `%s`, but no person has that id.%s", upperText(ref.of), ref.V, source.DidYouMean(ref.V, known))
	}
}

func (r *reader) checkRole(role Role) {
	if to := role.ReportsTo; to != "" && r.org.CheckName(to) != nil {
		r.add(r.seen["reports_to "+role.ID], "unknown-name", "Whom `%s` reports to: %s", role.ID, r.org.CheckName(to))
	}
	if role.Holder != "" && slices.Contains(role.Deputies, role.Holder) {
		r.add(r.seen["deputies "+role.ID], "deputy", "`%s` holds `%s` and cannot be its deputy too. Remove one.", role.Holder, role.ID)
	}
	if role.Fallback == "" {
		return
	}
	pos := r.seen["fallback "+role.ID]
	if _, ok := r.org.Role(role.Fallback); !ok {
		r.add(pos, "fallback", "The fallback of `%s` is `%s`, but there is no such role.%s", role.ID, role.Fallback,
			source.DidYouMean(role.Fallback, ids(r.org.Roles, func(x Role) string { return x.ID })))
		return
	}
	chain := []string{role.ID}
	for next := role.Fallback; next != ""; {
		chain = append(chain, next)
		if next == role.ID {
			r.add(pos, "fallback", "The fallbacks of `%s` lead back to it: %s. Let the last one have none.", role.ID, strings.Join(chain, " -> "))
			return
		}
		if slices.Contains(chain[:len(chain)-1], next) {
			return // a circle further on is reported there
		}
		following, _ := r.org.Role(next)
		next = following.Fallback
	}
}

func (r *reader) checkCommittee(c Committee) {
	at := func(key string) source.Pos { return r.seen[key+" "+c.ID] }
	members := len(c.Members)
	if members == 0 {
		if r.has("members", c.ID) {
			r.add(at("members"), "members", "`%s` has no members: nothing put before it could ever be decided.", c.ID)
		}
		return
	}
	if c.Chair != "" && !slices.Contains(c.Members, c.Chair) {
		r.add(at("chair"), "chair", "The chair of `%s` must be one of its members, but `%s` is not among them.", c.ID, c.Chair)
	}
	if c.DeputyChair != "" && (c.DeputyChair == c.Chair || !slices.Contains(c.Members, c.DeputyChair)) {
		r.add(at("deputy_chair"), "chair", "The deputy chair of `%s` must be another of its members than the chair, but `%s` is not.", c.ID, c.DeputyChair)
	}
	if c.ChairRequired && c.Chair == "" {
		r.add(at("chair_required"), "chair", "`%s` cannot decide without its chair, and it has none. Name the `chair`.", c.ID)
	}
	for _, a := range c.Alternates {
		if slices.Contains(c.Members, a) {
			r.add(at("alternates"), "alternate", "`%s` is a member of `%s` and cannot be an alternate too.", a, c.ID)
		}
	}
	if n, err := strconv.Atoi(c.Rule); err == nil && n > members {
		r.add(at("rule"), "rule", "`%s` needs %d approvals but has %d members: nothing could ever be approved.", c.ID, n, members)
	}
	if c.QuorumMin < 0 {
		r.add(at("quorum_min"), "quorum", "`quorum_min` of `%s` is at least 1.", c.ID)
	}
	if c.QuorumMin > members {
		r.add(at("quorum_min"), "quorum", "`%s` needs at least %d of its members, but has %d: nothing could ever be approved.", c.ID, c.QuorumMin, members)
	}
}

func (r *reader) has(key, id string) bool {
	_, ok := r.seen[key+" "+id]
	return ok
}

// upper begins an error's words with a capital, as problems do.
func upper(err error) string { return upperText(err.Error()) }

func upperText(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func joined(words []string) string { return strings.Join(words, ", ") }
