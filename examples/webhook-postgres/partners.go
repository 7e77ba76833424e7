package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
)

// partners are the tables of this program: of partners, and of claims.
type partners struct {
	db     *sql.DB
	table  string
	claims *sqlclaims.Store
}

// openPartners creates the tables in the schema, where they do not exist.
func openPartners(ctx context.Context, db *sql.DB, schema string) (*partners, error) {
	if _, err := db.ExecContext(ctx, "CREATE SCHEMA IF NOT EXISTS "+schema); err != nil {
		return nil, err
	}
	claims, err := sqlclaims.New(db, sqlclaims.DialectPostgres, sqlclaims.WithTable(schema+".claims"))
	if err != nil {
		return nil, err
	}
	if err := claims.CreateTable(ctx); err != nil {
		return nil, err
	}
	p := &partners{db: db, table: schema + ".partners", claims: claims}
	// No constraint keeps an email from being there twice: the claims have to.
	_, err = db.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS "+p.table+" (email TEXT NOT NULL, code TEXT NOT NULL)")
	return p, err
}

// insertFunc handles the event of an approval.
type insertFunc func(context.Context, *webhooks.Event, webhooks.ApplicationApproved) error

// receiver returns what receives the events of approvals.
func (p *partners) receiver(verifier *webhooks.Verifier, insert insertFunc, options ...webhooks.HandlerOption) (*webhooks.Handler, error) {
	return webhooks.NewHandler(verifier, append(slices.Clip(options),
		webhooks.OnApplicationApproved(insert),
		webhooks.WithTransactionalClaims(p.claims.Transactional()),
	)...)
}

// insert writes the new partner in the transaction that claims the event. If it fails,
// or the process is killed before the commit, neither the row nor the claim is there,
// and the sender retries the delivery.
func (p *partners) insert(ctx context.Context, event *webhooks.Event, approved webhooks.ApplicationApproved) error {
	tx, ok := sqlclaims.Tx(ctx)
	if !ok {
		return errors.New("the claims are not transactional")
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO "+p.table+" (email, code) VALUES ($1, $2)",
		approved.Application.Email, approved.Affiliate.Code)
	if err != nil {
		return fmt.Errorf("insert the partner: %w", err)
	}
	return nil
}

// count returns how many rows there are, of how many partners.
func (p *partners) count(ctx context.Context) (rows, distinct int, err error) {
	err = p.db.QueryRowContext(ctx, "SELECT COUNT(*), COUNT(DISTINCT email) FROM "+p.table).Scan(&rows, &distinct)
	return rows, distinct, err
}
