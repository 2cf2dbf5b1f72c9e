package ledger

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/aimsbot/aimsbot/activities/port"
)

// decisionKinds begins the kinds of records about what a person decided.
const decisionKinds = "decision."

// checkedRecord is a record whose header could be read.
type checkedRecord struct {
	header Header
	leaf   tlog.Hash
}

// checkRecords checks each record by itself and their order.
func (v *verification) checkRecords() {
	var erased []port.StoredRecord
	lines := 0
	eachLine(v, fileRecords, func(_ int, r port.StoredRecord) {
		lines++
		c, ok := v.checkHeader(r)
		if !ok {
			return
		}
		v.checkOrder(c.header)
		v.checkBody(r, c.header)
		if slices.ContainsFunc(r.Body, func(f port.BodyField) bool { return f.Erased }) {
			erased = append(erased, r)
		}
		if strings.HasPrefix(c.header.Kind, decisionKinds) {
			v.report.Decisions++
		}
		v.records = append(v.records, c)
	})
	v.report.Records = lines
	if lines != v.manifest.Records {
		v.find(fileRecords, "has %d records; the manifest says %d", lines, v.manifest.Records)
	}
	if v.checkpoint != nil && !slices.Contains(v.checkpoint.lines, runLine(v.run, lines)) {
		v.find(fileRecords, "the checkpoint does not state that run %s has %d records: some may have been left out", v.run, lines)
	}
	v.checkErased(erased)
}

// checkHeader checks that the header is canonical, says what the line says,
// and hashes to the leaf.
func (v *verification) checkHeader(r port.StoredRecord) (checkedRecord, bool) {
	var c checkedRecord
	header, err := canonicalJSON(r.Header)
	if err != nil || !bytes.Equal(header, r.Header) {
		v.findRecord(fileRecords, r.Index, "the header is not RFC 8785 JSON")
		return c, false
	}
	if err := strictJSON(header, &c.header); err != nil || c.header.V != headerSchema {
		v.findRecord(fileRecords, r.Index, "the header cannot be read as version %d", headerSchema)
		return c, false
	}
	c.leaf = tlog.RecordHash(header)
	if c.leaf.String() != r.Leaf {
		v.findRecord(fileRecords, r.Index, "the header does not hash to the leaf")
	}
	if c.header.Index != r.Index || c.header.Key != r.Key {
		v.findRecord(fileRecords, r.Index, "index or key differ from the header's (%d, %s)", c.header.Index, c.header.Key)
	}
	return c, true
}

// checkOrder checks that no record of the run is missing or moved.
func (v *verification) checkOrder(h Header) {
	if h.Run != v.run {
		v.findRecord(fileRecords, h.Index, "belongs to run %q", h.Run)
		return
	}
	seq, last := int64(1), int64(-1)
	if n := len(v.records); n > 0 {
		seq, last = v.records[n-1].header.Seq+1, v.records[n-1].header.Index
	}
	if h.Seq != seq {
		v.findRecord(fileRecords, h.Index, "is number %d of the run where number %d is due: a record was left out, doubled or moved", h.Seq, seq)
	}
	if h.Index <= last || v.checkpoint != nil && h.Index >= v.checkpoint.size {
		v.findRecord(fileRecords, h.Index, "the index is out of order")
	}
}

// checkBody compares the body's fields with the header's commitments.
func (v *verification) checkBody(r port.StoredRecord, h Header) {
	seen := map[string]bool{}
	for _, f := range r.Body {
		want, known := h.Body[f.Name]
		if !known || seen[f.Name] {
			v.findRecord(fileRecords, r.Index, "the header knows no body field %q, or the field is there twice", f.Name)
			continue
		}
		seen[f.Name] = true
		if f.Erased {
			if f.Salt != "" || f.Value != nil {
				v.findRecord(fileRecords, r.Index, "body field %q is marked erased and still has content", f.Name)
			}
			v.report.Erased++
			continue
		}
		salt, err := hex.DecodeString(f.Salt)
		if err != nil || len(salt) != saltBytes || hex.EncodeToString(salt) != f.Salt {
			v.findRecord(fileRecords, r.Index, "body field %q has no salt of %d bytes", f.Name, saltBytes)
			continue
		}
		value, err := canonicalJSON(f.Value)
		if err != nil || !bytes.Equal(value, f.Value) || commitment(salt, f.Name, value) != want {
			v.findRecord(fileRecords, r.Index, "body field %q is not what the header commits to", f.Name)
		}
	}
	for name := range h.Body {
		if !seen[name] {
			v.findRecord(fileRecords, r.Index, "body field %q is missing; an erased field would say so", name)
		}
	}
}

