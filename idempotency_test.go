package stackbe_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// The server acts on a write, and its response is lost, twice.
func TestRetriedWriteWithAKeyActsOnce(t *testing.T) {
	reference := stackbetest.New(t)
	target, err := url.Parse(reference.URL)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		if n >= 2 {
			proxy.ServeHTTP(w, r)
			return
		}
		proxy.ServeHTTP(httptest.NewRecorder(), r) // the reference server acts
		drop(w)
	})
	client := newClient(t, server.URL, func(c *stackbe.Config) { c.APIKey, c.AppID = reference.APIKey, reference.AppID })
	result, err := client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", IdempotencyKey: "order-7"})
	require.NoError(t, err)
	assert.Len(t, server.received(), 3)
	all, err := reference.Client().AsAdmin(reference.AdminToken).Affiliates.ListApplications(t.Context(), affiliates.ApplicationFilter{})
	require.NoError(t, err)
	require.Len(t, all.Data, 1)
	assert.Equal(t, result.ID, all.Data[0].ID)
}
