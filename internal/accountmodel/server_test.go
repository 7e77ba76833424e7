package accountmodel_test

import (
	"bytes"
	"errors"
	"io"
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
	twin   *server // nil, or what has the same history
}

func newServer(t require.TestingT, config refserver.Config) *server {
	s := &server{t: t, config: config}
	reference := refserver.New(s.config)
	app, err := reference.AddApp(refserver.AppParams{})
	require.NoError(t, err)
	s.app = app
	s.now.Store(reference)
	s.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.now.Load().ServeHTTP(w, r) }))
	return s
}

// newTwins returns a server whose requests are sent to its twin as well. Both have the same seed; only the
// first can be replaced by one that goes on from its snapshot.
func newTwins(t require.TestingT, config refserver.Config) *server {
	config.Seed = "twins"
	s := newServer(t, config)
	s.twin = newServer(t, config)
	require.Equal(t, s.app.APIKey, s.twin.app.APIKey)
	return s
}

func (s *server) close() {
	s.http.Close()
	s.now.Load().Close()
	if s.twin != nil {
		s.twin.close()
	}
}

func (s *server) client() *stackbe.Client {
	sent := s.http.Client()
	if s.twin != nil {
		sent = &http.Client{Transport: toBoth{sent, s.twin}}
	}
	client, err := stackbe.New(stackbe.Config{APIKey: s.app.APIKey, AppID: s.app.ID, BaseURL: s.http.URL, HTTPClient: sent})
	require.NoError(s.t, err)
	return client
}

func (s *server) sessionToken(customerID string) string {
	token, err := s.now.Load().SessionToken(s.app.ID, customerID)
	require.NoError(s.t, err)
	if s.twin != nil {
		require.Equal(s.t, token, s.twin.sessionToken(customerID))
	}
	return token
}

func (s *server) advance(d time.Duration) {
	require.NoError(s.t, s.now.Load().Advance(d))
	if s.twin != nil {
		s.twin.advance(d)
	}
}

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

// toBoth sends each request to the twin, too, and returns the response of the first.
type toBoth struct {
	first *http.Client
	twin  *server
}

func (b toBoth) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		defer r.Body.Close()
		read, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = read
	}
	first, second := r.Clone(r.Context()), r.Clone(r.Context())
	first.Body, second.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
	second.URL.Host = b.twin.http.Listener.Addr().String()
	response, err := b.twin.http.Client().Transport.RoundTrip(second)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return nil, err
	}
	return b.first.Transport.RoundTrip(first)
}
