-- +goose Up
-- The programme asks what became of the runs of a playbook about a subject.
CREATE INDEX runs_by_subject ON runs (playbook, subject_id, started_at);
