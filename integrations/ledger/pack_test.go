package ledger

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
)

// exported is a ledger with one run, its pack as a folder, and what an auditor
// has from elsewhere.
type exported struct {
	l          *Ledger
	dir        string
	key        string
	checkpoint Checkpoint // signed before the run's end
	decision   int64      // index of a decision's record
}

func export(t testing.TB) exported {
	t.Helper()
	x := exported{l: openSQLite(t, Options{})}
	got[bool](t)(x.l.PutOrganisation(t.Context(), organisation(t, "ethan"), noon))
	createRun(t, x.l, "run-1", "cv-screener")
	createRun(t, x.l, "run-2", "chatbot")
	doc := json.RawMessage(`{"run":"run-1","steps":[{"fields":[{"text":"<script>alert(1)</script>"}],"step":"sign_off"}]}`)
	digest := digestOf(doc)
	for i, kind := range []string{"decision.refused", "decision.accepted"} {
		r := record("run-1", kind, kind)
		r.Role, r.Header = "ai-ethics-officer", map[string]string{"digest": digest, "choice": "approve"}
		r.Body = map[string]any{"reason": "<script>alert(2)</script>", "answers": map[string]any{"people": 250000, "ok": true, "none": nil}}
		must(t, x.l.Commit(t.Context(), port.Batch{Documents: map[string]json.RawMessage{digest: doc}, Records: []port.Record{r, record("run-2", "other", kind)}}))
		if i == 0 {
			x.checkpoint = got[Checkpoint](t)(x.l.Checkpoint(t.Context()))
		}
	}
	recs := got[[]port.StoredRecord](t)(x.l.RecordsOf(t.Context(), "run-1"))
	x.decision = recs[len(recs)-1].Index
	must(t, x.l.Commit(t.Context(), port.Batch{Run: "run-1", Close: &port.RunClose{Outcome: "approved", At: noon}, Records: []port.Record{record("run-1", "run.ended", "")}}))
	x.key = got[string](t)(x.l.VerifierKey())
	x.dir = filepath.Join(t.TempDir(), "pack")
	got[Manifest](t)(x.l.Export(t.Context(), "run-1", x.dir))
	return x
}

func (x exported) read(t testing.TB) pack {
	t.Helper()
	p, findings, err := readPack(x.dir)
	must(t, err)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return p
}

func TestVerifyWhoSigned(t *testing.T) {
	t.Parallel()
	x := export(t)
	other := got[string](t)(testKey(9).verifierKey(keyName(x.l.Installation())))
	now := got[Checkpoint](t)(x.l.Checkpoint(t.Context()))
	must(t, x.l.Commit(t.Context(), port.Batch{Records: []port.Record{record("run-2", "later", "")}}))
	later := got[Checkpoint](t)(x.l.Checkpoint(t.Context()))
	forged := strings.Replace(x.checkpoint.Note, x.checkpoint.Root, now.Root, 1)
	foreign := strings.Replace(now.Note, x.l.Installation(), strings.Repeat("a", 26), 1)
	tests := []struct {
		name    string
		opts    VerifyOptions
		ok      bool
		verdict string
	}{
		{"nothing", VerifyOptions{}, false, "consistent, signer unproven"},
		{"self", VerifyOptions{Self: true}, true, "consistent, signer unproven"},
		{"key", VerifyOptions{Key: x.key + "\n"}, true, "consistent, signer proven"},
		{"another key", VerifyOptions{Key: other}, false, "not consistent: checkpoint.txt: not signed by"},
		{"another key and self", VerifyOptions{Key: other, Self: true}, false, "not consistent"},
		{"earlier checkpoint", VerifyOptions{Checkpoint: x.checkpoint.Note}, true, "consistent, signer proven"},
		{"same size", VerifyOptions{Checkpoint: now.Note}, true, "consistent, signer proven"},
		{"later checkpoint", VerifyOptions{Checkpoint: later.Note}, false, "not consistent: consistency.jsonl: the pack has no proof"},
		{"rewritten", VerifyOptions{Checkpoint: forged}, false, "one of the two was rewritten"},
		{"foreign", VerifyOptions{Checkpoint: foreign}, false, "the checkpoint given is of installation"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := got[Report](t)(Verify(x.dir, tt.opts))
			if r.OK != tt.ok || !strings.Contains(r.Verdict, tt.verdict) {
				t.Errorf("ok %v: %s\n%v", r.OK, r.Verdict, r.Findings)
			}
			if r.Records != 4 || r.Decisions != 2 || r.Documents != 1 || r.Run != "run-1" || r.Playbook != "impact-assessment" {
				t.Errorf("report: %+v", r)
			}
		})
	}
	for _, opts := range []VerifyOptions{{Key: "nonsense"}, {Checkpoint: "nonsense"}} {
		if _, err := Verify(x.dir, opts); err == nil {
			t.Errorf("%+v was taken", opts)
		}
	}
}

