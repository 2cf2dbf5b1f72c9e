-- +goose Up
-- What somebody typed into a form and did not send yet. It goes when the ask is
-- over.
CREATE TABLE drafts (
  token  TEXT   NOT NULL,
  person TEXT   NOT NULL,
  at     BIGINT NOT NULL,
  body   TEXT   NOT NULL,
  PRIMARY KEY (token, person)
) WITHOUT ROWID;
