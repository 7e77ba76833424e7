package refserver_test

import (
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// peopled is a server with n users: half are of one partner, the others of n/10 partners. Two users of
// the one partner have a subscription in error, far from the newest. Each size is made once.
var peopled = struct {
	sync.Mutex
	worlds map[int]*peopledWorld
}{worlds: map[int]*peopledWorld{}}

type peopledWorld struct {
	world
	partner program.Affiliate
	user    string // of the partner
}

func people(b *testing.B, n int) *peopledWorld {
	b.Helper()
	peopled.Lock()
	defer peopled.Unlock()
	if w := peopled.worlds[n]; w != nil {
		return w
	}

	server := refserver.New(refserver.Config{Now: func() time.Time { return start }})
	w := &peopledWorld{world: world{Server: server}}
	app, err := server.AddApp(refserver.AppParams{})
	require.NoError(b, err)
	w.App = app
	for i := range n / 10 {
		w.world.partner(b, fmt.Sprintf("partner-%07d@acme.com", i), fmt.Sprintf("CODE%d", i))
	}
	w.partner = w.world.partner(b, "jane@acme.com", "JANE")
	for i := range n {
		code := "JANE"
		if i%2 == 1 {
			code = fmt.Sprintf("CODE%d", i%(n/10))
		}
		w.user = w.customer(b, program.CustomerParams{Email: fmt.Sprintf("user-%07d@example.com", i), ReferralCode: code})
		if i == 0 || i == n/2 {
			made, err := app.Program.Subscribe(program.SubscriptionParams{CustomerID: w.user, Plan: program.Pro})
			require.NoError(b, err)
			_, err = app.Program.UpdateSubscription(made.ID, program.SubscriptionChange{Status: program.SubscriptionError})
			require.NoError(b, err)
		}
	}
	w.user = w.customer(b, program.CustomerParams{Email: "last@example.com", ReferralCode: "JANE"})
	runtime.GC() // what filling has left behind is not to be measured
	peopled.worlds[n] = w
	return w
}

func runPeopled(b *testing.B, request func(*peopledWorld) *http.Request) {
	for _, n := range benchmarkSizes {
		b.Run(fmt.Sprintf("users=%d", n), func(b *testing.B) {
			w := people(b, n)
			r := request(w)
			response := &sink{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(response.header)
				w.ServeHTTP(response, r)
			}
			require.Equal(b, http.StatusOK, response.status)
		})
	}
}

func BenchmarkUsersPageOf100(b *testing.B) {
	for name, query := range map[string]string{"all": "", "inError": "&filter=error"} {
		b.Run(name, func(b *testing.B) {
			runPeopled(b, func(w *peopledWorld) *http.Request {
				return benchRequest("GET", users+"?limit=100"+query, "", w.session(w.partner.CustomerID))
			})
		})
	}
}

func BenchmarkUser(b *testing.B) {
	runPeopled(b, func(w *peopledWorld) *http.Request {
		return benchRequest("GET", users+"/"+w.user, "", w.session(w.partner.CustomerID))
	})
}

func BenchmarkInfo(b *testing.B) {
	runPeopled(b, func(w *peopledWorld) *http.Request {
		return benchRequest("GET", account+"info", "", w.session(w.partner.CustomerID))
	})
}

func BenchmarkPartnersPageOf100(b *testing.B) {
	runPeopled(b, func(w *peopledWorld) *http.Request {
		return benchRequest("GET", w.path("partners?limit=100"), "", w.admin())
	})
}

func BenchmarkCustomersPageOf100(b *testing.B) {
	runPeopled(b, func(w *peopledWorld) *http.Request {
		return benchRequest("GET", w.appPath("customers?limit=100"), "", w.admin())
	})
}
