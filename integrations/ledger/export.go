package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// The name and number of the pack's form.
const (
	packFormat  = "aimsbot-evidence-pack"
	packVersion = 1
)

// Manifest lists a pack's files and says what it is about.
type Manifest struct {
	Format       string            `json:"format"`
	Version      int               `json:"version"`
	Installation string            `json:"installation"`
	Run          string            `json:"run"`
	Playbook     string            `json:"playbook"`
	Records      int               `json:"records"`
	Size         int64             `json:"size"` // of the ledger at the checkpoint
	Root         string            `json:"root"`
	Files        map[string]string `json:"files"` // name -> digest; the manifest itself is not listed
}

// proofLine shows that a record is in the checkpoint's tree.
type proofLine struct {
	Index int64            `json:"index"`
	Proof tlog.RecordProof `json:"proof"`
}

// consistencyLine shows that an earlier checkpoint is a beginning of the
// pack's.
type consistencyLine struct {
	Size  int64          `json:"size"`
	Root  string         `json:"root"`
	Proof tlog.TreeProof `json:"proof"`
}

// consistencyMax is how many earlier checkpoints a pack is tied to: the newest
// ones, three years of one a day.
const consistencyMax = 1100

// contents is what a pack is made from.
type contents struct {
	run           port.RunRow
	definition    playbooks.Definition
	rawDefinition json.RawMessage
	records       []port.StoredRecord
	headers       []Header
	documents     map[string]json.RawMessage
	checkpoint    Checkpoint
	proofs        []proofLine
	consistency   []consistencyLine
	key           string
}

// Export writes the evidence of a run as a folder at path, or as one file when
// path ends in .zip. Nothing may be there yet. The pack's checkpoint is signed
// for it and states how many records of the run there are.
func (l *Ledger) Export(ctx context.Context, run, path string) (Manifest, error) {
	c, err := l.contents(ctx, run)
	if err != nil {
		return Manifest{}, fmt.Errorf("export run %s: %w", run, err)
	}
	p, m, err := c.pack(l.installation)
	if err == nil {
		err = writePack(path, p)
	}
	if err != nil {
		return Manifest{}, fmt.Errorf("export run %s: %w", run, err)
	}
	return m, nil
}

// contents reads all of a pack in one transaction, so that records, bodies and
// tree agree while others write.
func (l *Ledger) contents(ctx context.Context, run string) (contents, error) {
	var c contents
	tx, err := l.db.BeginTx(ctx, l.dialect.snapshot())
	if err != nil {
		return c, fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it only read
	if c.key, err = l.VerifierKey(); err != nil {
		return c, err
	}
	if c.run, err = l.runOf(ctx, tx, run); err != nil {
		return c, err
	}
	if c.rawDefinition, c.definition, err = definitionOf(ctx, tx, run); err != nil {
		return c, err
	}
	if c.records, err = recordsOf(ctx, tx, run); err != nil {
		return c, err
	}
	head, err := headOf(ctx, tx)
	if err != nil {
		return c, err
	}
	c.checkpoint, err = l.sign(head, runLine(run, len(c.records)), "at "+l.opts.Now().UTC().Format(time.RFC3339))
	if err != nil {
		return c, err
	}
	return c, firstError(
		func() error { return c.readDocuments(ctx, tx) },
		func() error { return c.prove(ctx, tx) },
		func() error { return c.proveEarlier(ctx, tx) },
	)
}

// runLine is the signed statement of how many records a run has.
func runLine(run string, records int) string { return "run " + run + " " + strconv.Itoa(records) }

// readDocuments reads the evidence documents that records name.
func (c *contents) readDocuments(ctx context.Context, q querier) error {
	c.documents = map[string]json.RawMessage{}
	for _, r := range c.records {
		var h Header
		if err := json.Unmarshal(r.Header, &h); err != nil {
			return fmt.Errorf("header of record %d: %w", r.Index, err)
		}
		c.headers = append(c.headers, h)
		digest, ok := h.document()
		if !ok || c.documents[digest] != nil {
			continue
		}
		doc, err := documentOf(ctx, q, digest)
		if errors.Is(err, port.ErrNotFound) {
			continue // Verify names it where a decision needs it
		}
		if err != nil {
			return fmt.Errorf("record %d: %w", r.Index, err)
		}
		c.documents[digest] = doc
	}
	return nil
}

func (c *contents) prove(ctx context.Context, q querier) error {
	hashes := hashesFrom(ctx, q)
	for _, r := range c.records {
		p, err := tlog.ProveRecord(c.checkpoint.Size, r.Index, hashes)
		if err != nil {
			return fmt.Errorf("prove record %d: %w", r.Index, err)
		}
		c.proofs = append(c.proofs, proofLine{Index: r.Index, Proof: nonNil(p)})
	}
	return nil
}

func (c *contents) proveEarlier(ctx context.Context, q querier) error {
	scan := func(rows *sql.Rows) (consistencyLine, error) {
		var line consistencyLine
		err := rows.Scan(&line.Size, &line.Root)
		return line, err //nolint:wrapcheck // collect wraps it
	}
	lines, err := collect(ctx, q, scan, "SELECT DISTINCT size, root FROM checkpoints WHERE size BETWEEN 1 AND $1 ORDER BY size DESC LIMIT $2", c.checkpoint.Size, consistencyMax)
	if err != nil {
		return fmt.Errorf("read checkpoints: %w", err)
	}
	slices.Reverse(lines)
	for i := range lines {
		p, err := tlog.ProveTree(c.checkpoint.Size, lines[i].Size, hashesFrom(ctx, q))
		if err != nil {
			return fmt.Errorf("prove checkpoint %d: %w", lines[i].Size, err)
		}
		lines[i].Proof = nonNil(p)
	}
	c.consistency = lines
	return nil
}

// nonNil makes an empty proof print as [], which reads back the same.
func nonNil[P ~[]tlog.Hash](p P) P {
	if p == nil {
		return P{}
	}
	return p
}

// pack lays the contents out as files.
func (c *contents) pack(installation string) (pack, Manifest, error) {
	p := pack{
		fileCheckpoint: []byte(c.checkpoint.Note),
		fileKey:        []byte(c.key + "\n"),
		fileDefinition: c.rawDefinition,
		filePlaybook:   []byte(c.definition.Source),
	}
	for digest, doc := range c.documents {
		p[documentPath(digest)] = doc
	}
	err := firstError(
		func() (err error) { p[fileRecords], err = jsonLines(c.records); return err },
		func() (err error) { p[fileProofs], err = jsonLines(c.proofs); return err },
		func() (err error) { p[fileConsistency], err = jsonLines(c.consistency); return err },
		func() (err error) { p[filePage], err = c.page(); return err },
	)
	if err != nil {
		return nil, Manifest{}, err
	}
	m := Manifest{
		Format: packFormat, Version: packVersion, Installation: installation, Run: c.run.ID, Playbook: c.run.Playbook,
		Records: len(c.records), Size: c.checkpoint.Size, Root: c.checkpoint.Root, Files: map[string]string{},
	}
	for name, b := range p {
		m.Files[name] = digestOf(b)
	}
	p[fileManifest], err = canonical(m)
	return p, m, err
}

// jsonLines writes one value a line.
func jsonLines[T any](values []T) ([]byte, error) {
	var buf bytes.Buffer
	for _, v := range values {
		line, err := toJSON(v)
		if err != nil {
			return nil, err
		}
		buf.WriteString(line)
		buf.WriteByte('\n')
	}
	return buf.Bytes(), nil
}
