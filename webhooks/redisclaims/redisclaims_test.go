package redisclaims_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/claimstest"
	"github.com/stackbe/stackbe-go/webhooks/redisclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const variable = "STACKBE_TEST_REDIS"

// connect returns a client of the Redis that the tests use. Without one they are
// skipped, and in CI they fail.
func connect(t *testing.T) *redis.Client {
	t.Helper()
	url := os.Getenv(variable)
	if url == "" && os.Getenv("CI") == "true" {
		t.Fatalf("%s is not set: CI runs .ci/services start", variable)
	}
	if url == "" {
		t.Skipf("set %s to run this test; .ci/services start prints a value", variable)
	}
	options, err := redis.ParseURL(url)
	require.NoError(t, err)
	options.ContextTimeoutEnabled = true
	client := redis.NewClient(options)
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	require.NoError(t, client.Ping(t.Context()).Err())
	return client
}

var prefixes atomic.Int64

// fixture is a store whose keys no other test has.
type fixture struct {
	*redisclaims.Store
	client *redis.Client
	prefix string
}

func newFixture(t *testing.T, options ...redisclaims.Option) *fixture {
	t.Helper()
	f := &fixture{client: connect(t), prefix: fmt.Sprintf("test:%d:%d:", time.Now().UnixNano(), prefixes.Add(1))}
	store, err := redisclaims.New(f.client, append(slices.Clip(options), redisclaims.WithPrefix(f.prefix))...)
	require.NoError(t, err)
	f.Store = store
	t.Cleanup(func() {
		if keys := f.keys(t); len(keys) > 0 {
			assert.NoError(t, f.client.Del(context.Background(), keys...).Err())
		}
	})
	return f
}

func (f *fixture) keys(t *testing.T) []string {
	t.Helper()
	keys, err := f.client.Keys(context.Background(), f.prefix+"*").Result()
	require.NoError(t, err)
	return keys
}

// advance moves the times of all keys back, which is the same as moving the clock of
// Redis forward.
func (f *fixture) advance(t *testing.T) func(time.Duration) {
	return func(d time.Duration) {
		t.Helper()
		for _, key := range f.keys(t) {
			left, err := f.client.PTTL(t.Context(), key).Result()
			require.NoError(t, err)
			require.Positive(t, left, "%s is never deleted", key)
			until, err := f.client.HGet(t.Context(), key, "until").Int64()
			if err == nil {
				require.NoError(t, f.client.HSet(t.Context(), key, "until", strconv.FormatInt(until-d.Milliseconds(), 10)).Err())
			}
			require.NoError(t, f.client.PExpire(t.Context(), key, left-d).Err()) // deletes the key if that is past
		}
	}
}

func (f *fixture) claim(t *testing.T, eventID string, lease time.Duration) (token string) {
	t.Helper()
	token, err := f.Claim(t.Context(), eventID, lease)
	require.NoError(t, err)
	return token
}

func TestStoreKeepsContract(t *testing.T) {
	claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
		f := newFixture(t)
		return f.Store, f.advance(t)
	}, claimstest.WithRetention(redisclaims.DefaultRetention))
}

func TestStoreKeepsContractAsTimePasses(t *testing.T) {
	claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
		return newFixture(t).Store, nil
	})
}

func TestWithRetention(t *testing.T) {
	t.Run("an event is forgotten after the retention", func(t *testing.T) {
		f := newFixture(t, redisclaims.WithRetention(72*time.Hour))
		require.NoError(t, f.Done(t.Context(), "evt_1", f.claim(t, "evt_1", time.Minute)))
		f.advance(t)(71 * time.Hour)
		_, err := f.Claim(t.Context(), "evt_1", time.Minute)
		require.ErrorIs(t, err, webhooks.ErrDone)
		f.advance(t)(2 * time.Hour)
		f.claim(t, "evt_1", time.Minute)
	})
	t.Run("a late Done counts for an hour", func(t *testing.T) {
		f := newFixture(t)
		token := f.claim(t, "evt_1", time.Minute)
		f.advance(t)(60 * time.Minute)
		require.NoError(t, f.Done(t.Context(), "evt_1", token))
		_, err := f.Claim(t.Context(), "evt_1", time.Minute)
		require.ErrorIs(t, err, webhooks.ErrDone)
	})
	t.Run("a claim that is neither done nor released is deleted", func(t *testing.T) {
		f := newFixture(t)
		token := f.claim(t, "evt_1", time.Minute)
		f.advance(t)(62 * time.Minute)
		require.Empty(t, f.keys(t))
		require.ErrorIs(t, f.Done(t.Context(), "evt_1", token), webhooks.ErrClaimLost)
	})
}

