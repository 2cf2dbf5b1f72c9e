package port

import "time"

// Figures are the ledger in numbers, for whoever watches the bot.
type Figures struct {
	Mark // up to where records and rows were counted
	// Records and Rows count what is new since the mark given, by kind.
	Records, Rows map[string]int64
	// Signed is how many records the newest checkpoint covers, and SignedAt when
	// it was made; zero without one.
	Signed   int64
	SignedAt time.Time
	// Open and Starting count runs by state.
	Open, Starting int64
	// Parked runs wait for the operator.
	Parked int64
	// Waiting are the open steps of open runs, Overdue those whose due instant has
	// passed.
	Waiting, Overdue int64
	// Unsettled are inbox rows without a verdict, the oldest received at Oldest.
	Unsettled int64
	Oldest    time.Time
}

// Mark is a place in the ledger up to which things were counted.
type Mark struct {
	Size      int64 // records
	NextInbox int64 // id of the next inbox row
}
