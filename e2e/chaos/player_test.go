package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// A mode is how a player makes the writes of a story. Reads are made until they succeed.
type mode int

const (
	calmly  mode = iota // once, without faults
	withKey             // again until they succeed, with one key each
	once                // once, without a key that the server knows; what did not happen is then made up for without faults
)

// A player makes the calls of a story.
type player struct {
	t      *testing.T
	mode   mode
	name   string
	stage  *stage
	random *rand.Rand
	calls  int
}

// A stage is what the players of one server share.
type stage struct {
	server   *stackbetest.Server
	calm     *stackbe.Client   // without faults
	faulty   []*stackbe.Client // the second has timeouts of its own
	replaced bool              // responses may be anything
	disturb  func(*rand.Rand)  // comes before each call
	recorder *recorder

	tries, failures atomic.Int64

	mu       sync.Mutex
	attempts map[string]int  // by the name of the call
	kinds    map[string]bool // of calls that were made
}

// The times of Config.Timeout and http.Client.Timeout in the client that has them.
const (
	callTimeout    = 150 * time.Millisecond
	attemptTimeout = 60 * time.Millisecond
)

// maxTries is more than a call needs: nearly every second connection works.
const maxTries = 100

func newStage(server *stackbetest.Server) *stage {
	return &stage{
		server:   server,
		calm:     server.Client().AsAdmin(server.AdminToken),
		recorder: newRecorder(server.Handler()),
		attempts: map[string]int{},
		kinds:    map[string]bool{},
	}
}

// connect makes the clients that meet faults.
func (s *stage) connect(t *testing.T, mode mode, url string, transport http.RoundTripper) {
	t.Helper()
	config := s.server.Config()
	config.BaseURL, config.HTTPClient = url, &http.Client{Transport: transport}
	config.Observe = observe
	config.Retry = &stackbe.Retry{Max: 2, MinWait: time.Millisecond, MaxWait: 20 * time.Millisecond}
	if mode == once {
		config.IdempotencyHeader = "X-Chaos-Key" // which the server does not know
	}
	patient, err := stackbe.New(config)
	require.NoError(t, err)
	config.Timeout = callTimeout
	config.HTTPClient = &http.Client{Transport: transport, Timeout: attemptTimeout}
	hasty, err := stackbe.New(config)
	require.NoError(t, err)
	s.faulty = []*stackbe.Client{patient.AsAdmin(s.server.AdminToken), hasty.AsAdmin(s.server.AdminToken)}
}

// checkRequests fails the test if the server has seen more requests of a call than the SDK counts.
func (s *stage) checkRequests(t *testing.T) {
	t.Helper()
	for name, attempts := range s.attempts {
		assert.LessOrEqual(t, s.recorder.requests(name), attempts, "%s: more requests reach the server than are counted", name)
	}
}

// begin returns the name of the next call, of that kind.
func (p *player) begin(kind string) string {
	p.calls++
	p.stage.mu.Lock()
	defer p.stage.mu.Unlock()
	p.stage.kinds[kind] = true
	return fmt.Sprintf("%s, call %d, %s", p.name, p.calls, kind)
}

// write makes a call that changes something. The call sends the key, which may be empty.
func write[T any](p *player, what string, send func(ctx context.Context, client *stackbe.Client, key string) (*T, error)) *T {
	name := p.begin(what)
	calm := func(ctx context.Context, client *stackbe.Client) (*T, error) { return send(ctx, client, "") }
	switch p.mode {
	case calmly:
		return undisturbed(p, name, calm)
	case withKey:
		key := strings.ReplaceAll(name, " ", "-")
		return persistent(p, name, func(ctx context.Context, client *stackbe.Client) (*T, error) { return send(ctx, client, key) })
	}
	result, err := try(p, name, 0, calm)
	done := p.stage.recorder.settle(name)
	switch {
	case done.effects > 1:
		p.failf("%s: the server acted %d times", name, done.effects)
	case err == nil && done.effects == 0:
		p.failf("%s: it succeeded, and the server has not acted", name)
	case done.effects == 0:
		return undisturbed(p, name, calm)
	case err != nil: // only the response is lost
		result = new(T)
		if err := json.Unmarshal(done.body, result); err != nil {
			p.failf("%s: the server sent %s: %v", name, done.body, err)
		}
	}
	return result
}

