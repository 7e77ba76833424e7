package conformance

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go"
)

func TestCredentialIsBearerInAuthorizationWhateverItsCase(t *testing.T) {
	for _, header := range []string{"Authorization", "authorization", "AUTHORIZATION"} {
		s := newSuite(t, Target{BaseURL: "http://127.0.0.1:1", Contract: stackbe.Contract{APIKeyHeader: header}})
		assert.Equal(t, "Bearer key", s.asKey("key").value, header)
	}
	assert.Equal(t, "key", carried("x-api-key", "key").value)
}
