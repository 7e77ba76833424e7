package redisclaims_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/redisclaims"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A refusal is a state in which Redis refuses the commands of a script, or all
// commands.
type refusal struct {
	name     string
	settings []string
	begin    func(t *testing.T, s *ownServer)
	end      func(t *testing.T, s *ownServer)
	text     string // of the error
	reads    bool   // what a script reads is not refused
}

var refusals = []refusal{
	{
		name: "READONLY, of a replica",
		begin: func(t *testing.T, s *ownServer) {
			s.do(t, "REPLICAOF", "127.0.0.1", "1")
		},
		end:   func(t *testing.T, s *ownServer) { s.do(t, "REPLICAOF", "NO", "ONE") },
		text:  "READONLY",
		reads: true,
	},
	{
		name:     "MASTERDOWN, of a replica without its master",
		settings: []string{"--replica-serve-stale-data", "no"},
		begin: func(t *testing.T, s *ownServer) {
			s.do(t, "REPLICAOF", "127.0.0.1", "1")
		},
		end:  func(t *testing.T, s *ownServer) { s.do(t, "REPLICAOF", "NO", "ONE") },
		text: "MASTERDOWN",
	},
	{
		name: "NOREPLICAS, of a master that wants one",
		begin: func(t *testing.T, s *ownServer) {
			s.do(t, "CONFIG", "SET", "min-replicas-to-write", 1)
		},
		end:   func(t *testing.T, s *ownServer) { s.do(t, "CONFIG", "SET", "min-replicas-to-write", 0) },
		text:  "NOREPLICAS",
		reads: true,
	},
	{
		name:     "MISCONF, where saving fails",
		settings: []string{"--save", "3600 1", "--stop-writes-on-bgsave-error", "yes"},
		begin: func(t *testing.T, s *ownServer) {
			s.BreakSaving(t)
			s.do(t, "BGSAVE")
			require.Eventually(t, func() bool {
				return strings.Contains(s.client.Info(t.Context(), "persistence").Val(), "rdb_last_bgsave_status:err")
			}, time.Minute, 5*time.Millisecond)
		},
		end:   func(t *testing.T, s *ownServer) { s.do(t, "CONFIG", "SET", "stop-writes-on-bgsave-error", "no") },
		text:  "MISCONF",
		reads: true,
	},
	{
		name:     "LOADING, after a restart",
		settings: []string{"--enable-debug-command", "yes"},
		begin: func(t *testing.T, s *ownServer) {
			s.do(t, "DEBUG", "POPULATE", 20_000)
			s.do(t, "SAVE")
			s.Kill()
			s.RestartLoading(t, "--key-load-delay", "500", "--loading-process-events-interval-bytes", "1024")
		},
		end: func(t *testing.T, s *ownServer) {
			s.do(t, "CONFIG", "SET", "key-load-delay", 0)
			require.Eventually(t, func() bool { return s.client.Get(t.Context(), "x").Err() == redis.Nil }, time.Minute, 5*time.Millisecond)
		},
		text: "LOADING",
	},
	{
		name:     "BUSY, while a script runs",
		settings: []string{"--busy-reply-threshold", "1"},
		begin: func(t *testing.T, s *ownServer) {
			busy := redis.NewClient(s.client.Options())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				_ = busy.Eval(t.Context(), "while true do end", nil).Err() // until it is killed
			}()
			t.Cleanup(func() {
				<-ended
				assert.NoError(t, busy.Close())
			})
			require.Eventually(t, func() bool {
				return redis.HasErrorPrefix(s.client.Ping(t.Context()).Err(), "BUSY")
			}, time.Minute, 5*time.Millisecond)
		},
		end: func(t *testing.T, s *ownServer) {
			s.do(t, "SCRIPT", "KILL")
			require.Eventually(t, func() bool { return s.client.Ping(t.Context()).Err() == nil }, time.Minute, 5*time.Millisecond)
		},
		text: "BUSY",
	},
	{
		name: "NOPERM, of a user who may read only",
		begin: func(t *testing.T, s *ownServer) {
			s.do(t, "ACL", "SETUSER", "default", "-@write")
		},
		end:   func(t *testing.T, s *ownServer) { s.do(t, "ACL", "SETUSER", "default", "+@all") },
		text:  "can't run this command",
		reads: true,
	},
}

