package ledger

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

// FuzzVerify puts any bytes in the place of one file of a good pack. Nothing
// but the file as it was may verify.
func FuzzVerify(f *testing.F) {
	x := export(f)
	whole, key := x.read(f), x.key
	names := append(fixedFiles(), fileManifest)
	for i, name := range names {
		f.Add(uint8(i), whole[name])
	}
	corpustest.Add(f, "files", func(c corpustest.File) []any {
		return []any{uint8(max(slices.Index(names, c.Kind), 0)), c.Body}
	})
	f.Fuzz(func(t *testing.T, file uint8, content []byte) {
		name := names[int(file)%len(names)]
		p := pack{}
		for n, b := range whole {
			p[n] = b
		}
		p[name] = content
		if r := verifyPack(p, nil, VerifyOptions{Key: key}); r.OK && !bytes.Equal(content, whole[name]) {
			t.Errorf("%s verifies as %q", name, content)
		}
	})
}

// FuzzReadZip reads any bytes as a pack.
func FuzzReadZip(f *testing.F) {
	corpustest.Add(f, "packs", corpustest.Bytes)
	x := export(f)
	path := filepath.Join(f.TempDir(), "pack.zip")
	got[Manifest](f)(x.l.Export(f.Context(), "run-1", path))
	f.Add(got[[]byte](f)(os.ReadFile(path)))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, findings, err := readZip(b)
		if err == nil {
			verifyPack(p, findings, VerifyOptions{Self: true})
		}
	})
}

// FuzzCanonical checks that canonical JSON stays as it is and means the same.
func FuzzCanonical(f *testing.F) {
	corpustest.Add(f, "canonical", corpustest.Bytes)
	for _, s := range []string{`{"b":1,"a":[true,null,"<\u2028"]}`, `1e21`, `"\ud83d\ude00"`, `[{"a":{}}]`, `-0`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		once, err := canonicalJSON(b)
		if err != nil {
			return
		}
		if !json.Valid(once) {
			t.Fatalf("%q became %q, which is not JSON", b, once)
		}
		if twice, err := canonicalJSON(once); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%q became %q and then %q, %v", b, once, twice, err)
		}
	})
}

// FuzzCheckpoint reads any text as a checkpoint.
func FuzzCheckpoint(f *testing.F) {
	corpustest.Add(f, "checkpoints", corpustest.Text)
	f.Add(checkpointText("abc", Head{Size: 3, Root: tlog.Hash{}.String()}, []string{"run x 3"}))
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parseCheckpoint(text)
		if err != nil {
			return
		}
		again, err := parseCheckpoint(checkpointText(p.installation, Head{Size: p.size, Root: p.root.String()}, p.lines))
		if err != nil || again.size != p.size || again.root != p.root {
			t.Errorf("%q was read as %+v and back as %+v, %v", text, p, again, err)
		}
	})
}
