package corpustest_test

import (
	"bytes"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

var write = flag.Bool("write", false, "write the corpora of the parsers of files and settings anew")

// most is how many files a corpus has that edits could make endless.
const most = 320

// TestWriteCorpora makes the corpora of what people write by hand: our own
// files, and each with the slips of an editor in one line.
func TestWriteCorpora(t *testing.T) {
	if !*write {
		t.Skip("NOT WRITTEN: the corpora are made anew only by make corpus; the fuzz tests use the kept ones")
	}
	save := func(archive string, files []corpustest.File) {
		folder, name := filepath.Split(archive)
		path := filepath.Join("..", "..", folder, "testdata", "corpus", name+".zip")
		n, err := corpustest.Write(path, files, most)
		if err != nil || n < corpustest.Least {
			t.Errorf("%s: %d files, %v", archive, n, err)
		}
		t.Logf("%s: %d files", archive, n)
	}
	playbooks := yamls(t, "../testdata", "../library", "../../cmd/aimsbot/testdata/attacks/config/playbooks")
	save("playbooks/parse", withEdits(without(playbooks, "demo")))
	save("playbooks/source/parse", withEdits(yamls(t, "..", "../../cmd/aimsbot/testdata", "../../deploy", "../../.workflowcheck.yaml")))
	save("playbooks/org/organisation", withEdits(yamls(t, "../org/testdata/organisation", "../library/demo/organisation.yaml")))
	programmes := yamls(t, "../org/testdata/programme", "../library/demo/programme.yaml")
	for _, s := range product("- {playbook: ", names, ", for: '", selectors, "', cron: '", crons, "'}\n") {
		programmes["written "+s] = []byte(s)
	}
	save("playbooks/org/programme", withEdits(programmes))
	save("playbooks/org/spans", texts(product(numbers, " ", units), product("every ", numbers, " ", units), product(numbers, "%"), []string{"due", ""}))
	save("playbooks/expressions", texts(written(playbooks), product(terms, operators, terms)))
	save("integrations/ledger/urls", texts(product([]string{"postgres://", "postgresql://", ""}, users, hosts, []string{"", ":5432"}, "/aims", modes)))
	save("integrations/redis/urls", texts(product([]string{"redis://", "rediss://", "unix://", "http://"}, users, hosts, []string{"", ":6379", ":6379/0", "/x", "?db=1"})))
}

// What people write in settings and files.
var (
	names     = []string{"impact-assessment", "share-out", "release-check"}
	selectors = []string{`system.status != "retired"`, `system.tier == "high"`, `true`, `"hiring" in system.tags`, `system.owner == "olive"`, `system.next_review < now`}
	crons     = []string{"0 9 1 * *", "0 9 * * mon", "*/15 8-18 * * 1-5", "0 0 31 * *", "0 0 29 2 *", "@monthly", "0 9 1 jan,apr,jul,oct *", "1-59/2 0 L * 7"}
	numbers   = []string{"0", "1", "2", "3", "5", "10", "14", "30", "50", "72", "90", "100", "365", "1000", "-1", "1.5", "9999999999999"}
	units     = []string{"working days", "working day", "days", "hours", "hour", "weeks", "months", "minutes"}
	terms     = []string{"steps.facts.people", "system.tier", "250000", `"high"`, "now", "run.by", "has(steps.facts.harms)", `"bias" in steps.facts.harms`, "system.owner", "months(now, 6)", "size(steps.facts.harms)", `holds(run.by, "ai-ethics-officer")`}
	operators = []string{" > ", " == ", " && ", " + ", " / ", " in "}
	users     = []string{"", "aims@", "aims:made-up@", "aims:made%40up@", ":made-up@"}
	hosts     = []string{"localhost", "127.0.0.1", "[::1]", "db.example.com", "a.example.com,127.0.0.1"}
	modes     = []string{"", "?sslmode=disable", "?sslmode=require", "?sslmode=verify-full", "?sslmode=prefer&password=made-up"}
)

// product writes every combination of its parts, which are texts or lists.
func product(parts ...any) []string {
	out := []string{""}
	for _, p := range parts {
		list, ok := p.([]string)
		if !ok {
			list = []string{p.(string)}
		}
		var next []string
		for _, have := range out {
			for _, s := range list {
				next = append(next, have+s)
			}
		}
		out = next
	}
	return out
}

func texts(lists ...[]string) []corpustest.File {
	var out []corpustest.File
	for _, list := range lists {
		for _, s := range list {
			out = append(out, corpustest.File{Body: []byte(s)})
		}
	}
	return out
}

// yamls reads the YAML files at and below paths, by name.
func yamls(t *testing.T, paths ...string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, root := range paths {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yaml") {
				return err
			}
			out[path], err = os.ReadFile(path)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func without(files map[string][]byte, word string) map[string][]byte {
	for name := range files {
		if strings.Contains(name, word) {
			delete(files, name)
		}
	}
	return files
}

// expression is a condition, or a value within a text.
var expression = regexp.MustCompile(`(?m)\bwhen: (.+)$|\$\{([^}]+)\}`)

// written are the expressions of files.
func written(files map[string][]byte) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		for _, m := range expression.FindAllSubmatch(files[name], -1) {
			out = append(out, string(m[1])+string(m[2]))
		}
	}
	return out
}

// withEdits are the files, and as many with a slip in one line as fill up the
// corpus, spread over all lines.
func withEdits(files map[string][]byte) []corpustest.File {
	var whole, edited []corpustest.File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		b := files[name]
		whole = append(whole, corpustest.File{Body: b})
		lines := bytes.SplitAfter(b, []byte("\n"))
		for i := range lines {
			for _, slip := range slips(lines[i]) {
				with := bytes.Join([][]byte{bytes.Join(lines[:i], nil), slip, bytes.Join(lines[i+1:], nil)}, nil)
				edited = append(edited, corpustest.File{Body: with})
			}
		}
	}
	n := min(max(most-len(whole), 0), len(edited))
	for i := range n {
		whole = append(whole, edited[i*len(edited)/n])
	}
	return whole
}

// slips are what goes wrong when a line is edited: it is lost, doubled, moved,
// misspelt, or loses its value.
func slips(line []byte) [][]byte {
	if len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	out := [][]byte{nil, bytes.Repeat(line, 2), append([]byte("  "), line...), bytes.Replace(line, []byte("e"), nil, 1)}
	if key, _, ok := bytes.Cut(line, []byte(": ")); ok {
		out = append(out, append(bytes.Clone(key), ":\n"...))
	}
	return out
}
