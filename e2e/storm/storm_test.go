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
	"github.com/stackbe/stackbe-go/internal/redistest"
	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/redisclaims"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	receivers = 3
	timeLimit = 15 * time.Minute // many times of what it takes
)

func TestEachEventHasItsRowExactlyOnce(t *testing.T) {
	db, err := sql.Open("pgx", services.Require(t, services.Postgres))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	name := stormName()
	store, err := sqlclaims.New(db, sqlclaims.DialectPostgres, sqlclaims.WithTable(name+"_claims"))
	require.NoError(t, err)
	require.NoError(t, store.CreateTable(t.Context()))
	_, err = db.ExecContext(t.Context(), "CREATE TABLE "+name+"_effects (event_id TEXT NOT NULL)")
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := db.ExecContext(context.Background(), fmt.Sprintf("DROP TABLE %s_claims, %s_effects", name, name))
		assert.NoError(t, err)
	})

	stormWithKills(t, postgresStore, name)

	var rows, distinct int
	row := db.QueryRowContext(t.Context(), "SELECT COUNT(*), COUNT(DISTINCT event_id) FROM "+name+"_effects")
	require.NoError(t, row.Scan(&rows, &distinct))
	t.Logf("%d rows of %d events", rows, distinct)
	require.Equal(t, events, distinct, "events are missing")
	require.Equal(t, events, rows, "events have more than one row")
}

func TestEachEventHasItsIdempotentEffect(t *testing.T) {
	client := requireRedis(t, services.Redis)
	name := stormName()
	t.Cleanup(func() { deleteKeys(t, client, name+":*") })

	stormWithKills(t, redisStore, name)

	distinct, err := client.SCard(t.Context(), name+":effects").Result()
	require.NoError(t, err)
	runs, err := client.Get(t.Context(), name+":runs").Int64()
	require.NoError(t, err)
	t.Logf("%d effects of %d events: %d took place again after a kill", runs, distinct, runs-distinct)
	require.EqualValues(t, events, distinct, "events are missing")
	require.Less(t, runs, distinct+events/2, "the claims keep hardly any event from being handled again")
}

// TestAcceptedEventsAreMarkedInFullRedis fills the Redis of the claims, and empties
// it, again and again. The effects are in another, so that functions succeed.
func TestAcceptedEventsAreMarkedInFullRedis(t *testing.T) {
	effects := requireRedis(t, services.Redis)
	server := redistest.Start(t, "--maxmemory-policy", "noeviction")
	t.Setenv(fullVariable, "redis://"+server.Address()+"/0")
	full := requireRedis(t, fullVariable)
	name := stormName()
	t.Cleanup(func() { deleteKeys(t, effects, name+":*") })

	var fillings int
	_, senders := storm(t, fullStore, name, func(ctx context.Context, _ *fleet, random *rand.Rand) (err error) {
		fillings, err = fillAndEmpty(ctx, full, random)
		return err
	})

	t.Logf("the Redis was full %d times", fillings)
	require.Greater(t, fillings, 20, "it was no storm")
	require.Positive(t, senders.failed.Load(), "the Redis refused no claim")
	runs, err := effects.Get(t.Context(), name+":runs").Int64()
	require.NoError(t, err)
	require.EqualValues(t, events, runs, "events were handled more than once")
	claims, err := redisclaims.New(full, redisclaims.WithPrefix(name+":claim:"))
	require.NoError(t, err)
	for n := range events {
		_, err := claims.Claim(t.Context(), eventID(n), lease)
		require.ErrorIs(t, err, webhooks.ErrDone, "event %d was accepted, and is not marked", n)
	}
}

// longFull is longer than a handler goes on trying to mark an event as done.
const longFull = 6 * time.Second

// fillAndEmpty sets and lifts the limit of the memory until the context ends. The Redis
// is full for a short time, and at first and every 200th time for longFull.
func fillAndEmpty(ctx context.Context, full *redis.Client, random *rand.Rand) (fillings int, err error) {
	short := func() time.Duration { return time.Duration(random.Int64N(int64(20 * time.Millisecond))) }
	limit := func(bytes string, during time.Duration) error {
		defer func() { <-time.After(during) }()
		return full.ConfigSet(context.WithoutCancel(ctx), "maxmemory", bytes).Err()
	}
	for ; ctx.Err() == nil; fillings++ {
		if err := limit("0", short()); err != nil {
			return fillings, err
		}
		during := short()
		if fillings%200 == 0 {
			during = longFull
		}
		if err := limit("1", during); err != nil {
			return fillings, err
		}
	}
	return fillings, limit("0", 0)
}

func requireRedis(t *testing.T, variable string) *redis.Client {
	t.Helper()
	services.Require(t, variable)
	client, err := openRedis(variable)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	return client
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

// stormWithKills is a storm in which receivers die.
func stormWithKills(t *testing.T, store, name string) {
	t.Helper()
	fleet, senders := storm(t, store, name, func(ctx context.Context, f *fleet, random *rand.Rand) error {
		return f.harass(ctx, random)
	})
	t.Logf("%d kills of %d receivers", fleet.kills, receivers)
	require.Greater(t, fleet.kills, 20, "it was no storm")
	require.Positive(t, senders.broken.Load(), "no kill hit a delivery")
}

// storm delivers all events while harm is done to the receivers until its context ends,
// and logs how it went.
func storm(t *testing.T, store, name string, harm func(context.Context, *fleet, *rand.Rand) error) (*fleet, *senders) {
	t.Helper()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	ids := deliveries(random)
	fleet := startFleet(t, receivers, store, name)
	senders := newSenders(fleet)

	ctx, cancel := context.WithTimeout(t.Context(), timeLimit)
	defer cancel()
	harming, calm := context.WithCancel(ctx)
	harmed := make(chan error, 1)
	go func() { harmed <- harm(harming, fleet, rand.New(rand.NewPCG(seed, 1))) }()
	started := time.Now()
	err := senders.deliver(ctx, ids)
	elapsed := time.Since(started)
	calm()
	require.NoError(t, <-harmed)

	attempts := senders.accepted.Load() + senders.inFlight.Load() + senders.failed.Load() + senders.broken.Load()
	t.Logf("%d events in %d deliveries, of which %d duplicates; %v; seed %d",
		events, len(ids), len(ids)-events, elapsed.Round(time.Millisecond), seed)
	t.Logf("%d requests, of which %d retried a delivery: %d accepted, %d in flight (409), %d failed (5xx), %d broken",
		attempts, attempts-int64(len(ids)), senders.accepted.Load(), senders.inFlight.Load(), senders.failed.Load(), senders.broken.Load())
	require.NoError(t, err)
	require.EqualValues(t, len(ids), senders.accepted.Load())
	return fleet, senders
}
