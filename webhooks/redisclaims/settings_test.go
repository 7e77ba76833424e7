package redisclaims_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stackbe/stackbe-go/internal/freeport"
	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/claimstest"
	"github.com/stackbe/stackbe-go/webhooks/redisclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tests of this file and of refusals_test.go and full_test.go are the lines of
// docs/claims-redis.md.
func TestTestsNamedByClaimsPageExist(t *testing.T) {
	page, err := os.ReadFile("../../docs/claims-redis.md")
	require.NoError(t, err)
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	storms, err := filepath.Glob("../../e2e/storm/*_test.go")
	require.NoError(t, err)
	var code strings.Builder
	for _, file := range append(files, storms...) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		code.Write(text)
	}
	named := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, named)
	for _, test := range named {
		assert.Contains(t, code.String(), "func "+test[1]+"(", "docs/claims-redis.md names a test that is not there")
	}
}

func TestRestart(t *testing.T) {
	kill := func(_ *testing.T, s *ownServer) { s.Kill() }
	stop := func(_ *testing.T, s *ownServer) { s.Stop() }
	for _, test := range []struct {
		name     string
		settings []string
		end      func(*testing.T, *ownServer)
		remember bool
	}{
		{"without persistence forgets", nil, stop, false},
		{"without persistence, after a crash, forgets", nil, kill, false},
		{"with save remembers", []string{"--save", "3600 1"}, stop, true},
		{"with save, after a crash, forgets what was not saved", []string{"--save", "3600 1"}, kill, false},
		{"with save, after a crash, remembers what was saved", []string{"--save", "3600 1"}, func(t *testing.T, s *ownServer) {
			s.do(t, "SAVE")
			s.Kill()
		}, true},
		{"with appendonly everysec remembers", []string{"--appendonly", "yes", "--appendfsync", "everysec"}, stop, true},
		{"with appendonly always remembers", []string{"--appendonly", "yes", "--appendfsync", "always"}, stop, true},
		{"with appendonly always, after a crash, remembers", []string{"--appendonly", "yes", "--appendfsync", "always"}, kill, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := startServer(t, test.settings...)
			s.done(t, "evt_done")
			held := s.claim(t, "evt_held", time.Hour)
			released := s.claim(t, "evt_released", time.Hour)
			require.NoError(t, s.Release(t.Context(), "evt_released", released))
			test.end(t, s)
			s.Restart(t)
			s.reconnect(t)

			if !test.remember {
				require.ErrorIs(t, s.Done(t.Context(), "evt_held", held), webhooks.ErrClaimLost)
				s.claim(t, "evt_done", time.Hour)
				return
			}
			s.refuse(t, "evt_done", webhooks.ErrDone)
			s.refuse(t, "evt_held", webhooks.ErrInFlight)
			require.NoError(t, s.Done(t.Context(), "evt_held", held))
			s.done(t, "evt_released")
		})
	}
}

// reconnect makes a client anew, whose connections do not end in a server that is gone.
func (s *ownServer) reconnect(t *testing.T) {
	t.Helper()
	s.fixture = newFixtureOn(t, s.Address())
}

// startReplica starts a replica and waits until it has the server's data.
func (s *ownServer) startReplica(t *testing.T) *ownServer {
	t.Helper()
	replica := startServer(t, "--replicaof", "127.0.0.1 "+s.Port)
	require.Eventually(t, func() bool {
		return strings.Contains(replica.client.Info(t.Context(), "replication").Val(), "master_link_status:up")
	}, time.Minute, 5*time.Millisecond)
	return replica
}

func TestFailover(t *testing.T) {
	t.Run("remembers events that the replica had received", func(t *testing.T) {
		server := startServer(t)
		replica := server.startReplica(t)
		server.done(t, "evt_done")
		held := server.claim(t, "evt_held", time.Hour)
		require.EqualValues(t, 1, server.client.Wait(t.Context(), 1, time.Minute).Val())
		server.Kill()
		replica.do(t, "REPLICAOF", "NO", "ONE")
		replica.refuse(t, "evt_done", webhooks.ErrDone)
		replica.refuse(t, "evt_held", webhooks.ErrInFlight)
		require.NoError(t, replica.Done(t.Context(), "evt_held", held))
	})
	t.Run("forgets events that the replica had not received", func(t *testing.T) {
		server := startServer(t)
		replica := server.startReplica(t)
		replica.do(t, "REPLICAOF", "NO", "ONE") // the network between them is gone
		server.done(t, "evt_done")
		held := server.claim(t, "evt_held", time.Hour)
		replica.claim(t, "evt_done", time.Hour)
		require.ErrorIs(t, replica.Done(t.Context(), "evt_held", held), webhooks.ErrClaimLost)
	})
	t.Run("makes a master that requires a replica refuse claims", func(t *testing.T) {
		server := startServer(t, "--min-replicas-to-write", "1")
		replica := server.startReplica(t)
		require.Eventually(t, func() bool { // the replica's first acknowledgement
			return server.client.Set(t.Context(), "x", "x", 0).Err() == nil
		}, time.Minute, 5*time.Millisecond)
		replica.do(t, "REPLICAOF", "NO", "ONE")
		require.Eventually(t, func() bool { // as soon as the master notices
			return server.client.Set(t.Context(), "x", "x", 0).Err() != nil
		}, time.Minute, 5*time.Millisecond)
		_, err := server.Claim(t.Context(), "evt_1", time.Hour)
		requireFailure(t, err, "NOREPLICAS")
		replica.claim(t, "evt_1", time.Hour)
	})
}

