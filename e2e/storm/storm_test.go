package storm

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stackbe/stackbe-go/e2e/stores/services"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	receivers = 3
	timeLimit = 4 * time.Minute // about ten times of what it takes
)

func TestEachEventHasItsRowExactlyOnce(t *testing.T) {
	db, err := sql.Open("pgx", services.Require(t, services.Postgres))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	name := stormName()
	store, err := sqlclaims.New(db, sqlclaims.Postgres, sqlclaims.WithTable(name+"_claims"))
	require.NoError(t, err)
	require.NoError(t, store.CreateTable(t.Context()))
	_, err = db.ExecContext(t.Context(), "CREATE TABLE "+name+"_effects (event_id TEXT NOT NULL)")
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := db.ExecContext(context.Background(), fmt.Sprintf("DROP TABLE %s_claims, %s_effects", name, name))
		assert.NoError(t, err)
	})

	storm(t, postgresStore, name)

	var rows, distinct int
	row := db.QueryRowContext(t.Context(), "SELECT COUNT(*), COUNT(DISTINCT event_id) FROM "+name+"_effects")
	require.NoError(t, row.Scan(&rows, &distinct))
	t.Logf("%d rows of %d events", rows, distinct)
	require.Equal(t, events, distinct, "events are missing")
	require.Equal(t, events, rows, "events have more than one row")
}

func TestEachEventHasItsIdempotentEffect(t *testing.T) {
	options, err := redis.ParseURL(services.Require(t, services.Redis))
	require.NoError(t, err)
	options.ContextTimeoutEnabled = true
	client := redis.NewClient(options)
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	name := stormName()
	t.Cleanup(func() { deleteKeys(t, client, name+":*") })

	storm(t, redisStore, name)

	distinct, err := client.SCard(t.Context(), name+":effects").Result()
	require.NoError(t, err)
	runs, err := client.Get(t.Context(), name+":runs").Int64()
	require.NoError(t, err)
	t.Logf("%d effects of %d events: %d took place again after a kill", runs, distinct, runs-distinct)
	require.EqualValues(t, events, distinct, "events are missing")
	require.Less(t, runs, distinct+events/10, "the claims keep hardly any event from being handled again")
}

func stormName() string { return fmt.Sprintf("storm_%d", time.Now().UnixNano()) }

func deleteKeys(t *testing.T, client *redis.Client, pattern string) {
	ctx := context.Background()
	keys := client.Scan(ctx, 0, pattern, 1000).Iterator()
	for keys.Next(ctx) {
		assert.NoError(t, client.Unlink(ctx, keys.Val()).Err())
	}
	assert.NoError(t, keys.Err())
}

// storm delivers all events while receivers die, and says how it went.
func storm(t *testing.T, store, name string) {
	t.Helper()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	ids := deliveries(random)
	fleet := startFleet(t, receivers, store, name)
	senders := newSenders(fleet)

	ctx, cancel := context.WithTimeout(t.Context(), timeLimit)
	defer cancel()
	harassing, calm := context.WithCancel(ctx)
	harassed := make(chan error, 1)
	go func() { harassed <- fleet.harass(harassing, rand.New(rand.NewPCG(seed, 1))) }()
	started := time.Now()
	err := senders.deliver(ctx, ids)
	elapsed := time.Since(started)
	calm()
	require.NoError(t, <-harassed)

	attempts := senders.accepted.Load() + senders.inFlight.Load() + senders.failed.Load() + senders.broken.Load()
	t.Logf("%d events in %d deliveries, of which %d duplicates; %d kills of %d receivers; %v; seed %d",
		events, len(ids), len(ids)-events, fleet.kills, receivers, elapsed.Round(time.Millisecond), seed)
	t.Logf("%d requests, of which %d repeated a delivery: %d accepted, %d in flight (409), %d failed (5xx), %d broken by a kill",
		attempts, attempts-int64(len(ids)), senders.accepted.Load(), senders.inFlight.Load(), senders.failed.Load(), senders.broken.Load())
	require.NoError(t, err)
	require.EqualValues(t, len(ids), senders.accepted.Load())
	require.Greater(t, fleet.kills, 20, "it was no storm")
	require.Positive(t, senders.broken.Load(), "no kill hit a delivery")
}
