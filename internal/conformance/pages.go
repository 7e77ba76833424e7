package conformance

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go"
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
	if s.target.Contract != (stackbe.Contract{}) {
		return // the document is that of the default contract
	}
	for _, e := range s.endpoints() {
		path := strings.ReplaceAll(e.path, "ID}", "Id}")
		assert.Contains(t, string(got.body), "\n  "+path+":\n")
	}
}

func anUnknownPortalLink(t *testing.T, s *suite) {
	requirePage(t, http.StatusNotFound, s.send(t, request{method: http.MethodGet, path: "/portal/conformance-nothing"}))
}
