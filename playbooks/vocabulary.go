package playbooks

import "slices"

// Kinds are the kinds of a step, in the order in which messages name them.
func Kinds() []string { return slices.Clone(kindKeys) }

// QuestionTypes are the types a question of a form or a task may have;
// those of a column, of what an approval chooses and of what a run is started
// with are fewer.
func QuestionTypes() []string { return slices.Clone(questionTypes) }

// ColumnTypes are the types of a column of rows.
func ColumnTypes() []string { return slices.Clone(columnTypes) }

// ChooseTypes are the types of what an approval chooses.
func ChooseTypes() []string { return slices.Clone(chooseTypes) }

// InputTypes are the types of what a run is started with.
func InputTypes() []string { return slices.Clone(inputTypes) }

// EvidenceWords are what a task may say about evidence.
func EvidenceWords() []string { return slices.Clone(evidenceWords) }