// TestVerifyFlippedByte changes each byte of each file in turn: every change
// must be found, and the file named.
func TestVerifyFlippedByte(t *testing.T) {
	t.Parallel()
	x := export(t)
	whole := x.read(t)
	for name, content := range whole {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			step := max(1, len(content)/200)
			for at := 0; at < len(content); at += step {
				p := maps.Clone(whole)
				p[name] = slices.Clone(content)
				p[name][at] ^= 1
				r := verifyPack(p, nil, VerifyOptions{Key: x.key})
				if r.OK || !strings.Contains(allFindings(r), name) {
					t.Fatalf("byte %d of %d flipped: %s\n%s", at, len(content), r.Verdict, allFindings(r))
				}
			}
		})
		if name != fileManifest {
			p := maps.Clone(whole)
			delete(p, name)
			if r := verifyPack(p, nil, VerifyOptions{Key: x.key}); r.OK || !strings.Contains(allFindings(r), name+": ") {
				t.Errorf("without %s: %s", name, r.Verdict)
			}
		}
	}
}

func allFindings(r Report) string {
	var b strings.Builder
	for _, f := range r.Findings {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}

// resealed lists the files anew in the manifest, as somebody would who changes
// a pack on purpose.
func resealed(t *testing.T, p pack, records int) pack {
	t.Helper()
	var m Manifest
	must(t, json.Unmarshal(p[fileManifest], &m))
	m.Files, m.Records = map[string]string{}, records
	for name, b := range p {
		if name != fileManifest {
			m.Files[name] = digestOf(b)
		}
	}
	p[fileManifest] = got[[]byte](t)(canonical(m))
	return p
}

func lines(b []byte) [][]byte { return slices.Collect(bytes.Lines(b)) }

func TestVerifyForgery(t *testing.T) {
	t.Parallel()
	x := export(t)
	whole := x.read(t)
	replace := func(file, old, by string) func(p pack) int {
		return func(p pack) int {
			if !bytes.Contains(p[file], []byte(old)) {
				t.Errorf("%s has no %q", file, old)
			}
			p[file] = bytes.Replace(p[file], []byte(old), []byte(by), 1)
			return 4
		}
	}
	cut := func(from, to int) func(p pack) int {
		return func(p pack) int {
			p[fileRecords] = bytes.Join(slices.Delete(lines(p[fileRecords]), from, to), nil)
			p[fileProofs] = bytes.Join(slices.Delete(lines(p[fileProofs]), from, to), nil)
			return 4 - (to - from)
		}
	}
	tests := []struct {
		name   string
		change func(p pack) int // returns how many records the manifest shall say
		want   string
	}{
		{"body value", replace(fileRecords, `250000`, `12`), "record 4: body field \"answers\" is not what the header commits to"},
		{"body field renamed", replace(fileRecords, `"name":"reason"`, `"name":"cause"`), "the header knows no body field \"cause\""},
		{"called erased", func(p pack) int {
			all := lines(p[fileRecords])
			var r port.StoredRecord
			must(t, json.Unmarshal(all[1], &r))
			r.Body[2] = port.BodyField{Name: r.Body[2].Name, Erased: true}
			all[1] = got[[]byte](t)(jsonLines([]port.StoredRecord{r}))
			p[fileRecords] = bytes.Join(all, nil)
			return 4
		}, `body field "reason" is erased without a record of the erasure`},
		{"header fact", replace(fileRecords, `"choice":"approve"`, `"choice":"rejected"`), "the header does not hash to the leaf"},
		{"first record left out", cut(0, 1), "is number 2 of the run where number 1 is due"},
		{"record left out", cut(1, 2), "is number 3 of the run where number 2 is due"},
		{"last record left out", cut(3, 4), "the checkpoint does not state that run run-1 has 3 records"},
		{"records swapped", func(p pack) int {
			all := lines(p[fileRecords])
			all[1], all[2] = all[2], all[1]
			p[fileRecords] = bytes.Join(all, nil)
			return 4
		}, "is number 3 of the run where number 2 is due"},
		{"document replaced", func(p pack) int {
			for name := range p {
				if documentFile.MatchString(name) {
					p[name] = []byte(`{"scope":{"people":"few"}}`)
				}
			}
			return 4
		}, "the content has the digest"},
		{"document renamed with it", func(p pack) int {
			maps.DeleteFunc(p, func(name string, _ []byte) bool { return documentFile.MatchString(name) })
			doc := []byte(`{"scope":{"people":"few"}}`)
			p[documentPath(digestOf(doc))] = doc
			return 4
		}, "is about this document, which is missing"},
		{"definition", replace(fileDefinition, `"subject":"system"`, `"subject":"person"`), "the content does not have the digest"},
		{"playbook source", replace(filePlaybook, "<Impact>", "<Other>"), "is not the source in definition.json"},
		{"root", replace(fileCheckpoint, "\n", "x\n"), "checkpoint.txt"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := maps.Clone(whole)
			p = resealed(t, p, tt.change(p))
			r := verifyPack(p, nil, VerifyOptions{Key: x.key})
			if r.OK || !strings.Contains(allFindings(r), tt.want) {
				t.Errorf("want %q, got:\n%s", tt.want, allFindings(r))
			}
		})
	}
}

