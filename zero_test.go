package stackbe_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

func TestClientNotMadeByNewReturnsErrNoClient(t *testing.T) {
	var none *stackbe.Client
	for name, client := range map[string]*stackbe.Client{
		"the zero Client":               {},
		"the zero Client as an admin":   (&stackbe.Client{}).AsAdmin("x"),
		"the zero Client as a customer": (&stackbe.Client{}).AsCustomer("x"),
		"a nil Client as an admin":      none.AsAdmin("x"),
		"a nil Client as a customer":    none.AsCustomer("x"),
		"a Client of a zero Service":    {Affiliates: &affiliates.Service{}},
	} {
		for method, call := range calls {
			assert.ErrorIs(t, call(t.Context(), client.Affiliates), stackbe.ErrNoClient, "%s of %s", method, name)
		}
	}
}

func TestEmptyCredentialIsMissing(t *testing.T) {
	none, err := stackbe.New(stackbe.Config{})
	require.NoError(t, err, "the zero Config is valid")
	missing := []error{stackbe.ErrNoAPIKey, stackbe.ErrNoSession, stackbe.ErrNoAdminToken, stackbe.ErrNoAppID}
	for name, call := range calls {
		err := call(t.Context(), none.Affiliates)
		assert.Contains(t, missing, err, name)
		assert.Equal(t, err, call(t.Context(), none.AsCustomer("").AsAdmin("").Affiliates), name)
	}
}

func TestHTTPClientIsOptional(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { respondJSON(w, 200, `{"enrolled":false}`) })
	for name, own := range map[string]*http.Client{"nil": nil, "one without a transport": {}} {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, server.URL, func(c *stackbe.Config) { c.HTTPClient = own })
			require.NoError(t, call(client, t.Context()))
		})
	}
}
