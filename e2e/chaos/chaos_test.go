package chaos

import (
	"cmp"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go/stackbetest"
)

var seed = flag.Uint64("seed", 0, "of the random numbers; 0 takes a new one")

// players is how many play at a time, on each network.
const players = 2

func sorted[S ~[]E, E cmp.Ordered](s S) S {
	slices.Sort(s)
	return s
}

// TestMain runs many tests at a time, since they wait more than they compute.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// A protocol is how the client and the server speak.
type protocol struct {
	name      string
	start     func(http.Handler) *httptest.Server
	transport func(*httptest.Server) *http.Transport
}

var protocols = []protocol{
	{"HTTP/1.1", httptest.NewServer, func(*httptest.Server) *http.Transport { return &http.Transport{} }},
	{"HTTP/2", func(handler http.Handler) *httptest.Server {
		server := httptest.NewUnstartedServer(handler)
		server.EnableHTTP2 = true
		server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that break off
		server.StartTLS()
		return server
	}, func(server *httptest.Server) *http.Transport {
		trusted := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		return &http.Transport{
			ForceAttemptHTTP2: true,
			TLSClientConfig:   &tls.Config{RootCAs: trusted},
			HTTP2:             &http.HTTP2Config{SendPingTimeout: 100 * time.Millisecond, PingTimeout: 100 * time.Millisecond},
		}
	}},
}

// TestCallsThroughFaults plays stories through each fault. Each call has to end by its deadline, as
// documented; the views have to be those of the same stories without faults; and nothing may be left
// behind.
func TestCallsThroughFaults(t *testing.T) {
	seed := cmp.Or(*seed, rand.Uint64())
	t.Logf("-seed %d", seed)
	expected := undisturbedViews(t)
	before := goroutines()

	t.Run("faults", func(t *testing.T) {
		stream := uint64(0)
		run := func(name string, speak protocol, mode mode, f fault) {
			stream++
			random := rand.New(rand.NewPCG(seed, stream))
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				views := disturbedViews(t, random, speak, mode, f)
				checkViews(t, expected, views)
			})
		}
		for _, mode := range []mode{withKey, once} {
			for _, name := range sorted(slices.Collect(maps.Keys(faults))) {
				run(fmt.Sprintf("%s, %v", name, mode), protocols[0], mode, faults[name])
			}
			for _, speak := range protocols {
				run(fmt.Sprintf("all faults, %v, %s", mode, speak.name), speak, mode, anyFault)
			}
		}
	})
	checkGoroutines(t, before)
}

func checkViews(t *testing.T, expected, views []view) {
	t.Helper()
	if t.Failed() {
		return // the views are incomplete
	}
	for number, view := range expected {
		for call, lines := range view {
			assert.Equal(t, lines, views[number][call], "%s of partner %d", call, number)
		}
	}
}

func (m mode) String() string {
	return map[mode]string{calmly: "without faults", withKey: "with keys", once: "without keys"}[m]
}

// backend is a reference server whose clock stands still, so that what follows from a story depends
// on its calls alone.
func backend(t *testing.T) *stackbetest.Server {
	t.Helper()
	now := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	return stackbetest.New(t, stackbetest.WithoutSocket(), stackbetest.WithClock(func() time.Time { return now }))
}

func undisturbedViews(t *testing.T) []view {
	t.Helper()
	return play(t, rand.New(rand.NewPCG(0, 0)), calmly, newStage(backend(t)))
}

func disturbedViews(t *testing.T, random *rand.Rand, speak protocol, mode mode, f fault) []view {
	t.Helper()
	stage := newStage(backend(t))
	server := speak.start(stage.recorder)
	defer server.Close()
	network := newNetwork(t, random, server.Listener.Addr().String(), f)
	transport := speak.transport(server)
	transport.DialContext = network.dial
	stage.disturb = func(r *rand.Rand) {
		if r.IntN(6) == 0 {
			transport.CloseIdleConnections()
		}
	}
	stage.connect(t, mode, server.URL, transport)

	views := play(t, random, mode, stage)
	transport.CloseIdleConnections()
	assert.Eventually(t, func() bool { return network.open.Load() == 0 }, patience, 10*time.Millisecond, "connections are left behind")
	stage.checkRequests(t)
	t.Logf("%d calls, of which %d failed, on %d connections", stage.tries.Load(), stage.failures.Load(), network.dialed.Load())
	return views
}

// play plays the stories of all players at once, and returns their views.
func play(t *testing.T, random *rand.Rand, mode mode, stage *stage) []view {
	t.Helper()
	views := make([]view, players)
	perform := func(name string, act func(*player)) func() {
		p := &player{t: t, mode: mode, name: name, stage: stage, random: rand.New(rand.NewPCG(random.Uint64(), 0))}
		return func() { act(p) }
	}
	var together sync.WaitGroup
	together.Go(perform("settings", settings))
	together.Wait()
	for number := range players {
		together.Go(perform(fmt.Sprintf("partner %d", number), func(p *player) { views[number] = story(p, number) }))
	}
	together.Wait()
	return views
}

// TestStoryMakesEveryCall finds the calls of the SDK that no story makes.
func TestStoryMakesEveryCall(t *testing.T) {
	stage := newStage(backend(t))
	play(t, rand.New(rand.NewPCG(0, 0)), calmly, stage)

	var calls []string
	for _, service := range []string{"Affiliates", "Account", "Admin"} {
		calls = append(calls, callsOf(service, reflect.Indirect(reflect.ValueOf(stage.calm).Elem().FieldByName(service)).Type())...)
	}
	assert.Greater(t, len(calls), 80)
	for _, call := range calls {
		assert.True(t, stage.kinds[call], "no story makes %s", call)
	}
}

// callsOf returns the names of the methods of a service, and of the services in its fields.
func callsOf(path string, service reflect.Type) (calls []string) {
	methods := reflect.PointerTo(service)
	for i := range methods.NumMethod() {
		calls = append(calls, path+"."+methods.Method(i).Name)
	}
	for i := range service.NumField() {
		if field := service.Field(i); field.IsExported() {
			calls = append(calls, callsOf(path+"."+field.Name, field.Type)...)
		}
	}
	return calls
}
