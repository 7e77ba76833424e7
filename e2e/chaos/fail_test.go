package chaos

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// anyFail is a fault for a request soon. A server that is honest says 429 and 503 only if it has not
// acted.
func anyFail(r *rand.Rand, honest bool) stackbetest.Fault {
	executed := r.IntN(2) == 0
	f := stackbetest.Fault{Times: 1, After: r.IntN(3), AfterCommit: executed}
	switch r.IntN(8) {
	case 0:
		f.Status, f.Header = pick(r, 429, 503), http.Header{"Retry-After": {"0"}}
		f.AfterCommit = executed && !honest
	case 1:
		f.Status, f.Header = 503, http.Header{"Retry-After": {"3600"}}
		f.AfterCommit = executed && !honest
	case 2:
		f.Status = pick(r, 500, 502, 504)
	case 3:
		f.Status, f.Body = pick(r, 500, 502, 504), "<html><h1>Bad gateway</h1>"
	case 4:
		f.Status, f.Body = 200, pick(r, "{", "<html><h1>Welcome</h1>")
	case 5:
		f.Drop = true
	case 6:
		f.Truncate = between(r, 1, 300)
	case 7:
		f.Delay = time.Duration(between(r, 1, 150)) * time.Millisecond
	}
	return f
}

// mostFaults is more than there are at a time that have not fired.
const mostFaults = 200

// A failing server is given faults.
type failing struct {
	server *stackbetest.Server
	honest bool

	mu      sync.Mutex
	removes []func() // of the newest faults
}

// disturb sets a fault before every second call.
func (f *failing) disturb(r *rand.Rand) {
	if r.IntN(2) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.removes = append(f.removes, f.server.Fail(anyFail(r, f.honest)))
	if len(f.removes) > mostFaults {
		f.removes[0]()
		f.removes = f.removes[1:]
	}
}

// exhaust makes requests until every fault has fired; one that has not would fail the test.
func (f *failing) exhaust() {
	for range 4 * mostFaults {
		provoke(f.server)
	}
}

// provoke makes a request for a fault to act on.
func provoke(server *stackbetest.Server) {
	client := http.Client{Transport: server.Transport(), Timeout: time.Millisecond}
	if response, err := client.Get("http://server.example/openapi.yaml"); err == nil {
		response.Body.Close()
	}
}

// reaches are the ways from a client to a server.
var reaches = map[string]func(t *testing.T, s *stage) (url string, transport http.RoundTripper, end func()){
	"without a socket": func(_ *testing.T, s *stage) (string, http.RoundTripper, func()) {
		return "http://127.0.0.1", s.server.Transport(), func() {}
	},
	protocols[0].name: func(_ *testing.T, s *stage) (string, http.RoundTripper, func()) { return protocols[0].reach(s) },
	protocols[1].name: func(_ *testing.T, s *stage) (string, http.RoundTripper, func()) { return protocols[1].reach(s) },
}

func (p protocol) reach(s *stage) (url string, transport http.RoundTripper, end func()) {
	server := p.start(s.recorder)
	made := p.transport(server)
	return server.URL, made, func() {
		made.CloseIdleConnections()
		server.Close()
	}
}

// TestCallsThroughFail plays stories on a server that fails by stackbetest's faults.
func TestCallsThroughFail(t *testing.T) {
	seed := cmp.Or(*seed, rand.Uint64())
	t.Logf("-seed %d", seed)
	expected := undisturbedViews(t)
	before := goroutines()
	t.Run("reaches", func(t *testing.T) {
		for name, reach := range reaches {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				stage := newStage(backend(t))
				server := &failing{server: stage.server}
				stage.disturb, stage.replaced = server.disturb, true
				url, transport, end := reach(t, stage)
				defer end()
				stage.connect(t, withKey, url, transport)
				views := play(t, rand.New(rand.NewPCG(seed, 1)), withKey, stage)
				server.exhaust()
				stage.checkRequests(t)
				checkViews(t, expected, views)
				t.Logf("%d calls, of which %d failed", stage.tries.Load(), stage.failures.Load())
			})
		}
	})
	checkGoroutines(t, before)
}

