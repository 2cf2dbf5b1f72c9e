package org_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// Where the program runs must not move a holiday: in Havana clocks jumped over
// the midnight with which 8 March 2026, a holiday of Ukraine, began.
func TestHolidaysInAnyMachineZone(t *testing.T) {
	t.Parallel()
	if os.Getenv("TZ") != "America/Havana" {
		self := exec.Command(os.Args[0], "-test.run=^TestHolidaysInAnyMachineZone$")
		self.Env = append(os.Environ(), "TZ=America/Havana")
		if out, err := self.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	c := org.Calendar{Weekdays: []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}, Holidays: "ua"}
	got, err := c.WorkingDaysAfter(at(t, "2026-03-06 12:00", "Europe/Kyiv"), 2, "Europe/Kyiv")
	if want := "2026-03-09 23:59:59"; err != nil || show(t, got, "Europe/Kyiv") != want {
		t.Errorf("two working days end %s, %v; want %s", show(t, got, "Europe/Kyiv"), err, want)
	}
}