// lossyClient returns a client that loses responses of Redis: lose says how many, of the
// next ones. Each command whose response is lost has been run.
func lossyClient(t *testing.T, lossless *redis.Client) (client *redis.Client, lose *atomic.Int32) {
	t.Helper()
	lose = new(atomic.Int32)
	options := *lossless.Options()
	options.MaxRetries = 3
	options.Dialer = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return &lossyConn{conn, lose}, err
	}
	client = redis.NewClient(&options)
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	return client, lose
}

type lossyConn struct {
	net.Conn
	lose *atomic.Int32
}

func (c *lossyConn) Read(response []byte) (int, error) {
	n, err := c.Conn.Read(response)
	if err == nil && c.lose.Load() > 0 {
		c.lose.Add(-1)
		_ = c.Close()
		return 0, io.EOF
	}
	return n, err
}

func TestCallWhoseResponseIsLostTakesPlaceOnce(t *testing.T) {
	f := newFixture(t)
	client, lose := lossyClient(t, f.client)
	store, err := redisclaims.New(client, redisclaims.WithPrefix(f.prefix))
	require.NoError(t, err)
	losing := func(t *testing.T, call func() error) {
		t.Helper()
		lose.Store(1)
		require.NoError(t, call())
		require.Zero(t, lose.Load(), "no response was lost")
	}
	claim := func(eventID string) (token string) {
		token, err := store.Claim(t.Context(), eventID, time.Minute)
		require.NoError(t, err)
		return token
	}
	// Redis knows the scripts from here on, and the responses that are lost are theirs.
	require.NoError(t, store.Release(t.Context(), "evt_0", claim("evt_0")))
	require.NoError(t, store.Done(t.Context(), "evt_0", claim("evt_0")))

	t.Run("a claim", func(t *testing.T) {
		var token string
		losing(t, func() (err error) {
			token, err = store.Claim(t.Context(), "evt_1", time.Minute)
			return err
		})
		require.NoError(t, store.Done(t.Context(), "evt_1", token), "the claim is the caller's")
	})
	t.Run("a mark as done", func(t *testing.T) {
		token := claim("evt_2")
		losing(t, func() error { return store.Done(t.Context(), "evt_2", token) })
		_, err := store.Claim(t.Context(), "evt_2", time.Minute)
		require.ErrorIs(t, err, webhooks.ErrDone)
	})
	t.Run("a release", func(t *testing.T) {
		token := claim("evt_3")
		losing(t, func() error { return store.Release(t.Context(), "evt_3", token) })
		require.ErrorIs(t, store.Release(t.Context(), "evt_3", token), webhooks.ErrClaimLost, "another call is not a repetition")
		claim("evt_3")
	})
}

func TestReleasedEventLeavesNoKeyForLong(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.Release(t.Context(), "evt_1", f.claim(t, "evt_1", time.Hour)))
	f.advance(t)(time.Minute)
	require.Empty(t, f.keys(t))

	require.NoError(t, f.Release(t.Context(), "evt_1", f.claim(t, "evt_1", time.Hour)))
	token := f.claim(t, "evt_1", time.Hour)
	f.advance(t)(time.Minute)
	require.NoError(t, f.Done(t.Context(), "evt_1", token), "the next claim has all its time")
}

func TestKeysAreAsDocumented(t *testing.T) {
	f := newFixture(t)
	fields := func(eventID string) []string {
		return f.client.HKeys(t.Context(), f.prefix+eventID).Val()
	}
	token := f.claim(t, "evt_1", time.Hour)
	require.ElementsMatch(t, []string{"token", "until"}, fields("evt_1"))
	require.NoError(t, f.Done(t.Context(), "evt_1", token))
	require.ElementsMatch(t, []string{"token", "done"}, fields("evt_1"))

	token = f.claim(t, "evt_2", time.Hour)
	require.NoError(t, f.Release(t.Context(), "evt_2", token))
	require.ElementsMatch(t, []string{"released"}, fields("evt_2"))
}

