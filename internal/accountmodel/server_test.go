package accountmodel_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/refserver"
)

// A server is the reference server with one app. It can be replaced by one that goes on from its
// snapshot, at the same URL.
type server struct {
	t      require.TestingT
	config refserver.Config
	app    refserver.App
	now    atomic.Pointer[refserver.Server]
	http   *httptest.Server
}

func newServer(t require.TestingT, clock func() time.Time) *server {
	s := &server{t: t, config: refserver.Config{Now: clock}}
	reference := refserver.New(s.config)
	app, err := reference.AddApp(refserver.AppParams{})
	require.NoError(t, err)
	s.app = app
	s.now.Store(reference)
	s.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.now.Load().ServeHTTP(w, r) }))
	return s
}

func (s *server) close() {
	s.http.Close()
	s.now.Load().Close()
}

func (s *server) client() *stackbe.Client {
	client, err := stackbe.New(stackbe.Config{APIKey: s.app.APIKey, AppID: s.app.ID, BaseURL: s.http.URL, HTTPClient: s.http.Client()})
	require.NoError(s.t, err)
	return client
}

func (s *server) sessionToken(customerID string) string {
	token, err := s.now.Load().SessionToken(s.app.ID, customerID)
	require.NoError(s.t, err)
	return token
}

func (s *server) advance(d time.Duration) { require.NoError(s.t, s.now.Load().Advance(d)) }

// restart goes on from the snapshot, which must be that of the new server, too.
func (s *server) restart() {
	old, next := s.now.Load(), refserver.New(s.config)
	var before, after bytes.Buffer
	require.NoError(s.t, old.Snapshot().Write(&before))
	document, err := refserver.ReadDocument(bytes.NewReader(before.Bytes()))
	require.NoError(s.t, err)
	require.NoError(s.t, next.Restore(document))
	require.NoError(s.t, next.Snapshot().Write(&after))
	require.Equal(s.t, before.String(), after.String(), "the snapshot of the restored server")
	s.now.Store(next)
	old.Close()
}
