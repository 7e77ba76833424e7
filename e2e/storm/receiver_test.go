package storm

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/redis/go-redis/v9"
	"github.com/stackbe/stackbe-go/e2e/stores/services"
	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/redisclaims"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
)

const (
	secret = "a secret of the storm, known to both sides"

	// nameVariable holds the prefix of the names of a storm's tables or keys.
	nameVariable = "STORM_NAME"

	postgresStore = "postgres"
	redisStore    = "redis"

	// fullStore is redisStore with its claims in a Redis of their own, at fullVariable,
	// that is full now and then.
	fullStore    = "full redis"
	fullVariable = "STORM_FULL_REDIS"

	// lease is how long an event is held up by the death of its receiver, in Redis.
	lease = 2 * time.Second

	// longLease is for receivers that nobody kills: however slow the machine is, no lease
	// runs out, and no function's time does.
	longLease = 40 * time.Second
)

// receive serves deliveries until the process is killed, or until the process that
// started it is gone. Its address is its first line of output.
func receive(store string) error {
	function, claims, err := openStore(store, os.Getenv(nameVariable))
	if err != nil {
		return err
	}
	lease := lease
	if store == fullStore {
		lease = longLease
	}
	verifier, err := webhooks.NewVerifier(secret)
	if err != nil {
		return err
	}
	handler, err := webhooks.NewHandler(verifier,
		webhooks.On(webhooks.EventPaymentSucceeded, function),
		claims,
		webhooks.WithTimeout(lease/2), webhooks.WithLease(lease),
		webhooks.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	go exitWithParent()
	return http.Serve(listener, handler)
}

// exitWithParent ends the process at the end of its standard input.
func exitWithParent() {
	_, _ = os.Stdin.Read(make([]byte, 1))
	os.Exit(0)
}

func openStore(store, name string) (webhooks.EventFunc, webhooks.HandlerOption, error) {
	switch store {
	case postgresStore:
		db, err := sql.Open("pgx", os.Getenv(services.Postgres))
		if err != nil {
			return nil, nil, err
		}
		db.SetMaxOpenConns(12)
		db.SetMaxIdleConns(12)
		claims, err := sqlclaims.New(db, sqlclaims.DialectPostgres, sqlclaims.WithTable(name+"_claims"))
		if err != nil {
			return nil, nil, err
		}
		return insertEffect(name), webhooks.WithTransactionalClaims(claims.Transactional()), nil
	case redisStore, fullStore:
		effects, err := openRedis(services.Redis)
		if err != nil {
			return nil, nil, err
		}
		client := effects
		if store == fullStore {
			client, err = openRedis(fullVariable)
		}
		if err != nil {
			return nil, nil, err
		}
		claims, err := redisclaims.New(client, redisclaims.WithPrefix(name+":claim:"))
		if err != nil {
			return nil, nil, err
		}
		return addEffect(effects, name), webhooks.WithClaims(claims), nil
	}
	return nil, nil, fmt.Errorf("there is no store %q", store)
}

// openRedis returns a client of the Redis whose URL the variable has.
func openRedis(variable string) (*redis.Client, error) {
	options, err := redis.ParseURL(os.Getenv(variable))
	if err != nil {
		return nil, err
	}
	options.ContextTimeoutEnabled = true
	options.ReadTimeout, options.WriteTimeout = time.Minute, time.Minute // a retry of what was executed is an effect more
	return redis.NewClient(options), nil
}

// insertEffect inserts a row in the transaction of the claim. The table does not
// prevent a second row.
func insertEffect(name string) webhooks.EventFunc {
	return func(ctx context.Context, event *webhooks.Event) error {
		tx, ok := sqlclaims.Tx(ctx)
		if !ok {
			return errors.New("there is no transaction")
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO "+name+"_effects (event_id) VALUES ($1)", event.ID); err != nil {
			return err
		}
		linger()
		return nil
	}
}

// addEffect adds to a set, which may happen again, and counts how often it does.
func addEffect(client *redis.Client, name string) webhooks.EventFunc {
	return func(ctx context.Context, event *webhooks.Event) error {
		_, err := client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.SAdd(ctx, name+":effects", event.ID)
			pipe.Incr(ctx, name+":runs")
			return nil
		})
		linger()
		return err
	}
}

// linger gives the killer time to come between the effect and the end of the claim.
func linger() { <-time.After(rand.N(4 * time.Millisecond)) }
