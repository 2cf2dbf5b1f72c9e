package slacktest

import (
	"encoding/json"
	"unicode/utf8"
)

// content is what a call puts into a message.
type content struct {
	text      string
	blocks    []any
	hasText   bool
	hasBlocks bool
	metadata  json.RawMessage // nil = not given, {} = remove
}

// content reads and checks text, blocks, attachments and metadata.
func (q *request) content(maxText int) (c content, err error) {
	c.text, c.hasText = q.str("text"), q.str("text") != ""
	if utf8.RuneCountInString(c.text) > maxText {
		return c, fail("msg_too_long")
	}
	if md := q.str("markdown_text"); md != "" {
		if c.hasText || q.has("blocks") {
			return c, fail("markdown_text_conflict")
		}
		if utf8.RuneCountInString(md) > MaxMarkdown {
			return c, fail("msg_too_long")
		}
		c.text, c.hasText = md, true
	}
	if err := q.attachments(); err != nil {
		return c, err
	}
	if q.has("blocks") && q.args["blocks"] != "" {
		if c.blocks, err = q.blocks(); err != nil {
			return c, err
		}
		c.hasBlocks = true
	}
	c.metadata, err = q.metadata()
	return c, err
}

func (q *request) blocks() ([]any, error) {
	v, err := q.value("blocks")
	if err != nil {
		return nil, fail("invalid_blocks_format")
	}
	blocks, ok := v.([]any)
	if !ok {
		return nil, fail("invalid_blocks_format")
	}
	return checkMessageBlocks(blocks)
}

// attachments are counted; the fake shows none, so it takes none but empty ones.
func (q *request) attachments() error {
	if q.str("attachments") == "" && q.args["attachments"] == nil {
		return nil
	}
	v, err := q.value("attachments")
	all, ok := v.([]any)
	switch {
	case err != nil || !ok:
		return fail("invalid_attachments")
	case len(all) > MaxAttachments:
		return fail("too_many_attachments")
	case len(all) > 0:
		return &apiError{code: "invalid_attachments", messages: []string{"this workspace shows blocks only"}}
	}
	return nil
}

func (q *request) metadata() (json.RawMessage, error) {
	if !q.has("metadata") || q.args["metadata"] == "" {
		return nil, nil
	}
	v, err := q.value("metadata")
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		return nil, fail("invalid_metadata_format")
	}
	raw := encode(m)
	if len(raw) > MaxMessageMetadata {
		return nil, fail("metadata_too_large")
	}
	if len(m) > 0 && text(m, "event_type") == "" {
		return nil, fail("invalid_metadata_schema")
	}
	if payload, there := m["event_payload"]; there {
		if _, ok := payload.(map[string]any); !ok {
			return nil, fail("invalid_metadata_schema")
		}
	}
	return raw, nil
}