func TestVerifyErased(t *testing.T) {
	t.Parallel()
	x := export(t)
	done := got[Erased](t)(x.l.Erase(t.Context(), Erasure{Run: "run-1", Steps: []string{"sign_off"}, By: "max", Role: "aims-manager", Reason: "asked by the person"}))
	path := filepath.Join(t.TempDir(), "pack.zip")
	got[Manifest](t)(x.l.Export(t.Context(), "run-1", path))
	r := got[Report](t)(Verify(path, VerifyOptions{Key: x.key}))
	if !r.OK || r.Erased != done.Fields || done.Fields == 0 || r.Records != 4+done.Fields+done.Documents {
		t.Errorf("erased %+v, report: %+v", done, r)
	}
	raw := got[[]byte](t)(os.ReadFile(path))
	if _, err := x.l.Export(t.Context(), "run-1", path); err == nil || !bytes.Equal(raw, got[[]byte](t)(os.ReadFile(path))) {
		t.Error("an export wrote over what was there")
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	x := export(t)
	page := string(x.read(t)[filePage])
	for _, want := range []string{"AI system impact assessment", "CV screener", "Ethan &lt;b&gt;Eames", "&lt;script&gt;alert(1)", "&lt;script&gt;alert(2)", "approve", "ai-ethics-officer", "Refused: it does not count", "people: 250000"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, never := range []string{"<script", "http://", "https://", "src="} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %q", never)
		}
	}
}

func TestReadPackHostile(t *testing.T) {
	t.Parallel()
	zipped := func(names ...string) []byte {
		var buf bytes.Buffer
		z := zip.NewWriter(&buf)
		for _, n := range names {
			w, err := z.Create(n)
			must(t, err)
			_, err = w.Write([]byte("x"))
			must(t, err)
		}
		must(t, z.Close())
		return buf.Bytes()
	}
	bomb := func() []byte {
		var buf bytes.Buffer
		z := zip.NewWriter(&buf)
		w, err := z.Create(fileRecords)
		must(t, err)
		_, err = w.Write(make([]byte, packFileBytes+1))
		must(t, err)
		must(t, z.Close())
		return buf.Bytes()
	}
	for _, name := range []string{"../records.jsonl", "/records.jsonl", "documents/../records.jsonl", "documents/x.json", `documents\x`, "other.txt"} {
		p, findings, err := readZip(zipped(fileKey, name))
		if err != nil || len(p) != 1 || len(findings) != 1 || findings[0].File != name {
			t.Errorf("%s: %v %v %v", name, p, findings, err)
		}
	}
	if p, findings, err := readZip(zipped(fileKey, fileKey)); err != nil || len(p) != 1 || len(findings) != 1 {
		t.Errorf("a name twice: %v %v %v", p, findings, err)
	}
	if _, _, err := readZip(bomb()); err == nil || !strings.Contains(err.Error(), "64 MiB") {
		t.Errorf("a zip bomb: %v", err)
	}
	many := make([]string, packFiles+1)
	for i := range many {
		many[i] = "x"
	}
	if _, _, err := readZip(zipped(many...)); err == nil || !strings.Contains(err.Error(), "5000 files") {
		t.Errorf("many files: %v", err)
	}
	dir := t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(secret, []byte("x"), 0o600))
	must(t, os.Symlink(secret, filepath.Join(dir, fileKey)))
	must(t, os.Symlink(filepath.Dir(secret), filepath.Join(dir, folderDocuments)))
	if p, findings, err := readPack(dir); err != nil || len(p) != 0 || len(findings) != 2 {
		t.Errorf("links were followed: %v %v %v", p, findings, err)
	}
}
