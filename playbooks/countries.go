package playbooks

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// What the names of golang.org/x/text (CLDR 32) have otherwise than ISO 3166
// has today: names that changed since, and codes that are no country's.
var (
	renamed     = map[string]string{"MK": "North Macedonia", "SZ": "Eswatini", "TR": "Türkiye"}
	noCountries = []string{"AC", "CP", "DG", "EA", "EZ", "IC", "TA", "UN"}
)

// Countries are the countries of ISO 3166 by their two-letter code, with their
// English names, in the order of the names.
var Countries = sync.OnceValue(func() []Option {
	var out []Option
	names := display.English.Regions()
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			r, err := language.ParseRegion(code)
			if err != nil || !r.IsCountry() || r.String() != code || r.Canonicalize() != r {
				continue
			}
			name := names.Name(r)
			if now, ok := renamed[code]; ok {
				name = now
			}
			if name != "" && !slices.Contains(noCountries, code) {
				out = append(out, Option{ID: Str{V: code}, Label: Str{V: name}})
			}
		}
	}
	slices.SortFunc(out, func(a, b Option) int { return strings.Compare(a.Label.V, b.Label.V) })
	return out
})
