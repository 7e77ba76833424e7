package stackbe_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// A credential goes to the configured scheme, host and port alone.
func TestHardPlaceRedirects(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run("to another host is refused: "+http.StatusText(status), func(t *testing.T) {
			elsewhere := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answerJSON(w, 200, `{"enrolled":true}`) })
			server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
				http.Redirect(w, r, elsewhere.URL+"/v1/affiliate", status)
			})
			client := newClient(t, server.URL)
			_, err := client.Affiliates.Get(t.Context(), "cust_1")
			require.ErrorIs(t, err, stackbe.ErrRedirectRefused)
			var e *stackbe.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, status, e.StatusCode)
			assert.Equal(t, 1, e.Attempts, "a redirect is not retried")
			_, err = client.Affiliates.GetDashboard(t.Context())
			require.ErrorIs(t, err, stackbe.ErrRedirectRefused)
			_, err = client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", IdempotencyKey: "k"})
			require.ErrorIs(t, err, stackbe.ErrRedirectRefused)
			assert.Empty(t, elsewhere.received())
		})
	}

	t.Run("from https to http is refused", func(t *testing.T) {
		plain := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answerJSON(w, 200, `{"enrolled":false}`) })
		secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, plain.URL+r.URL.Path, http.StatusTemporaryRedirect)
		}))
		defer secure.Close()
		client := newClient(t, secure.URL, func(c *stackbe.Config) { c.HTTPClient = secure.Client() })
		_, err := client.Affiliates.Get(t.Context(), "cust_1")
		require.ErrorIs(t, err, stackbe.ErrRedirectRefused)
		assert.Empty(t, plain.received())
	})

	t.Run("on the same host is followed by a read", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
			if n == 0 {
				http.Redirect(w, r, "/v2"+r.URL.Path, http.StatusMovedPermanently)
				return
			}
			answerJSON(w, 200, `{"enrolled":true,"id":"aff_1"}`)
		})
		partner, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
		require.NoError(t, err)
		assert.Equal(t, "aff_1", partner.ID)
		assert.Equal(t, apiKey, server.received()[1].Header.Get("X-Api-Key"))
	})

	t.Run("that would turn a write into a read is refused", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		})
		_, err := newClient(t, server.URL).Affiliates.TrackReferral(t.Context(), affiliates.TrackParams{Code: "JANE20"})
		require.ErrorIs(t, err, stackbe.ErrRedirectRefused)
		assert.Len(t, server.received(), 1)
	})

	t.Run("that keeps the method is followed by a write, body and key included", func(t *testing.T) {
		var keys, bodies []string
		server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
			keys = append(keys, r.Header.Get("Idempotency-Key"))
			bodies = append(bodies, readAll(t, r.Body))
			if n == 0 {
				http.Redirect(w, r, "/v2"+r.URL.Path, http.StatusPermanentRedirect)
				return
			}
			answerJSON(w, 201, `{"clickId":"c"}`)
		})
		_, err := newClient(t, server.URL).Affiliates.TrackReferral(t.Context(), affiliates.TrackParams{Code: "JANE20"})
		require.NoError(t, err)
		assert.Equal(t, keys[0], keys[1])
		assert.NotEmpty(t, keys[0])
		assert.Equal(t, bodies[0], bodies[1])
	})

	t.Run("in a circle ends", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
		})
		_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
		require.ErrorIs(t, err, stackbe.ErrRedirectRefused)
		assert.Len(t, server.received(), 6)
	})

	t.Run("to an address with credentials is refused", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, "http://me:secret@"+r.Host+"/v2", http.StatusFound)
		})
		_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
		require.ErrorIs(t, err, stackbe.ErrRedirectRefused)
		assert.Len(t, server.received(), 1)
	})

	t.Run("does not repeat the query as a Referer", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
			if n == 0 {
				http.Redirect(w, r, "/v2", http.StatusFound)
				return
			}
			answerJSON(w, 200, `{"applied":false}`)
		})
		_, err := newClient(t, server.URL).Affiliates.GetApplicationStatus(t.Context(), "jane@acme.com")
		require.NoError(t, err)
		assert.Empty(t, server.received()[1].Header.Get("Referer"))
	})

	t.Run("that the caller's own policy refuses is not tried again", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, "/v2"+r.URL.Path, http.StatusFound)
		})
		never := errors.New("no redirects here")
		own := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return never }}
		client := newClient(t, server.URL, func(c *stackbe.Config) { c.HTTPClient = own })
		own.CheckRedirect = nil // the client has a copy
		_, err := client.Affiliates.Get(t.Context(), "cust_1")
		require.ErrorIs(t, err, never)
		assert.Len(t, server.received(), 1)
	})

	t.Run("asks the caller's own policy too", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, "/v2"+r.URL.Path, http.StatusFound)
		})
		own := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		_, err := newClient(t, server.URL, func(c *stackbe.Config) { c.HTTPClient = own }).Affiliates.Get(t.Context(), "cust_1")
		var e *stackbe.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, http.StatusFound, e.StatusCode)
		assert.Len(t, server.received(), 1)
	})
}
