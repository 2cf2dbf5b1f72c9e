-- Instants are nanoseconds since 1970-01-01 UTC, 0 meaning none; digests and
-- salts are text. Only this folder knows SQLite's column types: INTEGER PRIMARY
-- KEY is the table's own order and needs no index beside it, BIGINT would.

-- +goose Up
CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- One row. Every write transaction locks it first, so that indexes and inbox
-- ids are dense in commit order.
CREATE TABLE head (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  size       BIGINT NOT NULL, -- records in the ledger; the next record's index
  next_inbox BIGINT NOT NULL
);
INSERT INTO head (one, size, next_inbox) VALUES (1, 0, 1);

CREATE TABLE organisations (
  version        INTEGER PRIMARY KEY, -- from 1
  digest         TEXT   NOT NULL,
  effective_from BIGINT NOT NULL,
  body           TEXT   NOT NULL
);
CREATE INDEX organisations_by_time ON organisations (effective_from, version);

CREATE TABLE documents (
  digest TEXT PRIMARY KEY, -- "sha256:" and hex over body
  body   TEXT NOT NULL
);

CREATE TABLE definitions (
  id   TEXT PRIMARY KEY, -- SHA-256 over body
  body TEXT NOT NULL
);

CREATE TABLE runs (
  id          TEXT PRIMARY KEY,
  workflow_id TEXT   NOT NULL UNIQUE,
  playbook    TEXT   NOT NULL,
  subject_id  TEXT   NOT NULL,
  subject     TEXT   NOT NULL,
  started_by  TEXT   NOT NULL,
  door        TEXT   NOT NULL,
  input       TEXT   NOT NULL,
  occurrence  TEXT   NOT NULL,
  definition  TEXT   NOT NULL REFERENCES definitions (id),
  started_at  BIGINT NOT NULL,
  state       TEXT   NOT NULL,
  outcome     TEXT   NOT NULL DEFAULT '',
  closed_at   BIGINT NOT NULL DEFAULT 0,
  view        TEXT   NOT NULL
);
CREATE UNIQUE INDEX runs_one_open ON runs (playbook, subject_id) WHERE state IN ('starting', 'open');
CREATE INDEX runs_by_time ON runs (started_at, id);

CREATE TABLE occurrences (
  id       TEXT PRIMARY KEY,
  playbook TEXT   NOT NULL,
  subject  TEXT   NOT NULL,
  due      BIGINT NOT NULL,
  state    TEXT   NOT NULL,
  reason   TEXT   NOT NULL,
  run      TEXT   NOT NULL
);
CREATE INDEX occurrences_by_due ON occurrences (playbook, subject, due);

CREATE TABLE asks (
  token         TEXT PRIMARY KEY,
  run           TEXT    NOT NULL,
  step          TEXT    NOT NULL,
  item          TEXT    NOT NULL,
  round         INTEGER NOT NULL,
  version       INTEGER NOT NULL,
  kind          TEXT    NOT NULL,
  state         TEXT    NOT NULL,
  state_version INTEGER NOT NULL,
  opened_at     BIGINT  NOT NULL,
  closed_at     BIGINT  NOT NULL,
  body          TEXT    NOT NULL,
  UNIQUE (run, step, item, round, version)
);

CREATE TABLE inbox (
  id           INTEGER PRIMARY KEY,
  decision_id  TEXT   NOT NULL UNIQUE,
  delivery_key TEXT   NOT NULL UNIQUE,
  kind         TEXT   NOT NULL,
  token        TEXT   NOT NULL,
  run          TEXT   NOT NULL,
  action       TEXT   NOT NULL,
  person       TEXT   NOT NULL,
  answers      TEXT   NOT NULL,
  origin       TEXT   NOT NULL,
  received_at  BIGINT NOT NULL,
  verdict      TEXT
);
CREATE INDEX inbox_by_run ON inbox (run, id);
CREATE INDEX inbox_unsettled ON inbox (id) WHERE verdict IS NULL;

CREATE TABLE effects (
  seq           INTEGER PRIMARY KEY AUTOINCREMENT, -- order of intention
  key           TEXT    NOT NULL UNIQUE,
  run           TEXT    NOT NULL,
  step          TEXT    NOT NULL,
  item          TEXT    NOT NULL,
  round         INTEGER NOT NULL,
  purpose       TEXT    NOT NULL,
  addressee     TEXT    NOT NULL,
  n             INTEGER NOT NULL,
  kind          TEXT    NOT NULL,
  token         TEXT    NOT NULL,
  of_key        TEXT    NOT NULL,
  body          TEXT    NOT NULL,
  state         TEXT    NOT NULL,
  claimed_until BIGINT  NOT NULL,
  not_before    BIGINT  NOT NULL,
  attempts      INTEGER NOT NULL,
  last_error    TEXT    NOT NULL,
  outcome       TEXT    NOT NULL,
  issue_id      TEXT    NOT NULL, -- of the outcome, to be found by
  intended_at   BIGINT  NOT NULL
);
CREATE INDEX effects_by_run ON effects (run, seq);
CREATE INDEX effects_by_token ON effects (token) WHERE token <> '';
CREATE INDEX effects_by_issue ON effects (issue_id) WHERE issue_id <> '';

CREATE TABLE records (
  idx    INTEGER PRIMARY KEY, -- dense, from 0
  key    TEXT   NOT NULL UNIQUE,
  run    TEXT   NOT NULL,
  seq    BIGINT NOT NULL,    -- dense within the run, from 1
  kind   TEXT   NOT NULL,
  header TEXT   NOT NULL,
  leaf   TEXT   NOT NULL,
  UNIQUE (run, seq)
);

CREATE TABLE bodies (
  idx   BIGINT NOT NULL REFERENCES records (idx),
  name  TEXT   NOT NULL,
  salt  TEXT, -- both NULL once erased
  value TEXT,
  PRIMARY KEY (idx, name)
) WITHOUT ROWID;

CREATE TABLE hashes (
  id   INTEGER PRIMARY KEY, -- stored hash index of RFC 6962 trees as tlog numbers them
  hash TEXT NOT NULL
);

CREATE TABLE checkpoints (
  size BIGINT NOT NULL,
  at   BIGINT NOT NULL,
  root TEXT   NOT NULL,
  note TEXT   NOT NULL PRIMARY KEY
);
CREATE INDEX checkpoints_by_size ON checkpoints (size);

CREATE TABLE pseudonyms (
  person    TEXT PRIMARY KEY,
  pseudonym TEXT NOT NULL UNIQUE
);
