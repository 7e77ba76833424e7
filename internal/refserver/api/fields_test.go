package api

import (
	"encoding/json"
	"math"
	"strings"
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

var users = list{path: "/v1/affiliate/account/users", appID: "app_1", customerID: "cust_1"}

func TestCursorRoundTrip(t *testing.T) {
	for _, position := range []int{1, 20, 1_000_000, math.MaxInt32} {
		got, ok := users.decodeCursor(users.encodeCursor(position))
		assert.True(t, ok)
		assert.Equal(t, position, got)
	}
}

func TestCursorOfAnotherListIsRefused(t *testing.T) {
	cursor := users.encodeCursor(20)
	for name, other := range map[string]list{
		"another path":                     {path: "/v1/affiliate/account/invoices", appID: "app_1", customerID: "cust_1"},
		"another app":                      {path: users.path, appID: "app_2", customerID: "cust_1"},
		"another partner":                  {path: users.path, appID: "app_1", customerID: "cust_2"},
		"an admin":                         {path: users.path, appID: "app_1"},
		"parts that run together the same": {path: users.path, appID: "app_1c", customerID: "ust_1"},
	} {
		_, ok := other.decodeCursor(cursor)
		assert.False(t, ok, name)
	}
}

func TestCursorThatNoPageGaveIsRefused(t *testing.T) {
	given := users.encodeCursor(20)
	zero, last := users.encodeCursor(0), "A"
	if strings.HasSuffix(given, last) {
		last = "B"
	}
	for _, cursor := range []string{"", "AQ", "AQAAAAE", "AQAAAAEA", given[:7], given[:17], given + "A", given + "=", given[:4] + "\n" + given[4:], given[:17] + last, zero} {
		_, ok := users.decodeCursor(cursor)
		assert.False(t, ok, cursor)
	}
	largest, ok := users.decodeCursor(users.encodeCursor(-1))
	assert.Equal(t, ok, largest > 0, "a position beyond an int's range is not a negative one")
}

func FuzzDecodeCursor(f *testing.F) {
	f.Add(users.encodeCursor(20))
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, cursor string) {
		if position, ok := users.decodeCursor(cursor); ok {
			assert.Equal(t, cursor, users.encodeCursor(position), "there is one cursor for each position")
		}
	})
}
