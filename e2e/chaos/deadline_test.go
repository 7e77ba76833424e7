package chaos

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// slowFail is a fault that can take longer than a call has.
func slowFail(r *rand.Rand) stackbetest.Fault {
	f := anyFail(r, false)
	if !f.Drop && r.IntN(2) == 0 {
		f.Delay = time.Duration(r.Int64N(int64(time.Minute)))
	}
	if f.Status == http.StatusServiceUnavailable || f.Status == http.StatusTooManyRequests {
		f.Header = http.Header{"Retry-After": {fmt.Sprint(r.IntN(5))}}
	}
	f.After = 0
	return f
}

// TestCallEndsByDeadlineToTheNanosecond makes calls in a bubble, where time passes only while all wait.
func TestCallEndsByDeadlineToTheNanosecond(t *testing.T) {
	const calls = 800
	seed := cmp.Or(*seed, rand.Uint64())
	t.Logf("-seed %d", seed)
	for name, bound := range map[string]func(stackbe.Config, time.Duration) (stackbe.Config, time.Duration){
		"of the context": func(c stackbe.Config, limit time.Duration) (stackbe.Config, time.Duration) { return c, limit },
		"of Config.Timeout": func(c stackbe.Config, limit time.Duration) (stackbe.Config, time.Duration) {
			c.Timeout = limit
			return c, 0
		},
		"of each attempt": boundAttempts,
		"of both, the first": func(c stackbe.Config, limit time.Duration) (stackbe.Config, time.Duration) {
			c.Timeout = limit / 2
			return c, limit
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := rand.New(rand.NewPCG(seed, 0))
				server := backend(t)
				for number := range calls {
					remove := server.Fail(slowFail(r))
					limit := time.Duration(1 + r.Int64N(int64(20*time.Second)))
					checkDeadline(t, r, server, number, limit, bound)
					provoke(server)
					remove()
				}
			})
		})
	}
}

// boundAttempts gives each attempt a third of the time, and the call the rest.
func boundAttempts(c stackbe.Config, limit time.Duration) (stackbe.Config, time.Duration) {
	c.HTTPClient = &http.Client{Transport: c.HTTPClient.Transport, Timeout: limit / 3}
	return c, limit
}

func checkDeadline(t *testing.T, r *rand.Rand, server *stackbetest.Server, number int, limit time.Duration, bound func(stackbe.Config, time.Duration) (stackbe.Config, time.Duration)) {
	t.Helper()
	observed := &attempts{}
	ctx := context.WithValue(t.Context(), attemptsKey{}, observed)
	config, deadline := bound(server.Config(), limit)
	config.Observe = observe
	if deadline > 0 {
		bounded, cancel := context.WithTimeout(ctx, deadline)
		defer cancel()
		ctx = bounded
	}
	client, err := stackbe.New(config)
	require.NoError(t, err)
	client = client.AsAdmin(server.AdminToken)

	started := time.Now()
	switch kind := r.IntN(4); kind {
	case 0, 1:
		params := affiliates.ApplyParams{Email: fmt.Sprintf("jane%d@example.com", number), Name: "Jane"}
		if kind == 0 {
			params.IdempotencyKey = fmt.Sprintf("application-%d", number)
		}
		_, err = client.Affiliates.Apply(ctx, params)
	case 2:
		_, err = client.Affiliates.GetApplicationStatus(ctx, "jane@example.com")
	case 3:
		_, err = collect(client.Affiliates.Applications(ctx, affiliates.ApplicationFilter{Limit: many}))
	}
	assert.LessOrEqual(t, time.Since(started), limit)
	if err != nil {
		end := ending{ctx: ctx, secrets: []string{server.APIKey, server.AdminToken}, attempts: observed.last, ownTimeout: true, replaced: true}
		assert.Empty(t, end.undocumented(err), "%v", err)
	}
}
