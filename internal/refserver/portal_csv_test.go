package refserver_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// A timedWriter counts its deadlines.
type timedWriter struct {
	*httptest.ResponseRecorder
	deadlines int
}

func (w *timedWriter) SetWriteDeadline(time.Time) error {
	w.deadlines++
	return nil
}

func TestCSVMayTakeLongerThanTheTimeoutOfTheServer(t *testing.T) {
	w := newWorld(t)
	jane := w.partner(t, "jane@acme.com", "JANE").CustomerID
	for i := range 250 {
		w.customer(t, program.CustomerParams{Email: fmt.Sprintf("user-%d@example.com", i), ReferralCode: "JANE"})
	}
	signedIn := httptest.NewRecorder()
	w.ServeHTTP(signedIn, httptest.NewRequest("GET", w.link(t, jane), nil))
	get := func(server *http.Server) *timedWriter {
		r := httptest.NewRequest("GET", "/portal/users.csv", nil)
		r = r.WithContext(context.WithValue(r.Context(), http.ServerContextKey, server))
		r.AddCookie(signedIn.Result().Cookies()[0])
		got := &timedWriter{ResponseRecorder: httptest.NewRecorder()}
		w.ServeHTTP(got, r)
		assert.Equal(t, 200, got.Code)
		assert.Equal(t, 251, strings.Count(got.Body.String(), "\n"))
		return got
	}
	assert.Equal(t, 3, get(&http.Server{WriteTimeout: time.Minute}).deadlines, "one for each 100 rows")
	assert.Zero(t, get(&http.Server{}).deadlines, "there is no timeout to extend")
}
