package ledger

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain lets the kill test start this binary again as its victim.
func TestMain(m *testing.M) {
	if path := os.Getenv(victimPath); path != "" {
		victim(path)
		return
	}
	goleak.VerifyTestMain(m)
}
