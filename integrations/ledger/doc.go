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
// # Writes
//
// All writes go through one connection. Writers that wait at the same moment
// share one transaction, each in a savepoint of its own: a refused one takes
// nothing of the others with it, and all pay for one flush to disk.
package ledger