// TestWriteWithoutKeyHappensAtMostOnce makes each write once, with an amount of its own, on a server
// that fails. Those that succeed have happened, and no other has happened twice.
func TestWriteWithoutKeyHappensAtMostOnce(t *testing.T) {
	const writes = 100 // of each player
	seed := cmp.Or(*seed, rand.Uint64())
	t.Logf("-seed %d", seed)
	for name, reach := range reaches {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stage := newStage(backend(t))
			customer := stage.server.CreateCustomer(stackbetest.CustomerParams{Email: "john@company.com"})
			paid, err := stage.calm.Admin.Invoices.Create(t.Context(), affiliates.CreateInvoiceParams{CustomerID: customer, Amount: affiliates.MoneyFromCents(1_000_000_00)})
			require.NoError(t, err)
			server := &failing{server: stage.server, honest: true}
			stage.disturb, stage.replaced = server.disturb, true
			url, transport, end := reach(t, stage)
			defer end()
			stage.connect(t, once, url, transport)

			var mu sync.Mutex
			invoices, refunds := map[string]bool{}, map[string]bool{} // whether the call has succeeded, by amount
			var together sync.WaitGroup
			for number := range players {
				p := &player{t: t, mode: once, name: fmt.Sprintf("player %d", number), stage: stage, random: rand.New(rand.NewPCG(seed, uint64(number)))}
				together.Go(func() {
					for i := range writes {
						amount := affiliates.MoneyFromCents(int64(1 + number*writes + i))
						_, err := try(p, p.begin("Admin.Invoices.Create"), 0, func(ctx context.Context, c *stackbe.Client) (*affiliates.Invoice, error) {
							return c.Admin.Invoices.Create(ctx, affiliates.CreateInvoiceParams{CustomerID: customer, Amount: amount})
						})
						_, errRefund := try(p, p.begin("Admin.Invoices.Refund"), 0, func(ctx context.Context, c *stackbe.Client) (*affiliates.RefundResult, error) {
							return c.Admin.Invoices.Refund(ctx, paid.ID, affiliates.RefundInvoiceParams{Amount: &amount})
						})
						mu.Lock()
						invoices[amount.String()], refunds[amount.String()] = err == nil, errRefund == nil
						mu.Unlock()
					}
				})
			}
			together.Wait()
			server.exhaust()
			stage.checkRequests(t)

			all, err := collect(stage.calm.Admin.Invoices.All(t.Context(), affiliates.AdminInvoiceFilter{Limit: many}))
			require.NoError(t, err)
			checkEffects(t, "invoice", invoices, amounts(all[:len(all)-1], func(i *affiliates.Invoice) affiliates.Money { return i.Amount }))
			refunded, err := collect(stage.calm.Admin.Invoices.AllRefunds(t.Context(), paid.ID, affiliates.RefundFilter{Limit: many}))
			require.NoError(t, err)
			checkEffects(t, "refund", refunds, amounts(refunded, func(r *affiliates.Refund) affiliates.Money { return r.Amount }))
		})
	}
}

// amounts counts elements by their amounts.
func amounts[T any](elements []*T, of func(*T) affiliates.Money) map[string]int {
	counts := make(map[string]int)
	for _, element := range elements {
		counts[of(element).String()]++
	}
	return counts
}

func checkEffects(t *testing.T, what string, succeeded map[string]bool, happened map[string]int) {
	t.Helper()
	lost := 0
	for amount, success := range succeeded {
		assert.LessOrEqual(t, happened[amount], 1, "the %s of %s", what, amount)
		if success {
			assert.Equal(t, 1, happened[amount], "the %s of %s has succeeded", what, amount)
		} else if happened[amount] > 0 {
			lost++
		}
		delete(happened, amount)
	}
	assert.Empty(t, happened, "nobody has asked for this")
	assert.Positive(t, lost, "no response was lost")
}
