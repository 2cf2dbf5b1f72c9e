package port

// ModalMark is what stands between the questions of a window: a text, and
// buttons that change the window and decide nothing.
type ModalMark struct {
	Before  int           `json:"before"` // index of the question it stands above; their number = below all
	Text    string        `json:"text,omitempty"`
	Buttons []ModalButton `json:"buttons,omitempty"`
}

// ModalButton is a button in a window.
type ModalButton struct {
	Action string `json:"action"`
	Label  string `json:"label"`
	Value  string `json:"value"` // no two of a window have the same action and value
}

// The actions of buttons in the window of a form. What was typed is kept.
const (
	ActionBack      = "back"       // to the page before
	ActionAddRow    = "add_row"    // value: id of the question
	ActionRemoveRow = "remove_row" // value: id of the question, a space, number of the row
)
