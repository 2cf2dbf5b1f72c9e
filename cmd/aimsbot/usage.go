package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// usageText says what is wrong with a command line, with the choices, and
// where to read more.
func usageText(err error) string {
	text, help := err.Error(), "aimsbot"
	var p *kong.ParseError
	if !errors.As(err, &p) {
		return text
	}
	node := p.Context.Selected()
	if node == nil {
		node = p.Context.Model.Node
	} else {
		help = node.FullPath()
	}
	if names := commandsOf(node); len(names) > 0 {
		choices := "Commands: " + strings.Join(names, ", ")
		if word, ok := strings.CutPrefix(text, "unexpected argument "); ok {
			word, _, _ = strings.Cut(word, ",") // kong's own guess follows
			text = fmt.Sprintf("there is no command %s.%s %s", word, source.DidYouMean(word, names), choices)
		} else if strings.HasPrefix(text, "expected ") {
			text = "which command? " + choices
		}
	} else if args, ok := strings.CutPrefix(text, "expected "); ok && strings.Contains(args, "<") {
		text = "missing: " + strings.ReplaceAll(args, `"`, "")
	}
	return text + "\nSee `" + help + " --help`."
}

func commandsOf(n *kong.Node) []string {
	var names []string
	for _, c := range n.Children {
		if c.Type == kong.CommandNode {
			names = append(names, c.Name)
		}
	}
	return names
}
