// Package ledger keeps what a run must not lose in one SQL database: the
// inbox, asks, effects, runs, and the evidence records under a Merkle tree.
//
// # Records
//
// A record is a header and a body. The header is RFC 8785 JSON; the leaf of
// the tree is RFC 6962's, SHA-256(0x00 || header). A body field is not in the
// header; its commitment is:
//
//	SHA-256(salt || uint64be(len(name)) || name || RFC 8785 JSON of the value)
//
// with 32 random bytes of salt and the name in UTF-8, written as lower-case
// hex. Erasing a field removes salt and value; the commitment, and so the
// tree, stays.
//
// Index is dense from 0 over the whole ledger, seq is dense from 1 over the
// records of one run, so that a pack of one run shows whether a record of it
// was left out. The header names people by pseudonym; the body field "actor"
// holds their id and name.
//
// The actors "aimsbot" and "programme" are the bot itself and have no
// pseudonym. The first record of every ledger names its installation and
// verifier key; a changed key is a record too.
//
// # Packs
//
// An evidence pack holds one run: records.jsonl (the stored records with their
// bodies), proofs.jsonl (each record's place in the checkpoint's tree),
// consistency.jsonl (earlier checkpoints as beginnings of that tree),
// checkpoint.txt, key.txt, definition.json, playbook.yaml, documents/<hex>.json
// (what the records' fact "digest" names), index.html and manifest.json. The
// checkpoint is a signed note of the lines origin, size, root, then
// "run <id> <number of records>" and "at <instant>": so nothing can be cut off
// a run's end either. An erased field or document verifies if the record of its
// erasure is there.
//
// # Writes
//
// All writes go through one connection. Writers that wait at the same moment
// share one transaction, each in a savepoint of its own: a refused one takes
// nothing of the others with it, and all pay for one flush to disk.
//
// The database is a SQLite file of one process, or PostgreSQL, where several
// processes may write. There each transaction begins by locking the head row, so
// writers take turns; one that is lost with its connection is run anew, and a
// COMMIT without an answer is read back before anybody is told.
package ledger