func TestRefusalIsAnErrorAndChangesNothing(t *testing.T) {
	for _, refusal := range refusals {
		t.Run(refusal.name, func(t *testing.T) {
			s := startServer(t, refusal.settings...)
			token := s.claim(t, "evt_held", time.Hour)
			done := s.claim(t, "evt_done", time.Hour)
			require.NoError(t, s.Done(t.Context(), "evt_done", done))

			refusal.begin(t, s)
			_, err := s.Claim(t.Context(), "evt_new", time.Hour)
			requireFailure(t, err, refusal.text)
			requireFailure(t, s.Done(t.Context(), "evt_held", token), refusal.text)
			requireFailure(t, s.Release(t.Context(), "evt_held", token), refusal.text)
			if refusal.reads {
				s.refuse(t, "evt_held", webhooks.ErrInFlight)
				s.refuse(t, "evt_done", webhooks.ErrDone)
				require.NoError(t, s.Done(t.Context(), "evt_done", done), "again, for which nothing is written")
			}
			refusal.end(t, s)

			require.ElementsMatch(t, []string{s.prefix + "evt_held", s.prefix + "evt_done"}, s.keys(t))
			s.refuse(t, "evt_held", webhooks.ErrInFlight)
			s.refuse(t, "evt_done", webhooks.ErrDone)
			s.done(t, "evt_new")
			require.NoError(t, s.Done(t.Context(), "evt_held", token))
		})
	}
}

// commands are the commands that the scripts need.
var commands = []string{"eval", "evalsha", "time", "hmget", "hset", "hdel", "pexpire"}

// TestUserWithoutRightsChangesNothing stops the scripts at each of their commands.
func TestUserWithoutRightsChangesNothing(t *testing.T) {
	server := startServer(t)
	for _, missing := range append([]string{"none"}, commands...) {
		t.Run(missing, func(t *testing.T) {
			server.do(t, "FLUSHALL")
			server.do(t, "SCRIPT", "FLUSH")
			user := userWithout(t, server, missing)
			check := map[string]func(*testing.T, *fixture, *fixture){
				"none": func(t *testing.T, user, admin *fixture) {
					user.done(t, "evt_1")
					require.NoError(t, user.Release(t.Context(), "evt_2", user.claim(t, "evt_2", time.Hour)))
				},
				"hdel": func(t *testing.T, user, admin *fixture) {
					token := user.claim(t, "evt_1", time.Hour)
					requireFailure(t, user.Done(t.Context(), "evt_1", token), "")
					requireFailure(t, user.Release(t.Context(), "evt_1", token), "")
					admin.refuse(t, "evt_1", webhooks.ErrInFlight)
					admin.advance(t)(time.Hour)
					admin.done(t, "evt_1")
				},
				"hset": func(t *testing.T, user, admin *fixture) {
					refuseAndKeepNothing(t, user, admin)
					token := admin.claim(t, "evt_1", time.Hour)
					require.NoError(t, user.Done(t.Context(), "evt_1", token))
					admin.refuse(t, "evt_1", webhooks.ErrDone)
					token = admin.claim(t, "evt_2", time.Hour)
					require.NoError(t, user.Release(t.Context(), "evt_2", token))
					admin.done(t, "evt_2")
				},
				"pexpire": func(t *testing.T, user, admin *fixture) {
					refuseAndKeepNothing(t, user, admin)
					token := admin.claim(t, "evt_1", time.Hour)
					requireFailure(t, user.Done(t.Context(), "evt_1", token), "")
					admin.refuse(t, "evt_1", webhooks.ErrInFlight)
					require.NoError(t, user.Release(t.Context(), "evt_1", token))
					admin.done(t, "evt_1")
				},
			}[missing]
			if check == nil {
				refuseAndKeepNothing(t, user, server.fixture)
				return
			}
			check(t, user, server.fixture)
		})
	}
}

func refuseAndKeepNothing(t *testing.T, user, admin *fixture) {
	t.Helper()
	_, err := user.Claim(t.Context(), "evt_new", time.Hour)
	requireFailure(t, err, "")
	require.Empty(t, admin.keys(t))
}

// userWithout is a store whose user may run all commands that the scripts need, but one.
func userWithout(t *testing.T, server *ownServer, missing string) *fixture {
	t.Helper()
	rules := []any{"ACL", "SETUSER", "receiver", "reset", "on", ">password", "~" + redisclaims.DefaultPrefix + "*", "+hello", "+client"}
	for _, command := range commands {
		if command != missing {
			rules = append(rules, "+"+command)
		}
	}
	server.do(t, rules...)
	options := *server.client.Options()
	options.Username, options.Password = "receiver", "password"
	client := redis.NewClient(&options)
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	store, err := redisclaims.New(client)
	require.NoError(t, err)
	return &fixture{Store: store, client: client, prefix: redisclaims.DefaultPrefix}
}
