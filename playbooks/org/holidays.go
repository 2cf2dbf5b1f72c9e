package org

import (
	"sort"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/mw"
	"github.com/rickar/cal/v2/nc"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// holidaysOf lists the public holidays of a country by its ISO 3166-1 code.
// They are those the whole country keeps as rickar/cal/v2 knows them; a region
// adds its own days under extra.
func holidaysOf(country string) ([]*cal.Holiday, bool) {
	h, ok := countries()[country]
	return h, ok
}

// Countries lists the country codes a calendar may name, sorted.
func Countries() []string {
	var codes []string
	for c := range countries() {
		codes = append(codes, c)
	}
	sort.Strings(codes)
	return codes
}

func countries() map[string][]*cal.Holiday {
	return map[string][]*cal.Holiday{
		"ar": ar.Holidays,
		"at": at.Holidays,
		"be": be.Holidays,
		"bg": bg.Holidays,
		"br": br.Holidays,
		"ca": ca.Holidays,
		"ch": ch.Holidays,
		"cz": cz.Holidays,
		"de": de.Holidays,
		"dk": dk.Holidays,
		"es": es.Holidays,
		"fr": fr.Holidays,
		"gb": gb.Holidays,
		"gr": gr.Holidays,
		"hr": hr.Holidays,
		"ie": ie.Holidays,
		"it": it.Holidays,
		"jp": jp.Holidays,
		"lt": lt.Holidays,
		"lv": lv.Holidays,
		"mw": mw.Holidays,
		"nc": nc.Holidays,
		"nl": nl.Holidays,
		"no": no.Holidays,
		"nz": nz.Holidays,
		"pl": pl.Holidays,
		"ro": ro.Holidays,
		"ru": ru.Holidays,
		"se": se.Holidays,
		"si": si.Holidays,
		"sk": sk.Holidays,
		"ua": ua.Holidays,
		"us": us.Holidays,
		"za": za.Holidays,
	}
}

type date struct {
	year  int
	month time.Month
	day   int
}

// daysOff returns the days of one year that the holidays fall on or are
// observed on.
func daysOff(holidays []*cal.Holiday, year int) map[date]bool {
	off := map[date]bool{}
	add := func(t time.Time) {
		if t.IsZero() {
			return
		}
		// The library counts from midnight in the machine's zone, where midnight
		// may be missing: noon is the same day everywhere.
		y, m, d := t.Add(12 * time.Hour).Date()
		off[date{y, m, d}] = true
	}
	for _, h := range holidays {
		// New Year may be observed in the year before.
		for y := year - 1; y <= year+1; y++ {
			actual, observed := h.Calc(y)
			add(actual)
			add(observed)
		}
	}
	return off
}
