-- +goose Up
-- What happened and may begin runs. A row stays until it was looked at with every
-- playbook, and is then settled.
CREATE TABLE events (
  id      INTEGER PRIMARY KEY AUTOINCREMENT, -- order of keeping
  key     TEXT NOT NULL UNIQUE,
  name    TEXT NOT NULL,
  kind    TEXT NOT NULL, -- of the subject; '' = not known
  subject TEXT NOT NULL,
  at      BIGINT NOT NULL,
  person  TEXT NOT NULL,
  door    TEXT NOT NULL,
  run     TEXT NOT NULL, -- whose work it follows from
  body    TEXT NOT NULL, -- the values
  settled BIGINT NOT NULL -- 0 = not yet
);
CREATE INDEX events_about ON events (name, kind, subject, at);
CREATE INDEX events_waiting ON events (id) WHERE settled = 0;

-- What an event led to by a playbook.
CREATE TABLE event_runs (
  event    BIGINT NOT NULL,
  playbook TEXT NOT NULL,
  run      TEXT NOT NULL,
  how      TEXT NOT NULL,
  reason   TEXT NOT NULL,
  at       BIGINT NOT NULL,
  PRIMARY KEY (event, playbook)
);
CREATE INDEX event_runs_by_run ON event_runs (run, event);
