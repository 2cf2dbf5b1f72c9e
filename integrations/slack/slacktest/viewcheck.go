package slacktest

// view reads and checks the view of a call.
func (q *request) view(surface string) (map[string]any, error) {
	v, err := q.value("view")
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		return nil, &apiError{code: "invalid_arguments", messages: []string{"must provide an object [json-pointer:/view]"}}
	}
	return m, checkView(m, surface)
}

// checkView refuses a view that Slack would not take, and adds the ids Slack
// makes.
func checkView(m map[string]any, surface string) error {
	if len(encode(m)) > MaxViewBytes {
		return fail("view_too_large")
	}
	c := newChecker(surface)
	if kind := text(m, "type"); kind != surface {
		c.bad("/view/type", "unsupported type: %s", kind)
	}
	blocks := c.list(m, "blocks", "/view", 1, MaxViewBlocks)
	c.blocks(blocks, "/view/blocks")
	c.str(m, "private_metadata", "/view", 0, MaxMetadata)
	c.str(m, "callback_id", "/view", 0, MaxCallbackID)
	c.str(m, "external_id", "/view", 0, MaxExternalID)
	if surface == "home" {
		c.keys(m, "/view", "type blocks private_metadata callback_id external_id")
	} else {
		c.modal(m, blocks)
	}
	if len(c.messages) > 0 {
		return &apiError{code: "invalid_arguments", messages: c.messages}
	}
	identify(blocks)
	return nil
}

func (c *checker) modal(m map[string]any, blocks []any) {
	c.keys(m, "/view", "type title submit close blocks private_metadata callback_id external_id clear_on_close notify_on_close submit_disabled")
	c.text(m, "title", "/view", plain, MaxViewTitle, true)
	c.text(m, "submit", "/view", plain, MaxViewTitle, false)
	c.text(m, "close", "/view", plain, MaxViewTitle, false)
	c.flag(m, "clear_on_close", "/view")
	c.flag(m, "notify_on_close", "/view")
	for _, b := range blocks {
		if o, ok := b.(map[string]any); ok && text(o, "type") == "input" && m["submit"] == nil {
			c.bad("/view", "submit is required when an input block is within the blocks array")
			return
		}
	}
}
