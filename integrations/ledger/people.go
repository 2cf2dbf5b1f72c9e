package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// Actors that are the bot itself stay in clear: they are nobody's data.
const (
	actorBot       = "aimsbot"
	actorProgramme = "programme"
)

// actorField is the value of the body field "actor".
type actorField struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// pseudonym returns the random name a person has in headers; the first use
// makes it.
func pseudonym(ctx context.Context, tx *sql.Tx, person string) (string, error) {
	if person == actorBot || person == actorProgramme {
		return person, nil
	}
	var p string
	err := tx.QueryRowContext(ctx, "SELECT pseudonym FROM pseudonyms WHERE person = $1", person).Scan(&p)
	if err == nil {
		return p, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read a pseudonym: %w", err)
	}
	random, err := random26()
	if err != nil {
		return "", err
	}
	p = "p-" + random
	if _, err := tx.ExecContext(ctx, "INSERT INTO pseudonyms (person, pseudonym) VALUES ($1, $2)", person, p); err != nil {
		return "", fmt.Errorf("write a pseudonym: %w", err)
	}
	return p, nil
}

// actor tells who an actor was at an instant, by the organisation in force.
func (l *Ledger) actor(ctx context.Context, q querier, person string, at time.Time) (actorField, error) {
	f := actorField{ID: person}
	o, err := l.snapshot(ctx, q, at)
	if errors.Is(err, port.ErrNotFound) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	for _, p := range o.People {
		if p.ID == person {
			f.Name = p.Name
		}
	}
	return f, nil
}
