package schema

import (
	"maps"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

func organisation(b *builder) object {
	b.of(typeOf[org.Organisation]())
	root := maps.Clone(b.defs["organisation"].(object))
	delete(b.defs, "organisation")
	root["title"] = "An organisation of Aimsbot, or a part of one"
	return root
}

func programme(b *builder) object {
	return object{"title": "A programme of Aimsbot", "description": about["programme"], "type": "array", "items": b.of(typeOf[org.Entry]())}
}
