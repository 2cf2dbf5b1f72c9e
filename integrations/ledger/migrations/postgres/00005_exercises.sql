-- +goose Up
-- A drill runs beside what is real and stands for nothing that is due.
ALTER TABLE runs ADD COLUMN exercise BIGINT NOT NULL DEFAULT 0;
ALTER TABLE occurrences ADD COLUMN exercise BIGINT NOT NULL DEFAULT 0;
DROP INDEX runs_one_open;
CREATE UNIQUE INDEX runs_one_open ON runs (playbook, subject_id, exercise) WHERE state IN ('starting', 'open');
