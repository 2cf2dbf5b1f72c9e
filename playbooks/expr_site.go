package playbooks

// siteKind says how a text of a playbook is evaluated.
type siteKind int

const (
	siteWhen      siteKind = iota // an expression that gives true or false
	siteMoment                    // an expression that gives a date or an instant
	siteEach                      // an expression that gives a list
	siteUntil                     // an expression that gives a date, an instant, or true or false
	siteStandDown                 // a condition that is looked at again and again
	siteText                      // a text with ${...}, shown to people
	siteValue                     // a text with ${...} whose type is kept
	sitePeople                    // a role, committee or person id, or ${...} giving people
	siteSubject                   // ${...} giving a subject
)

// site is one place of a playbook that may hold expressions.
type site struct {
	place place
	kind  siteKind
	key   string // as written: "when", "title", "assign"
	str   Str
	// earlier are the conditions of the rows above in the same table, which are
	// false here; row is the condition of the own row or line, which is true.
	earlier []Str
	row     Str
	// collected is set for the condition that the entries of a list are chosen by.
	collected *Collected
	// question is set for what belongs to a question.
	question *Question
}

// ofQuestion tells whether the site belongs to a question, so that it may speak
// of the entry a form is at; ofAnswer, whether it is looked at with the answers.
func (s site) ofQuestion() bool  { return s.question != nil }
func (s site) asksWhether() bool { return s.question != nil && s.key == "when" }
func (s site) ofAnswer() bool {
	return s.question != nil && (s.key == "check" || s.key == "say" || s.asksWhether())
}

// bare tells whether the text is an expression as it stands, without ${ and }.
func (s site) bare() bool {
	return s.kind == siteWhen || s.kind == siteMoment || s.kind == siteEach || s.soFar()
}

// own tells whether the site is the condition of its own step.
func (s site) own() bool { return s.kind == siteWhen && s.key == "when" && s.str == s.place.step.When }

// exprs returns the expressions of a site as they are evaluated.
func (s site) exprs() []string {
	if s.bare() {
		return []string{s.str.V}
	}
	parts, err := splitText(s.str.V)
	if err != nil {
		return nil
	}
	var out []string
	for _, p := range parts {
		if p.expr {
			out = append(out, p.text)
		}
	}
	return out
}

// sites lists every place of a playbook that may hold expressions.
func sites(p *Playbook) []site {
	var out []site
	c := siteList{place: beforeAll()}
	c.restricted(p)
	out = append(out, c.sites...)
	for _, pl := range flow(p) {
		c := siteList{place: pl}
		c.step(pl.step)
		out = append(out, c.sites...)
	}
	return out
}

// siteList collects the sites of one step.
type siteList struct {
	place place
	sites []site
}

func (c *siteList) add(kind siteKind, key string, texts ...Str) {
	for _, t := range texts {
		if !t.Empty() {
			c.sites = append(c.sites, site{place: c.place, kind: kind, key: key, str: t})
		}
	}
}

func (c *siteList) step(s *Step) {
	c.add(siteWhen, "when", s.When)
	c.add(siteText, "title", s.Title)
	if s.Due != nil {
		c.table(s.Due.Table)
		c.add(siteMoment, "due", s.Due.Moment())
	}
	switch {
	case s.Form != nil:
		c.people("ask", s.Form.Ask)
		c.add(siteEach, "each", s.Form.Each)
		c.add(siteText, "title", s.Form.Title)
		c.questions(s.Form.Questions)
	case s.Task != nil:
		c.people("assign", s.Task.Assign)
		c.add(siteText, "title", s.Task.Title)
		c.add(siteText, "checklist", s.Task.Checklist...)
		c.add(siteStandDown, "stand_down", s.Task.StandDown)
		c.questions(s.Task.Questions)
	case s.Approval != nil:
		c.needs(s.Approval.Need)
		if s.Approval.Pattern != nil {
			c.table(s.Approval.Pattern.Table)
		}
		c.add(sitePeople, "never", s.Approval.Never...)
		c.chooses(s.Approval)
		for _, g := range s.Approval.NotBefore {
			c.add(siteWhen, "check", g.Check)
			c.add(siteText, "say", g.Say)
		}
	case s.Notify != nil:
		c.people("to", s.Notify.To)
		c.add(siteText, "text", s.Notify.Text)
	}
	if s.Wait != nil {
		c.add(siteUntil, "until", s.Wait.Until)
	}
	if s.Clock != nil {
		c.clock(s.Clock)
	}
	if s.Register != nil {
		c.add(siteSubject, "on", s.Register.On)
		c.values(s.Register.Set)
		c.values(s.Register.Add)
		for _, change := range s.Register.Change {
			c.values(change.Of)
			c.values(change.Set)
		}
	}
	if s.Start != nil {
		c.add(siteSubject, "subject", s.Start.Subject)
		c.values(s.Start.With)
	}
	c.collects(s.Collect)
	if s.Back != nil {
		c.add(siteText, "say", s.Back.Say)
	}
	if s.Each != nil {
		c.add(siteEach, "in", s.Each.In)
	}
	c.values(s.Set)
}

func (c *siteList) values(vars []SetVar) {
	for _, v := range vars {
		if v.Value != nil {
			c.lit(*v.Value, nil, Str{})
		}
		c.table(v.Table)
		c.values(v.Group)
	}
}

func (c *siteList) people(key string, p People) {
	c.add(sitePeople, key, p.One)
	c.add(sitePeople, key, p.AnyOf...)
}

func (c *siteList) questions(qs []Question) {
	for i := range qs {
		q := &qs[i]
		first := len(c.sites)
		c.add(siteWhen, "when", q.When)
		c.add(siteText, "text", q.Text)
		c.add(siteText, "help", q.Help)
		c.add(siteValue, "prefill", q.Prefill)
		c.add(sitePeople, "never", q.Never...)
		if q.Check != nil {
			c.add(siteWhen, "check", q.Check.When)
			c.add(siteText, "say", q.Check.Say)
		}
		for _, column := range q.Columns {
			c.add(siteText, "text", column.Text)
			c.add(siteText, "help", column.Help)
			c.add(sitePeople, "never", column.Never...)
		}
		for j := range c.sites[first:] {
			c.sites[first+j].question = q
		}
	}
}

func (c *siteList) needs(needs []Need) {
	for _, n := range needs {
		if !n.Pattern.Empty() {
			continue // checked where the pattern is chosen
		}
		c.add(siteWhen, "when", n.When)
		from := len(c.sites)
		c.add(sitePeople, "role", n.Role)
		c.add(sitePeople, "person", n.Person)
		c.add(sitePeople, "committee", n.Committee)
		for i := range c.sites[from:] {
			c.sites[from+i].row = n.When
		}
		c.needs(n.AnyOf)
	}
}

func (c *siteList) table(rows []Row) {
	var earlier []Str
	for _, r := range rows {
		if !r.When.Empty() {
			c.sites = append(c.sites, site{place: c.place, kind: siteWhen, key: "when", str: r.When, earlier: earlier})
		}
		c.lit(r.Value, earlier, r.When)
		if !r.When.Empty() {
			earlier = append(earlier[:len(earlier):len(earlier)], r.When)
		}
	}
}

func (c *siteList) lit(l Lit, earlier []Str, row Str) {
	if text, ok := l.V.(string); ok {
		c.sites = append(c.sites, site{place: c.place, kind: siteValue, key: "value", str: Str{V: text, Pos: l.Pos}, earlier: earlier, row: row})
	}
}