func TestRedisMayForgetScripts(t *testing.T) {
	f := newFixture(t)
	token := f.claim(t, "evt_1", time.Minute)
	require.NoError(t, f.client.ScriptFlush(t.Context()).Err())
	require.NoError(t, f.Done(t.Context(), "evt_1", token))
}

func TestServerThatDoesNotRespondIsAnError(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:9", MaxRetries: -1, ContextTimeoutEnabled: true})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	store, err := redisclaims.New(client)
	require.NoError(t, err)

	_, claimErr := store.Claim(t.Context(), "evt_1", time.Minute)
	for call, err := range map[string]error{
		"Claim":   claimErr,
		"Done":    store.Done(t.Context(), "evt_1", "token"),
		"Release": store.Release(t.Context(), "evt_1", "token"),
	} {
		require.Error(t, err, call)
		for _, sentinel := range []error{webhooks.ErrInFlight, webhooks.ErrDone, webhooks.ErrClaimLost} {
			require.False(t, errors.Is(err, sentinel), "%s: %v", call, err)
		}
	}
}

func TestCallEndsWithContextOfSilentServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, listener.Close()) }) // it accepts no connection, and the kernel does
	client := redis.NewClient(&redis.Options{
		Addr: listener.Addr().String(), ContextTimeoutEnabled: true,
		ReadTimeout: time.Hour, WriteTimeout: time.Hour,
	})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	store, err := redisclaims.New(client)
	require.NoError(t, err)
	for call, do := range map[string]func(context.Context) error{
		"Claim": func(ctx context.Context) error {
			_, err := store.Claim(ctx, "evt_1", time.Minute)
			return err
		},
		"Done":    func(ctx context.Context) error { return store.Done(ctx, "evt_1", "token") },
		"Release": func(ctx context.Context) error { return store.Release(ctx, "evt_1", "token") },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		require.Error(t, do(ctx), call)
		cancel()
	}
}

func TestNewRefuses(t *testing.T) {
	client := redis.NewClient(&redis.Options{ContextTimeoutEnabled: true})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	unbounded := func(client redis.UniversalClient) func() (*redisclaims.Store, error) {
		t.Cleanup(func() { assert.NoError(t, client.Close()) })
		return func() (*redisclaims.Store, error) { return redisclaims.New(client) }
	}
	for name, open := range map[string]func() (*redisclaims.Store, error){
		"no client":                   func() (*redisclaims.Store, error) { return redisclaims.New(nil) },
		"a client that is nil":        func() (*redisclaims.Store, error) { return redisclaims.New((*redis.Client)(nil)) },
		"a client without deadlines":  unbounded(redis.NewClient(&redis.Options{})),
		"a cluster without deadlines": unbounded(redis.NewClusterClient(&redis.ClusterOptions{})),
		"a ring without deadlines":    unbounded(redis.NewRing(&redis.RingOptions{})),
		"an option that is nil":       func() (*redisclaims.Store, error) { return redisclaims.New(client, nil) },
		"an empty prefix": func() (*redisclaims.Store, error) {
			return redisclaims.New(client, redisclaims.WithPrefix(""))
		},
		"a retention of zero": func() (*redisclaims.Store, error) {
			return redisclaims.New(client, redisclaims.WithRetention(0))
		},
		"a retention that retries outlast": func() (*redisclaims.Store, error) {
			return redisclaims.New(client, redisclaims.WithRetention(webhooks.MinRetention-1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			store, err := open()
			require.ErrorIs(t, err, webhooks.ErrInvalidOption)
			require.Nil(t, store)
		})
	}
}

func TestZeroStoreReturnsErrNoClaims(t *testing.T) {
	for name, store := range map[string]*redisclaims.Store{"nil": nil, "zero": {}} {
		t.Run(name, func(t *testing.T) {
			_, err := store.Claim(t.Context(), "evt_1", time.Minute)
			require.ErrorIs(t, err, webhooks.ErrNoClaims)
			require.ErrorIs(t, store.Done(t.Context(), "evt_1", "token"), webhooks.ErrNoClaims)
			require.ErrorIs(t, store.Release(t.Context(), "evt_1", "token"), webhooks.ErrNoClaims)
		})
	}
}
