package stackbe_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
)

// The rules themselves are tested in internal/transport.
func TestRedirectToAnotherHostIsRefused(t *testing.T) {
	elsewhere := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 200, `{"enrolled":true}`) })
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
				http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
			})
			err := call(t.Context(), newClient(t, server.URL).Affiliates)
			require.ErrorIs(t, err, stackbe.ErrRedirectRefused)
			var e *stackbe.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, http.StatusTemporaryRedirect, e.StatusCode)
			assert.Len(t, server.received(), 1, "it is not retried")
		})
	}
	assert.Empty(t, elsewhere.received())
}
