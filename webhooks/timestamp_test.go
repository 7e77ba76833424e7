package webhooks_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The timestamp is for information: no form of it keeps an event from being handled.
func TestEventWithTimestampOfAnyFormIsHandled(t *testing.T) {
	at := time.Date(2025, 1, 15, 10, 30, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		timestamp string
		want      time.Time
	}{
		"RFC 3339":                       {`"2025-01-15T10:30:00Z"`, at},
		"with a fraction":                {`"2025-01-15T10:30:00.5Z"`, at.Add(time.Second / 2)},
		"with an offset":                 {`"2025-01-15T12:30:00+02:00"`, at},
		"with an escape":                 {`"2025-01-15\u005410:30:00Z"`, at},
		"null":                           {`null`, time.Time{}},
		"of lower-case letters":          {`"2025-01-15t10:30:00z"`, time.Time{}},
		"with a lower-case z":            {`"2025-01-15T10:30:00z"`, time.Time{}},
		"of a leap second":               {`"2016-12-31T23:59:60Z"`, time.Time{}},
		"without a zone":                 {`"2025-01-15T10:30:00"`, time.Time{}},
		"with a space":                   {`"2025-01-15 10:30:00Z"`, time.Time{}},
		"with a space before it":         {`" 2025-01-15T10:30:00Z"`, time.Time{}},
		"with an offset without a colon": {`"2025-01-15T10:30:00+0200"`, time.Time{}},
		"a date":                         {`"2025-01-15"`, time.Time{}},
		"of a month that is none":        {`"2025-13-15T10:30:00Z"`, time.Time{}},
		"of RFC 1123":                    {`"Wed, 15 Jan 2025 10:30:00 GMT"`, time.Time{}},
		"empty":                          {`""`, time.Time{}},
		"of half a surrogate pair":       {`"\ud83d"`, time.Time{}},
		"of seconds":                     {`1736937000`, time.Time{}},
		"of milliseconds":                {`1736937000000`, time.Time{}},
		"of seconds as text":             {`"1736937000"`, time.Time{}},
		"a negative number":              {`-1`, time.Time{}},
		"a number beyond any":            {`1e999`, time.Time{}},
		"true":                           {`true`, time.Time{}},
		"an object":                      {`{"seconds":1736937000,"nanos":0}`, time.Time{}},
		"an array":                       {`[2025,1,15]`, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			body := `{"id":"evt_1","type":"payment.succeeded","timestamp":` + test.timestamp + `,"data":{"amount":50}}`
			event := mustParse(t, body)
			assert.True(t, test.want.Equal(event.CreatedAt), "%v", event.CreatedAt)
			assert.Equal(t, test.want.IsZero(), event.CreatedAt.IsZero())
			assert.Equal(t, "evt_1", event.ID)
			assert.Equal(t, body, string(event.Raw), "which has the timestamp as it was sent")
			assert.Equal(t, `{"amount":50}`, string(event.Data))

			handler := newHandler(t, webhooks.On(webhooks.EventPaymentSucceeded, nothing))
			assert.Equal(t, http.StatusOK, deliverBody(t, handler, body).Code)
		})
	}
	t.Run("a timestamp that is not JSON or occurs twice is refused", func(t *testing.T) {
		for _, body := range []string{
			`{"type":"x","timestamp":2025-01-15}`,
			`{"type":"x","timestamp":}`,
			`{"type":"x","timestamp":1,"timestamp":1}`,
			`{"type":"x","Timestamp":1}`,
		} {
			_, err := parse(t, body)
			require.ErrorIs(t, err, webhooks.ErrMalformedEvent, body)
		}
	})
}
