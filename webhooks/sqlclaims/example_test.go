package sqlclaims_test

import (
	"context"
	"database/sql"
	"errors"
	"log"
	"net/http"
	"os"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
)

// Each event's row is inserted in the transaction that claims the event: exactly once, in
// however many replicas. The program imports the driver, here github.com/jackc/pgx/v5/stdlib.
func ExampleStore_Transactional() {
	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(20) // each event that is being handled has a connection
	db.SetMaxIdleConns(20)
	store, err := sqlclaims.New(db, sqlclaims.DialectPostgres)
	if err != nil {
		log.Fatal(err)
	}
	if err := store.CreateTable(context.Background()); err != nil {
		log.Fatal(err)
	}
	verifier, err := webhooks.NewVerifier(os.Getenv("STACKBE_WEBHOOK_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	insert := func(ctx context.Context, _ *webhooks.Event, approved webhooks.ApplicationApproved) error {
		tx, ok := sqlclaims.Tx(ctx)
		if !ok {
			return errors.New("the claims are not transactional")
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO partners (email, code) VALUES ($1, $2)",
			approved.Application.Email, approved.Affiliate.Code)
		return err
	}
	handler, err := webhooks.NewHandler(verifier,
		webhooks.WithTransactionalClaims(store.Transactional()),
		webhooks.OnApplicationApproved(insert))
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/webhooks/stackbe", handler)
}
