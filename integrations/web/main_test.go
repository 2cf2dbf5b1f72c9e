package web_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails when a goroutine is left. The server lingers for half a second
// after it refused a body that is too long.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}
