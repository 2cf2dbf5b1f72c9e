-- +goose Up
-- A run that a step of another run started knows that run.
ALTER TABLE runs ADD COLUMN parent TEXT NOT NULL DEFAULT '';
