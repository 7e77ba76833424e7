package delivery_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/webhooks"
)

// responding responds with a header and a body.
func responding(status int, header http.Header, body string) responseFunc {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

func onlyExchange(t *testing.T, dispatcher *delivery.Dispatcher) *delivery.Exchange {
	t.Helper()
	deliveries := dispatcher.Deliveries()
	require.Len(t, deliveries, 1)
	require.Len(t, deliveries[0].Attempts, 1)
	require.NotNil(t, deliveries[0].Attempts[0].Exchange)
	return deliveries[0].Attempts[0].Exchange
}

func TestAttemptHasItsRequestAndItsResponse(t *testing.T) {
	const mebibyte = 1 << 20
	for name, test := range map[string]struct {
		receiver responseFunc
		header   http.Header
		body     string
		cut      bool
	}{
		"with a header and a body": {
			responding(500, http.Header{"X-Reason": {"no disk", "no luck"}}, "out of disk"),
			http.Header{"X-Reason": {"no disk", "no luck"}}, "out of disk", false,
		},
		"with the beginning of a long body": {
			responding(200, nil, strings.Repeat("a", mebibyte)),
			nil, strings.Repeat("a", 4096), true,
		},
		"with a body of exactly the bound": {
			responding(200, nil, strings.Repeat("a", 4096)),
			nil, strings.Repeat("a", 4096), false,
		},
		"with the beginning of a long header": {
			responding(200, http.Header{"A": {"b"}, "B": {strings.Repeat("b", mebibyte)}}, "fine"),
			http.Header{"A": {"b"}}, "fine", true,
		},
		"with what is not UTF-8 replaced": {
			responding(200, http.Header{"A": {"\xff"}}, "caf\xe9"),
			http.Header{"A": {"\uFFFD"}}, "caf\uFFFD", false,
		},
		"without a response": {refuses, nil, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			dispatcher, _ := newDispatcher(t, time.Now, test.receiver)
			defer dispatcher.Close()
			dispatcher.Publish("app", rejected("cm1"))
			dispatcher.Settle()

			exchange := onlyExchange(t, dispatcher)
			assert.Equal(t, test.header, exchange.ResponseHeader)
			assert.Equal(t, test.body, exchange.ResponseBody)
			assert.Equal(t, test.cut, exchange.Cut)
			assert.Equal(t, "application/json", exchange.RequestHeader.Get("Content-Type"))
			assert.Contains(t, exchange.RequestHeader.Get(webhooks.DefaultSignatureHeader), "v1=")
			assert.Empty(t, exchange.RequestBody, "the delivery's body was sent")
		})
	}
}

func TestAttemptHasTheBodyThatWasSentInPlaceOfTheDeliverys(t *testing.T) {
	dispatcher, _ := newDispatcher(t, time.Now, withStatus(200))
	defer dispatcher.Close()
	dispatcher.Misbehave(delivery.Misbehavior{CorruptBody: true})
	dispatcher.Publish("app", rejected("cm1"))
	dispatcher.Settle()

	exchange := onlyExchange(t, dispatcher)
	assert.Contains(t, exchange.RequestBody, `"application":{"id":"cm`)
	assert.NotEqual(t, string(dispatcher.Deliveries()[0].Body), exchange.RequestBody)
}

func TestExchangesOfTheNewest1000AttemptsAreKept(t *testing.T) {
	const most = 1_000
	dispatcher, _ := newDispatcher(t, time.Now, withStatus(200))
	defer dispatcher.Close()
	publish(dispatcher, most+3)
	dispatcher.Settle()

	check := func(t *testing.T, dispatcher *delivery.Dispatcher) {
		t.Helper()
		for i, made := range dispatcher.Deliveries() {
			require.Equal(t, i >= 3, made.Attempts[0].Exchange != nil, "the exchange of delivery %d", i)
			require.Equal(t, 200, made.Attempts[0].StatusCode)
		}
	}
	check(t, dispatcher)

	t.Run("in a document too", func(t *testing.T) {
		document := dispatcher.Document(everyApp)
		restored, _ := newDispatcher(t, time.Now, refuses)
		defer restored.Close()
		read, err := restored.Read(document)
		require.NoError(t, err)
		restored.Restore(read)
		check(t, restored)
		assert.Equal(t, document, restored.Document(everyApp))
	})

	t.Run("also of a document that has more", func(t *testing.T) {
		document := dispatcher.Document(everyApp)
		for i := range document.Deliveries {
			attempt := &document.Deliveries[i].Attempts[0]
			attempt.Exchange = &delivery.ExchangeDocument{ResponseBody: fmt.Sprint(i)}
			attempt.Started = time.Unix(int64(i), 0).UTC()
		}
		restored, _ := newDispatcher(t, time.Now, refuses)
		defer restored.Close()
		read, err := restored.Read(document)
		require.NoError(t, err)
		restored.Restore(read)
		check(t, restored)
	})
}
