package conformance

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// requireUTC requires fields of an object to be RFC 3339 in UTC.
func requireUTC(t *testing.T, object json.RawMessage, fields ...string) {
	t.Helper()
	var values map[string]any
	require.NoError(t, json.Unmarshal(object, &values))
	for _, field := range fields {
		text, _ := values[field].(string)
		_, err := time.Parse(time.RFC3339, text)
		assert.NoError(t, err, field)
		assert.True(t, strings.HasSuffix(text, "Z"), "%s is not in UTC: %q", field, text)
	}
}

// assertFrom asserts that end is a span after a moment that was between start and an hour later.
func assertFrom(t *testing.T, start time.Time, span time.Duration, end time.Time) {
	t.Helper()
	assert.False(t, end.Before(start.Add(span)), "%v is too early", end)
	assert.True(t, end.Before(start.Add(span+time.Hour)), "%v is too late", end)
}

const day = 24 * time.Hour
