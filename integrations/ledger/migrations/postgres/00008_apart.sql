-- +goose Up
-- Protected answers. Everywhere else only their references stand.
CREATE TABLE apart (
  ref         TEXT COLLATE "C" PRIMARY KEY, -- a salted commitment to the value
  run         TEXT COLLATE "C" NOT NULL,
  step        TEXT COLLATE "C" NOT NULL,
  question    TEXT COLLATE "C" NOT NULL,
  decision_id TEXT COLLATE "C" NOT NULL,
  row_id      BIGINT NOT NULL, -- of the inbox row that it came with
  salt        TEXT NOT NULL,
  value       TEXT NOT NULL -- JSON
);
CREATE INDEX apart_by_run ON apart (run, step);
CREATE INDEX apart_by_decision ON apart (decision_id);
