package ledger

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Head is how far the ledger has grown: a small witness of all before it.
type Head struct {
	Size int64  // records
	Root string // RFC 6962 root over them, base64; that of no records for size 0
}

// Checkpoint is a signed Head.
type Checkpoint struct {
	Head
	Note string // the signed note as text
}

// hashesFrom reads stored hashes for tlog.
func hashesFrom(ctx context.Context, q querier) tlog.HashReader {
	return tlog.HashReaderFunc(func(ids []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(ids))
		for i, id := range ids {
			var text string
			err := q.QueryRowContext(ctx, "SELECT hash FROM hashes WHERE id = $1", id).Scan(&text)
			if err == nil {
				out[i], err = tlog.ParseHash(text)
			}
			if err != nil {
				return nil, fmt.Errorf("read stored hash %d: %w", id, err)
			}
		}
		return out, nil
	})
}

// storeHashes writes the tree hashes that a new leaf completes.
func storeHashes(ctx context.Context, tx *sql.Tx, index int64, leaf tlog.Hash) error {
	hashes, err := tlog.StoredHashesForRecordHash(index, leaf, hashesFrom(ctx, tx))
	if err != nil {
		return fmt.Errorf("compute tree hashes: %w", err)
	}
	id := tlog.StoredHashIndex(0, index)
	for i, h := range hashes {
		if _, err := tx.ExecContext(ctx, "INSERT INTO hashes (id, hash) VALUES ($1, $2)", id+int64(i), h.String()); err != nil {
			return fmt.Errorf("write tree hash: %w", err)
		}
	}
	return nil
}

// Head returns the size and root now.
func (l *Ledger) Head(ctx context.Context) (Head, error) { return headOf(ctx, l.db) }

// headOf needs no transaction: the hashes of a size once read never change.
func headOf(ctx context.Context, q querier) (Head, error) {
	size, err := sizeOf(ctx, q)
	if err != nil {
		return Head{}, err
	}
	root, err := tlog.TreeHash(size, hashesFrom(ctx, q))
	if err != nil {
		return Head{}, fmt.Errorf("compute the root: %w", err)
	}
	return Head{Size: size, Root: root.String()}, nil
}

// VerifierKey is the printable public key with which checkpoints are checked;
// hand it to auditors on another way than the packs.
func (l *Ledger) VerifierKey() (string, error) {
	return l.opts.Key.verifierKey(keyName(l.installation))
}

// Checkpoint signs and keeps the head as it is now. The same head again
// returns what was signed before.
func (l *Ledger) Checkpoint(ctx context.Context) (Checkpoint, error) {
	var c Checkpoint
	err := l.writer.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		head, err := headOf(ctx, tx)
		if err != nil {
			return err
		}
		if c, err = l.sign(head); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO checkpoints (size, at, root, note) VALUES ($1, $2, $3, $4) ON CONFLICT (note) DO NOTHING",
			head.Size, nanos(l.opts.Now()), head.Root, c.Note)
		if err != nil {
			return fmt.Errorf("keep the checkpoint: %w", err)
		}
		return nil
	})
	if err != nil {
		return Checkpoint{}, fmt.Errorf("sign a checkpoint: %w", err)
	}
	return c, nil
}

// sign signs a head; further lines state more under the same signature.
func (l *Ledger) sign(head Head, lines ...string) (Checkpoint, error) {
	s, err := l.opts.Key.signer(keyName(l.installation))
	if err != nil {
		return Checkpoint{}, err
	}
	text := checkpointText(l.installation, head, lines)
	signed, err := note.Sign(&note.Note{Text: text}, s)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("sign: %w", err)
	}
	return Checkpoint{Head: head, Note: string(signed)}, nil
}

// originPrefix begins the first line of every checkpoint; the installation's
// id follows.
const originPrefix = "aimsbot/ledger/"

// checkpointText is the checkpoint form of transparency logs: origin, size,
// root, then lines of our own.
func checkpointText(installation string, head Head, lines []string) string {
	all := append([]string{originPrefix + installation, strconv.FormatInt(head.Size, 10), head.Root}, lines...)
	return strings.Join(all, "\n") + "\n"
}

var errCheckpoint = errors.New("not a checkpoint: it has the lines " + originPrefix + "<installation>, size and root")

// parsedCheckpoint is a checkpoint's text in parts. No signature is checked.
type parsedCheckpoint struct {
	installation string
	size         int64
	root         tlog.Hash
	lines        []string // our own lines after the root
}

func parseCheckpoint(text string) (parsedCheckpoint, error) {
	text, _, _ = strings.Cut(text, "\n\n") // signatures follow the empty line
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 3 {
		return parsedCheckpoint{}, errCheckpoint
	}
	p := parsedCheckpoint{lines: lines[3:]}
	var ok bool
	if p.installation, ok = strings.CutPrefix(lines[0], originPrefix); !ok {
		return parsedCheckpoint{}, errCheckpoint
	}
	var err error
	p.size, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || p.size < 0 || strconv.FormatInt(p.size, 10) != lines[1] {
		return parsedCheckpoint{}, errCheckpoint
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return parsedCheckpoint{}, errCheckpoint
	}
	p.root = tlog.Hash(root)
	return p, nil
}