// checkErased demands the record of each erasure: else whoever hands a pack on
// could call erased what they dislike.
func (v *verification) checkErased(records []port.StoredRecord) {
	type field struct{ record, name string }
	recorded := map[field]bool{}
	for _, c := range v.records {
		if c.header.Kind == kindErased {
			recorded[field{c.header.Facts[factRecord], c.header.Facts[factField]}] = true
		}
	}
	for _, r := range records {
		for _, f := range r.Body {
			if f.Erased && !recorded[field{strconv.FormatInt(r.Index, 10), f.Name}] {
				v.findRecord(fileRecords, r.Index, "body field %q is erased without a record of the erasure", f.Name)
			}
		}
	}
}

// checkProofs checks that each record is in the checkpoint's tree.
func (v *verification) checkProofs() {
	proofs := map[int64]tlog.RecordProof{}
	known := map[int64]bool{}
	for _, c := range v.records {
		known[c.header.Index] = true
	}
	eachLine(v, fileProofs, func(n int, line proofLine) {
		if _, twice := proofs[line.Index]; twice || !known[line.Index] {
			v.find(fileProofs, "line %d is about record %d, which is not in the pack or has a proof already", n, line.Index)
			return
		}
		proofs[line.Index] = line.Proof
	})
	if v.checkpoint == nil {
		return
	}
	for _, c := range v.records {
		proof, ok := proofs[c.header.Index]
		if !ok {
			v.findRecord(fileProofs, c.header.Index, "has no proof")
			continue
		}
		index := c.header.Index
		if index < 0 || index >= v.checkpoint.size {
			continue // said by checkOrder
		}
		if err := tlog.CheckRecord(proof, v.checkpoint.size, v.checkpoint.root, index, c.leaf); err != nil {
			v.findRecord(fileProofs, index, "is not in the checkpoint's tree: %v", err)
		}
	}
}

// checkDefinition checks the Definition's digest, that a record of the run
// names it, and that the playbook is its source.
func (v *verification) checkDefinition() {
	var d struct {
		Digest   string `json:"digest"`
		Source   string `json:"source"`
		Playbook struct {
			Name string `json:"playbook"`
		} `json:"playbook"`
	}
	fields := map[string]json.RawMessage{}
	b := v.pack[fileDefinition]
	canon, err := canonicalJSON(b)
	if err == nil {
		err = json.Unmarshal(canon, &d)
	}
	if err == nil {
		err = json.Unmarshal(canon, &fields)
	}
	if err != nil {
		v.find(fileDefinition, "cannot be read: %v", err)
		return
	}
	v.report.Definition = d.Digest
	delete(fields, "digest")
	if body, err := canonical(fields); err != nil || digestOf(body) != d.Digest || !bytes.Equal(canon, b) {
		v.find(fileDefinition, "the content does not have the digest %s", d.Digest)
	}
	if !slices.ContainsFunc(v.records, func(c checkedRecord) bool { return c.header.Facts[factDefinition] == d.Digest }) {
		v.find(fileDefinition, "no record says that the run is pinned to the digest %s", d.Digest)
	}
	if d.Source != string(v.pack[filePlaybook]) {
		v.find(filePlaybook, "is not the source in %s", fileDefinition)
	}
	if d.Playbook.Name != v.manifest.Playbook {
		v.find(fileManifest, "the playbook is %q; the definition says %q", v.manifest.Playbook, d.Playbook.Name)
	}
}

// checkDocuments checks the digests of documents, that each belongs to a
// record, and that what people decided about is there or recorded as erased.
func (v *verification) checkDocuments() {
	named, erased := map[string]bool{}, map[string]bool{}
	for _, c := range v.records {
		if c.header.Kind == kindErased {
			erased[c.header.Facts[factDocument]] = true
		}
	}
	for _, c := range v.records {
		digest, ok := c.header.document()
		if !ok {
			continue
		}
		named[digest] = true
		file := documentPath(digest)
		if _, ok := v.pack[file]; !ok && !erased[digest] && strings.HasPrefix(c.header.Kind, decisionKinds) {
			v.findRecord(file, c.header.Index, "is about this document, which is missing")
		}
	}
	for _, file := range slices.Sorted(maps.Keys(v.pack)) {
		b := v.pack[file]
		m := documentFile.FindStringSubmatch(file)
		if m == nil {
			continue
		}
		v.report.Documents++
		if digestOf(b) != digestPrefix+m[1] {
			v.find(file, "the content has the digest %s", digestOf(b))
		}
		if !named[digestPrefix+m[1]] {
			v.find(file, "no record names this document")
		}
	}
}
