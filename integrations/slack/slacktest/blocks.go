package slacktest

import (
	"fmt"
	"unicode/utf8"
)

// checkMessageBlocks refuses blocks that Slack would not take in a message,
// and returns them with the ids Slack adds.
func checkMessageBlocks(blocks []any) ([]any, error) {
	c := newChecker("message")
	if len(blocks) > MaxMessageBlocks {
		c.bad("/blocks", "no more than %d items allowed", MaxMessageBlocks)
	}
	c.blocks(blocks, "/blocks")
	if len(c.messages) > 0 {
		return nil, &apiError{code: "invalid_blocks", messages: c.messages}
	}
	if size := c.runes + BlockOverhead*len(blocks); size > MaxBlocksTotal {
		return nil, &apiError{code: "msg_blocks_too_long"}
	}
	return identify(blocks), nil
}

func (c *checker) blocks(blocks []any, ptr string) {
	for i, b := range blocks {
		at := fmt.Sprintf("%s/%d", ptr, i)
		if m, ok := c.obj(b, at); ok {
			c.block(m, at)
		}
	}
	if c.markdown > MaxMarkdown {
		c.bad(ptr, "markdown blocks together must be less than %d characters", MaxMarkdown+1)
	}
}

// block checks one block. A type the fake does not know is refused: what it
// cannot judge must not pass here.
func (c *checker) block(m map[string]any, ptr string) {
	c.actions = map[string]bool{}
	if id := c.str(m, "block_id", ptr, 0, MaxBlockID); id != "" {
		if c.blockIDs[id] {
			c.bad(ptr+"/block_id", "block_id %q already exists", id)
		}
		c.blockIDs[id] = true
	}
	switch kind := text(m, "type"); kind {
	case "section":
		c.section(m, ptr)
	case "divider":
		c.keys(m, ptr, "type block_id")
	case "header":
		c.keys(m, ptr, "type block_id text level")
		c.text(m, "text", ptr, plain, MaxHeader, true)
	case "image":
		c.keys(m, ptr, "type block_id image_url slack_file alt_text title")
		c.image(m, ptr)
		c.text(m, "title", ptr, plain, MaxAltText, false)
	case "context":
		c.context(m, ptr)
	case "actions":
		c.keys(m, ptr, "type block_id elements")
		c.elements(c.list(m, "elements", ptr, 1, MaxActions), ptr+"/elements", kind)
	case "context_actions":
		c.keys(m, ptr, "type block_id elements")
		c.elements(c.list(m, "elements", ptr, 1, MaxCtxActions), ptr+"/elements", kind)
	case "input":
		c.input(m, ptr)
	case "rich_text":
		c.keys(m, ptr, "type block_id elements")
		c.richText(c.list(m, "elements", ptr, 1, MaxMessageBlocks), ptr+"/elements")
	case "markdown", "table":
		c.messageOnly(m, ptr, kind)
	default:
		c.bad(ptr+"/type", "unsupported type: %s", kind)
	}
}

func (c *checker) section(m map[string]any, ptr string) {
	c.keys(m, ptr, "type block_id text fields accessory expand")
	_, hasFields := m["fields"]
	c.text(m, "text", ptr, either, MaxSectionText, !hasFields)
	if hasFields {
		for i, f := range c.list(m, "fields", ptr, 1, MaxFields) {
			c.textObject(f, fmt.Sprintf("%s/fields/%d", ptr, i), either, MaxFieldText)
		}
	}
	c.flag(m, "expand", ptr)
	if a, there := m["accessory"]; there {
		c.element(a, ptr+"/accessory", "section")
	}
}

func (c *checker) context(m map[string]any, ptr string) {
	c.keys(m, ptr, "type block_id elements")
	for i, e := range c.list(m, "elements", ptr, 1, MaxContext) {
		at := fmt.Sprintf("%s/elements/%d", ptr, i)
		if o, ok := e.(map[string]any); ok && text(o, "type") == "image" {
			c.element(e, at, "context")
			continue
		}
		c.textObject(e, at, either, MaxTextObject)
	}
}

func (c *checker) input(m map[string]any, ptr string) {
	c.keys(m, ptr, "type block_id label element hint optional dispatch_action")
	c.text(m, "label", ptr, plain, MaxLabel, true)
	c.text(m, "hint", ptr, plain, MaxHint, false)
	c.flag(m, "optional", ptr)
	c.flag(m, "dispatch_action", ptr)
	e, there := m["element"]
	if !there {
		c.bad(ptr, "missing required field: element")
		return
	}
	c.element(e, ptr+"/element", "input")
}

func (c *checker) image(m map[string]any, ptr string) {
	_, file := m["slack_file"]
	c.url(m, "image_url", ptr, !file)
	c.str(m, "alt_text", ptr, 1, MaxAltText)
}

// richText counts the text of a rich text block; its inner structure is not
// judged.
func (c *checker) richText(v any, ptr string) {
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			c.richText(e, fmt.Sprintf("%s/%d", ptr, i))
		}
	case map[string]any:
		if text(v, "type") == "" {
			c.bad(ptr, "missing required field: type")
		}
		c.runes += utf8.RuneCountInString(text(v, "text"))
		if inner, ok := v["elements"]; ok {
			c.richText(inner, ptr+"/elements")
		}
	default:
		c.bad(ptr, "must provide an object")
	}
}

// messageOnly checks the blocks that views do not take.
func (c *checker) messageOnly(m map[string]any, ptr, kind string) {
	if c.surface != "message" {
		c.bad(ptr+"/type", "unsupported type: %s", kind)
		return
	}
	if kind == "markdown" {
		c.keys(m, ptr, "type block_id text")
		n := utf8.RuneCountInString(c.str(m, "text", ptr, 1, MaxMarkdown))
		c.markdown += n
		c.runes += n
		return
	}
	c.keys(m, ptr, "type block_id rows column_settings")
	for i, r := range c.list(m, "rows", ptr, 1, MaxTableRows) {
		row, ok := r.([]any)
		if !ok {
			c.bad(fmt.Sprintf("%s/rows/%d", ptr, i), "must be an array")
		}
		c.richText(row, fmt.Sprintf("%s/rows/%d", ptr, i))
	}
}

// identify adds the ids that Slack makes where the app gave none.
func identify(blocks []any) []any {
	for _, b := range blocks {
		m, _ := b.(map[string]any)
		if text(m, "block_id") == "" {
			m["block_id"] = newID("")[:5]
		}
		for _, e := range interactive(m) {
			if text(e, "action_id") == "" {
				e["action_id"] = newID("")[:5]
			}
		}
	}
	return blocks
}

// interactive returns the elements of a block that a person can act on.
func interactive(m map[string]any) []map[string]any {
	var out []map[string]any
	take := func(e map[string]any) {
		if e != nil && text(e, "type") != "image" {
			out = append(out, e)
		}
	}
	switch text(m, "type") {
	case "section":
		take(object(m, "accessory"))
	case "input":
		take(object(m, "element"))
	case "actions", "context_actions":
		for _, e := range list(m, "elements") {
			o, _ := e.(map[string]any)
			take(o)
		}
	}
	return out
}
