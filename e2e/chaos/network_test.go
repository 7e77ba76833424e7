// Package chaos plays the partner program through connections that fail: a fault-injecting
// proxy delays, cuts, resets and silences them. Every call ends by its deadline, with a result or
// with an error that the docs describe; nothing happens twice; and nothing is left behind.
//
//	go test ./...              with a new seed
//	go test ./... -seed 4711   with that of a run that failed
package chaos

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// A toxic is what toxiproxy does to one direction of a connection.
type toxic struct {
	Type       string         `json:"type"`
	Stream     string         `json:"stream"`
	Attributes map[string]any `json:"attributes"`
}

// A fault makes the toxics of a proxy. The proxies of a fault differ in its random numbers.
type fault func(r *rand.Rand) []toxic

const (
	requests  = "upstream"
	responses = "downstream"
)

func either(r *rand.Rand) string { return pick(r, requests, responses) }

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func between(r *rand.Rand, least, most int) int { return least + r.IntN(most-least+1) }

// faults are those of toxiproxy, the values in milliseconds and bytes where it does not say
// otherwise.
var faults = map[string]fault{
	"latency": func(r *rand.Rand) []toxic {
		return []toxic{
			{"latency", requests, map[string]any{"latency": between(r, 0, 30), "jitter": between(r, 0, 30)}},
			{"latency", responses, map[string]any{"latency": between(r, 0, 30), "jitter": between(r, 0, 30)}},
		}
	},
	"resets": func(r *rand.Rand) []toxic {
		return []toxic{{"reset_peer", either(r), map[string]any{"timeout": between(r, 0, 40)}}}
	},
	"half-open connections": func(r *rand.Rand) []toxic {
		return []toxic{{"timeout", either(r), map[string]any{"timeout": 0}}}
	},
	"silence before the close": func(r *rand.Rand) []toxic {
		return []toxic{{"timeout", either(r), map[string]any{"timeout": between(r, 1, 40)}}}
	},
	"truncated requests": func(r *rand.Rand) []toxic {
		return []toxic{{"limit_data", requests, map[string]any{"bytes": between(r, 0, 1500)}}}
	},
	"truncated responses": func(r *rand.Rand) []toxic {
		return []toxic{{"limit_data", responses, map[string]any{"bytes": between(r, 0, 3000)}}}
	},
	"truncated data and a slow close": func(r *rand.Rand) []toxic {
		stream := either(r)
		return []toxic{
			{"limit_data", stream, map[string]any{"bytes": between(r, 0, 3000)}},
			{"slow_close", stream, map[string]any{"delay": between(r, 10, 300)}},
		}
	},
	"a low bandwidth": func(r *rand.Rand) []toxic {
		return []toxic{{"bandwidth", either(r), map[string]any{"rate": between(r, 2, 40)}}} // KB/s
	},
	"data in slices": func(r *rand.Rand) []toxic {
		return []toxic{{"slicer", either(r), map[string]any{
			"average_size": between(r, 20, 200), "size_variation": between(r, 1, 19), "delay": between(r, 10, 800), // in microseconds
		}}}
	},
}

// anyFault is one of the faults for each proxy.
func anyFault(r *rand.Rand) []toxic {
	var names []string
	for name := range faults {
		names = append(names, name)
	}
	return faults[pick(r, sorted(names)...)](r)
}

// sound lets a connection live for some dozens of calls, so that faulty ones follow it.
func sound(r *rand.Rand) []toxic {
	return []toxic{{"limit_data", responses, map[string]any{"bytes": between(r, 10_000, 40_000)}}}
}

const (
	faultyProxies = 7
	soundProxies  = 2
)

// A network makes connections to a server, each through one of its proxies, or through one that
// does not listen.
type network struct {
	addresses []string

	mu     sync.Mutex
	random *rand.Rand

	dialed, refused, open atomic.Int64
}

func newNetwork(t *testing.T, r *rand.Rand, upstream string, f fault) *network {
	t.Helper()
	n := &network{random: rand.New(rand.NewPCG(r.Uint64(), 0))}
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	for i := range soundProxies + faultyProxies {
		proxy := toxiproxy.NewProxy(server, "", "127.0.0.1:0", upstream)
		require.NoError(t, proxy.Start())
		t.Cleanup(proxy.Stop)
		n.addresses = append(n.addresses, proxy.Listen)
		toxics := f
		if i < soundProxies {
			toxics = sound
		}
		for _, toxic := range toxics(r) {
			definition, err := json.Marshal(toxic)
			require.NoError(t, err)
			_, err = proxy.Toxics.AddToxicJson(strings.NewReader(string(definition)))
			require.NoError(t, err)
		}
	}
	n.addresses = append(n.addresses, nowhere)
	return n
}

// nowhere is the address of a port that nothing listens on. A port that was free a moment ago may be
// another test's by now.
const nowhere = "127.0.0.1:9"

// dial is the DialContext of a transport.
func (n *network) dial(ctx context.Context, kind, _ string) (net.Conn, error) {
	n.mu.Lock()
	address := pick(n.random, n.addresses...)
	n.mu.Unlock()

	n.dialed.Add(1)
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, kind, address)
	if err != nil {
		n.refused.Add(1)
		return nil, err
	}
	n.open.Add(1)
	return &counted{Conn: conn, open: &n.open}, nil
}

// A counted connection takes part in the count of those that are open.
type counted struct {
	net.Conn
	once sync.Once
	open *atomic.Int64
}

func (c *counted) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

// patience is how long a test waits for what should happen at once. It is long because it is
// not measured: beyond it, the thing never happens.
const patience = 2 * time.Minute
