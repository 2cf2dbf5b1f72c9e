package playbooks

// The question types that run today.
const (
	TypeText        = "text"
	TypeLong        = "long"
	TypeYesNo       = "yesno"
	TypeYesNoUnsure = "yesnounsure"
	TypeChoice      = "choice"
	TypeChoices     = "choices"
	TypeInt         = "int"
	TypeNumber      = "number"
	TypeDate        = "date"
	TypeDatetime    = "datetime"
	TypePerson      = "person"
	TypePersons     = "persons"
	TypeLink        = "link"
	// Of the organisation: a form puts them to people as a choice.
	TypeSystem   = "system"
	TypeSystems  = "systems"
	TypeModel    = "model"
	TypeSupplier = "supplier"
	// Of ISO 3166, by two-letter code.
	TypeCountries = "countries"
	// As many rows as there are, each of the same columns.
	TypeRows = "rows"
)

// Question is one thing a person is asked.
type Question struct {
	ID       Str          `json:"id"`
	Text     Str          `json:"text"`
	Type     Str          `json:"type"`
	Options  []Option     `json:"options,omitempty"`
	Optional bool         `json:"optional,omitempty"`
	When     Str          `json:"when,omitzero"` // expression; looked at when the form is opened
	Help     Str          `json:"help,omitzero"`
	Prefill  Str          `json:"prefill,omitzero"`
	Min      *float64     `json:"min,omitempty"`
	Max      *float64     `json:"max,omitempty"`
	Pattern  Str          `json:"pattern,omitzero"` // RE2; a text answer must match it as a whole
	Check    *AnswerCheck `json:"check,omitempty"`
	Never    []Str        `json:"never,omitempty"` // person, persons: who may not be named
	// Protected are the roles that may read the answer, which is kept apart; empty =
	// everybody who sees the step.
	Protected []Str `json:"protected,omitempty"`
	// Columns are what is asked in each row of a question of type rows; Min and
	// Max are then how many rows there are.
	Columns []Question `json:"columns,omitempty"`
	// Heading is shown above the question. Only questions put to people have it.
	Heading string `json:"heading,omitempty"`
	Pos     Pos    `json:"-"`
}

// AnswerCheck is what must hold of an answer, and what is said when it does not.
type AnswerCheck struct {
	When Str `json:"when"` // an expression that also reads answers.<question>
	Say  Str `json:"say"`
}

// Option is one choice of a question.
type Option struct {
	ID    Str `json:"id"`
	Label Str `json:"label"`
}
