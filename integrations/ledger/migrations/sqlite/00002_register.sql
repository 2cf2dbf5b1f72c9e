-- +goose Up
-- What runs decided about subjects. A row is never changed: the newest by
-- from_at, seq is the value, and the others say what it was when.
CREATE TABLE register (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT, -- order of writing
  kind    TEXT    NOT NULL, -- of the subject
  subject TEXT    NOT NULL,
  field   TEXT    NOT NULL,
  value   TEXT    NOT NULL, -- RFC 8785 JSON, of a list all of it
  before  TEXT    NOT NULL, -- the value it took the place of; '' = none
  from_at BIGINT  NOT NULL,
  run     TEXT    NOT NULL,
  step    TEXT    NOT NULL,
  item    TEXT    NOT NULL,
  round   INTEGER NOT NULL,
  record  TEXT    NOT NULL, -- key of the record that says so
  UNIQUE (record, kind, subject, field)
);
CREATE INDEX register_by_field ON register (kind, subject, field, from_at, seq);
CREATE INDEX register_by_run ON register (run, seq);
