package temporal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// takenPort names, in a second copy of this test binary, the service whose port
// another program has taken. What a half-made server leaves running ends with
// that process.
const takenPort = "AIMSBOT_TEST_TAKEN_PORT"

// TestPortIsTaken: between finding a free port and listening on it another
// program may take it. That is an error, which Start answers with other ports,
// and not the end of the process.
func TestPortIsTaken(t *testing.T) {
	t.Parallel()
	if service := os.Getenv(takenPort); service != "" {
		fmt.Println("start says:", startOnTaken(service, t.TempDir()))
		os.Exit(0)
	}
	for _, service := range []string{"frontend", "history", "matching"} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run", "^TestPortIsTaken$")
			cmd.Env = append(os.Environ(), takenPort+"="+service)
			out, err := cmd.CombinedOutput()
			if _, said, _ := strings.Cut(string(out), "start says:"); err != nil || !strings.Contains(said, "address already in use") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func startOnTaken(service, dir string) error {
	store := storeConfig(dir)
	if err := prepareStore(dir, store); err != nil {
		return err
	}
	p, err := freePorts()
	if err != nil {
		return err
	}
	other, err := net.Listen("tcp", loopback+":0")
	if err != nil {
		return err
	}
	defer other.Close()
	taken := map[string]*tcpPort{"frontend": &p.frontend, "history": &p.history, "matching": &p.matching}[service]
	*taken = tcpPort(other.Addr().(*net.TCPAddr).Port)
	s, err := start(context.Background(), EmbedOptions{Dir: dir}, store, "token", p)
	if err == nil {
		return errors.Join(errors.New("it started"), s.Stop())
	}
	return err
}
