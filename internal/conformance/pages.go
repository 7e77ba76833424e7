package conformance

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

var pageCases = []testCase{
	{"the OpenAPI document is served", contract, 0, theDocumentIsServed},
	{"an unknown portal link is a page that says so", contract, 0, anUnknownPortalLink},
}

func theDocumentIsServed(t *testing.T, s *suite) {
	got := s.send(t, request{method: http.MethodGet, path: "/openapi.yaml"})
	requireStatus(t, http.StatusOK, got)
	assert.True(t, strings.HasPrefix(got.header.Get("Content-Type"), "application/yaml"))
	assert.Contains(t, string(got.body), "openapi: 3.")
	for _, e := range endpoints() {
		assert.Contains(t, string(got.body), "\n  "+e.path+":\n")
	}
}

func anUnknownPortalLink(t *testing.T, s *suite) {
	requirePage(t, http.StatusNotFound, s.send(t, request{method: http.MethodGet, path: "/portal/conformance-nothing"}))
}
