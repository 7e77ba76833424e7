package api

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func FuzzFields(f *testing.F) {
	for _, seed := range []string{`{}`, `{"text": "x", "number": 1.5, "list": [{}]}`, `{"text": null}`, `{"a": 1, "a": 2}`, `[]`, `{"list": [1]}`, "{\"\xff\": 1}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		object, err := (&call{body: body}).fields()
		if err != nil {
			return
		}
		var plain map[string]any
		require.NoError(t, json.Unmarshal(body, &plain), "what is read is JSON")

		text := object.text("text")
		number := object.decimal("number")
		object.objects("list")
		problems := object.check(nil)
		if problems != nil {
			return
		}
		for name := range plain {
			assert.Contains(t, []string{"text", "number", "list"}, name, "an unknown field is a problem")
		}
		if want, there := plain["text"]; there {
			assert.Equal(t, want, text)
		}
		if _, there := plain["number"].(float64); there {
			assert.NotNil(t, number)
		}
	})
}

func TestCursorRoundTrip(t *testing.T) {
	for _, position := range []int{1, 20, 1_000_000, math.MaxInt32} {
		got, ok := decodeCursor(encodeCursor(position))
		assert.True(t, ok)
		assert.Equal(t, position, got)
	}
}

func TestUnreachableCursorIsRefused(t *testing.T) {
	for _, cursor := range []string{"", "AQ", "AQAAAAA", "AgAAAAE", "AQAAAAEA", "AQAAAAE=", "AQAA\nAAE"} {
		_, ok := decodeCursor(cursor)
		assert.False(t, ok, cursor)
	}
	largest, ok := decodeCursor("Af____8")
	assert.Equal(t, ok, largest > 0, "a position beyond an int's range is not a negative one")
}

func FuzzDecodeCursor(f *testing.F) {
	f.Add(encodeCursor(20))
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, cursor string) {
		if position, ok := decodeCursor(cursor); ok {
			assert.Equal(t, cursor, encodeCursor(position), "there is one cursor for each position")
		}
	})
}