// read makes a call that changes nothing.
func read[T any](p *player, what string, send func(ctx context.Context, client *stackbe.Client) (T, error)) T {
	name := p.begin(what)
	if p.mode == calmly {
		return undisturbed(p, name, send)
	}
	return persistent(p, name, send)
}

func undisturbed[T any](p *player, name string, send func(context.Context, *stackbe.Client) (T, error)) T {
	result, err := send(context.Background(), p.stage.calm)
	if err != nil {
		p.failf("%s, without faults: %v", name, err)
	}
	return result
}

// persistent makes a call until it succeeds.
func persistent[T any](p *player, name string, send func(context.Context, *stackbe.Client) (T, error)) T {
	for number := range maxTries {
		result, err := try(p, fmt.Sprintf("%s, try %d", name, number+1), number, send)
		if err == nil {
			return result
		}
		var e *stackbe.Error
		if errors.As(err, &e) && e.StatusCode >= 400 && e.StatusCode < 500 && e.StatusCode != http.StatusTooManyRequests {
			p.failf("%s, try %d: the server refuses it: %v", name, number+1, err)
		}
	}
	p.failf("%s does not succeed in %d tries", name, maxTries)
	panic("unreachable")
}

// try makes a call once, within a time that may be too short, and checks how it ends. The more tries
// came before, the longer the time is, so that a slow machine succeeds too.
func try[T any](p *player, name string, before int, send func(context.Context, *stackbe.Client) (T, error)) (T, error) {
	p.stage.disturb(p.random)
	hung := time.AfterFunc(patience, func() {
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 2)
		panic(name + " has not ended long after its deadline")
	})
	defer hung.Stop()

	observed := &attempts{}
	ctx := context.WithValue(context.Background(), attemptsKey{}, observed)
	ctx = stackbe.WithHeader(ctx, callHeader, name)
	if p.random.IntN(4) == 0 {
		ctx = stackbe.WithRetry(ctx, stackbe.Retry{})
	}
	client := p.stage.faulty[0]
	ownTimeout := p.random.IntN(4) == 0 && before < 4
	if ownTimeout {
		client = p.stage.faulty[1]
	} else {
		bounded, end := p.bound(ctx, before)
		defer end()
		ctx = bounded
	}

	result, err := send(ctx, client)
	p.stage.record(name, observed.total, err)
	if err != nil {
		end := ending{ctx: ctx, secrets: []string{p.stage.server.APIKey, p.stage.server.AdminToken}, attempts: observed.last, ownTimeout: ownTimeout, replaced: p.stage.replaced, csv: strings.Contains(name, "CSV, try")}
		if reason := end.undocumented(err); reason != "" {
			p.failf("%s: its error is not as documented: %s: %v", name, reason, err)
		}
	}
	return result, err
}

// bound returns a context that ends soon, by its deadline or because it is canceled.
func (p *player) bound(ctx context.Context, before int) (context.Context, func()) {
	soon := time.Duration(between(p.random, 10, 200)*(1+before/3)) * time.Millisecond
	if p.random.IntN(4) > 0 {
		return context.WithTimeout(ctx, soon)
	}
	ctx, cancel := context.WithCancel(ctx)
	timer := time.AfterFunc(soon, cancel)
	return ctx, func() {
		timer.Stop()
		cancel()
	}
}

// attempts are those of a call that Config.Observe reports.
type attempts struct {
	total int // of all pages of a list
	last  int // of the last request for one
}

type attemptsKey struct{}

func observe(ctx context.Context, attempt stackbe.Attempt) {
	if observed, ok := ctx.Value(attemptsKey{}).(*attempts); ok {
		observed.total++
		observed.last = attempt.Number
	}
}

func (s *stage) record(name string, attempts int, err error) {
	s.tries.Add(1)
	if err != nil {
		s.failures.Add(1)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempts[name] = attempts
}

// failf ends the player, and fails the test.
func (p *player) failf(format string, arguments ...any) {
	p.t.Errorf(format, arguments...)
	runtime.Goexit()
}