func TestEvictionPolicyForgetsClaims(t *testing.T) {
	for policy, forgets := range map[string]bool{
		"noeviction":      false,
		"allkeys-lru":     true,
		"allkeys-lfu":     true,
		"allkeys-random":  true,
		"volatile-lru":    true, // each key of a claim has an expiry
		"volatile-lfu":    true,
		"volatile-random": true,
		"volatile-ttl":    true,
	} {
		t.Run(policy, func(t *testing.T) {
			s := startServer(t, "--maxmemory-policy", policy)
			s.done(t, "evt_done")
			s.claim(t, "evt_held", time.Hour)
			s.do(t, "CONFIG", "SET", "maxmemory", 1)
			_ = s.client.Set(t.Context(), "x", "x", 0).Err() // needs memory, and there is none
			require.Eventually(t, func() bool { return len(s.keys(t)) == 0 == forgets }, time.Minute, 5*time.Millisecond)
			s.do(t, "CONFIG", "SET", "maxmemory", 0)
			if forgets {
				s.claim(t, "evt_done", time.Hour)
				s.claim(t, "evt_held", time.Hour)
				return
			}
			s.refuse(t, "evt_done", webhooks.ErrDone)
			s.refuse(t, "evt_held", webhooks.ErrInFlight)
		})
	}
}

func TestClockThatJumps(t *testing.T) {
	t.Run("ahead past a lease gives the event to a second caller", func(t *testing.T) {
		f := newFixture(t)
		first := f.claim(t, "evt_1", time.Hour)
		f.advance(t)(time.Hour)
		second := f.claim(t, "evt_1", time.Hour)
		require.ErrorIs(t, f.Done(t.Context(), "evt_1", first), webhooks.ErrClaimLost)
		require.NoError(t, f.Done(t.Context(), "evt_1", second))
	})
	t.Run("ahead past the retention forgets done events", func(t *testing.T) {
		f := newFixture(t)
		f.done(t, "evt_1")
		f.advance(t)(redisclaims.DefaultRetention)
		f.claim(t, "evt_1", time.Hour)
	})
	t.Run("back lengthens leases", func(t *testing.T) {
		f := newFixture(t)
		token := f.claim(t, "evt_1", time.Hour)
		f.done(t, "evt_done")
		f.advance(t)(-time.Hour)
		f.advance(t)(90 * time.Minute)
		f.refuse(t, "evt_1", webhooks.ErrInFlight)
		f.refuse(t, "evt_done", webhooks.ErrDone)
		require.NoError(t, f.Done(t.Context(), "evt_1", token))
	})
}

func TestUnknownClaimExpiresWithLease(t *testing.T) {
	f := newFixture(t)
	f.done(t, "evt_0") // from here on Redis knows the script
	client, lose := lossyClient(t, f.client)
	once := *client.Options()
	once.MaxRetries = -1
	client = redis.NewClient(&once)
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	store, err := redisclaims.New(client, redisclaims.WithPrefix(f.prefix))
	require.NoError(t, err)
	require.NoError(t, client.Ping(t.Context()).Err())
	lose.Store(1)

	_, err = store.Claim(t.Context(), "evt_1", time.Hour)
	requireFailure(t, err, "")
	require.Zero(t, lose.Load(), "no response was lost")
	f.refuse(t, "evt_1", webhooks.ErrInFlight)
	f.advance(t)(time.Hour)
	f.done(t, "evt_1")
}

func TestCallThatTimesOutMayTakePlaceLater(t *testing.T) {
	s := startServer(t)
	marked, released := s.claim(t, "evt_1", time.Hour), s.claim(t, "evt_2", time.Hour)
	options := *s.client.Options()
	options.ReadTimeout = 20 * time.Millisecond
	impatient := redis.NewClient(&options)
	t.Cleanup(func() { assert.NoError(t, impatient.Close()) })
	store, err := redisclaims.New(impatient)
	require.NoError(t, err)

	s.do(t, "CLIENT", "PAUSE", time.Hour.Milliseconds(), "WRITE")
	_, err = store.Claim(t.Context(), "evt_3", time.Hour)
	requireFailure(t, err, "timeout")
	requireFailure(t, store.Done(t.Context(), "evt_1", marked), "timeout")
	requireFailure(t, store.Release(t.Context(), "evt_2", released), "timeout")
	s.do(t, "CLIENT", "UNPAUSE")

	require.NoError(t, s.Done(t.Context(), "evt_1", marked), "a retry of Done")
	s.refuse(t, "evt_1", webhooks.ErrDone)
	if err := s.Release(t.Context(), "evt_2", released); err != nil {
		require.ErrorIs(t, err, webhooks.ErrClaimLost)
	}
	s.done(t, "evt_2")
	if _, err := s.Claim(t.Context(), "evt_3", time.Hour); err != nil {
		require.ErrorIs(t, err, webhooks.ErrInFlight)
	}
}

