package playbooks

import (
	"encoding/json"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// DefinitionSchema is the version of the Definition's JSON form.
const DefinitionSchema = 1

// Definition is everything a run is pinned to: the playbook, the rule data and
// the calendar it uses, under one digest.
type Definition struct {
	Schema   int             `json:"schema"`
	Playbook *Playbook       `json:"playbook"`
	Source   string          `json:"source"` // the YAML as written
	Rules    json.RawMessage `json:"rules,omitempty"`
	Calendar org.Calendar    `json:"calendar"`
	Digest   string          `json:"digest"` // "sha256:" + hex over all the fields above
}
