package refserver_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Responses hold emails and portal links, whatever the endpoint and the status.
func TestResponsesHaveCacheControlNoStore(t *testing.T) {
	w := newWorld(t)
	for _, target := range []string{w.path("settings"), w.path("applications"), "/v1/affiliate/apply/status?email=jane@acme.com", "/openapi.yaml", "/nowhere", "/portal/x", "//"} {
		for _, headers := range [][]string{w.admin(), w.key(), {"X-Nothing", "1"}} {
			got := w.send(t, "GET", target, "", headers)
			assert.Equal(t, []string{"no-store"}, got.header.Values("Cache-Control"), "%d of %s", got.status, target)
		}
	}
}