// startCluster starts a Redis Cluster of that many nodes, and returns a client of
// it.
func startCluster(t *testing.T, nodes int) ([]*ownServer, *redis.ClusterClient) {
	t.Helper()
	var servers []*ownServer
	var addresses []string
	for n := range nodes {
		s := startServer(t, "--cluster-enabled", "yes", "--cluster-port", freeport.Port(t))
		servers, addresses = append(servers, s), append(addresses, s.Address())
		if n > 0 {
			host, port, err := net.SplitHostPort(servers[0].Address())
			require.NoError(t, err)
			s.do(t, "CLUSTER", "MEET", host, port, servers[0].busPort(t))
		}
	}
	servers[0].do(t, "CLUSTER", "ADDSLOTSRANGE", 0, 16383)
	for _, s := range servers {
		require.Eventually(t, func() bool {
			return strings.Contains(s.client.ClusterInfo(t.Context()).Val(), "cluster_state:ok")
		}, time.Minute, 5*time.Millisecond)
	}
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addresses, ContextTimeoutEnabled: true})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	return servers, client
}

func (s *ownServer) busPort(t *testing.T) string {
	t.Helper()
	return s.client.ConfigGet(t.Context(), "cluster-port").Val()["cluster-port"]
}

func TestClusterKeepsContract(t *testing.T) {
	servers, client := startCluster(t, 1)
	claimstest.Run(t, func(t *testing.T) (webhooks.Claims, func(time.Duration)) {
		servers[0].do(t, "FLUSHALL")
		store, err := redisclaims.New(client)
		require.NoError(t, err)
		return store, servers[0].advance(t)
	}, claimstest.WithRetention(redisclaims.DefaultRetention))
}

func TestClaimMovesWithSlot(t *testing.T) {
	servers, client := startCluster(t, 2)
	from, to := servers[0], servers[1]
	store, err := redisclaims.New(client)
	require.NoError(t, err)
	held, err := store.Claim(t.Context(), "evt_1", time.Hour)
	require.NoError(t, err)
	key := redisclaims.DefaultPrefix + "evt_1"
	slot := from.client.ClusterKeySlot(t.Context(), key).Val()
	fromID, toID := from.client.ClusterMyID(t.Context()).Val(), to.client.ClusterMyID(t.Context()).Val()

	to.do(t, "CLUSTER", "SETSLOT", slot, "IMPORTING", fromID)
	from.do(t, "CLUSTER", "SETSLOT", slot, "MIGRATING", toID)
	requireInFlight(t, store, "before the key moves")
	from.do(t, "MIGRATE", "127.0.0.1", to.Port, key, 0, 60_000)
	requireInFlight(t, store, "after the key has moved")
	to.do(t, "CLUSTER", "SETSLOT", slot, "NODE", toID)
	from.do(t, "CLUSTER", "SETSLOT", slot, "NODE", toID)
	requireInFlight(t, store, "after the slot has moved")
	require.NoError(t, store.Done(t.Context(), "evt_1", held))
	_, err = store.Claim(t.Context(), "evt_1", time.Hour)
	require.ErrorIs(t, err, webhooks.ErrDone)
}

func requireInFlight(t *testing.T, store webhooks.Claims, when string) {
	t.Helper()
	_, err := store.Claim(t.Context(), "evt_1", time.Hour)
	require.ErrorIs(t, err, webhooks.ErrInFlight, when)
}

func TestClusterDownIsAnError(t *testing.T) {
	s := startServer(t, "--cluster-enabled", "yes", "--cluster-port", freeport.Port(t))
	_, err := s.Claim(t.Context(), "evt_1", time.Hour)
	requireFailure(t, err, "CLUSTERDOWN")
	requireFailure(t, s.Done(t.Context(), "evt_1", "token"), "CLUSTERDOWN")
	requireFailure(t, s.Release(t.Context(), "evt_1", "token"), "CLUSTERDOWN")
}

func TestServerErrorIsReturned(t *testing.T) {
	s := startServer(t, "--requirepass", "password")
	for name, err := range map[string]error{
		"Claim":   claimError(t.Context(), s),
		"Done":    s.Done(t.Context(), "evt_1", "token"),
		"Release": s.Release(t.Context(), "evt_1", "token"),
	} {
		t.Run(name, func(t *testing.T) { requireFailure(t, err, "NOAUTH") })
	}
}

func claimError(ctx context.Context, store webhooks.Claims) error {
	_, err := store.Claim(ctx, "evt_1", time.Hour)
	return err
}
