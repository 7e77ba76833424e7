package webhooks_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recordsOf reads the records of a JSON log, without their time.
func recordsOf(t *testing.T, log *bytes.Buffer) (records []map[string]any) {
	t.Helper()
	for decoder := json.NewDecoder(log); ; {
		var record map[string]any
		err := decoder.Decode(&record)
		if err == io.EOF {
			return records
		}
		require.NoError(t, err)
		delete(record, slog.TimeKey)
		records = append(records, record)
	}
}

func TestHandlerLogsEachDeliveryOnce(t *testing.T) {
	type record = map[string]any
	const minute = float64(time.Minute)
	post := func(t *testing.T) *http.Request { return delivery(t, paymentBody) }
	returns := func(err error) webhooks.EventFunc {
		return func(context.Context, *webhooks.Event) error { return err }
	}
	afterAMinute := func(err error) webhooks.EventFunc {
		return func(context.Context, *webhooks.Event) error { time.Sleep(time.Minute); return err }
	}
	store := func(claims recordingClaims) webhooks.HandlerOption {
		claims.Claims = newMemory(t, webhooks.MemoryClaimsConfig{})
		return webhooks.WithClaims(&claims)
	}
	for name, test := range map[string]struct {
		request  func(*testing.T) *http.Request
		function webhooks.EventFunc
		option   webhooks.HandlerOption // or nil
		shutDown bool
		want     record // besides the message; and the event, unless its id is nil
	}{
		"handled": {post, nothing, nil, false,
			record{"level": "DEBUG", "outcome": "handled", "status": 200.0}},
		"handled under a receiver's name": {post, nothing, webhooks.WithReceiver("mail"), false,
			record{"level": "DEBUG", "outcome": "handled", "status": 200.0, "receiver": "mail"}},
		"handled, and not marked as done": {post, nothing, store(recordingClaims{done: webhooks.ErrClaimLost}), false,
			record{"level": "ERROR", "outcome": "handled", "status": 200.0, "error": webhooks.ErrClaimLost.Error()}},
		"handled after its time": {post, afterAMinute(nil), nil, false,
			record{"level": "WARN", "outcome": "handled", "status": 200.0, "duration": minute}},
		"handled after its time, and not marked as done": {post, afterAMinute(nil), store(recordingClaims{done: webhooks.ErrClaimLost}), false,
			record{"level": "ERROR", "outcome": "handled", "status": 200.0, "duration": minute, "error": webhooks.ErrClaimLost.Error()}},
		"done before": {post, nothing, store(recordingClaims{claim: webhooks.ErrDone}), false,
			record{"level": "DEBUG", "outcome": "duplicate", "status": 200.0}},
		"in flight": {post, nothing, store(recordingClaims{claim: webhooks.ErrInFlight}), false,
			record{"level": "DEBUG", "outcome": "in_flight", "status": 409.0}},
		"failed": {post, returns(errFunction), nil, false,
			record{"level": "ERROR", "outcome": "failed", "status": 500.0, "error": errFunction.Error()}},
		"failed after its time": {post, afterAMinute(errFunction), nil, false,
			record{"level": "ERROR", "outcome": "failed", "status": 500.0, "duration": minute, "error": errFunction.Error()}},
		"failed because another handler is shutting down": {post, returns(webhooks.ErrShuttingDown), nil, false,
			record{"level": "ERROR", "outcome": "failed", "status": 500.0, "error": webhooks.ErrShuttingDown.Error()}},
		"malformed to its function": {post, returns(webhooks.ErrMalformedEvent), nil, false,
			record{"level": "WARN", "outcome": "malformed", "status": 400.0, "error": webhooks.ErrMalformedEvent.Error()}},
		"not claimed": {post, nothing, store(recordingClaims{claim: errStore}), false,
			record{"level": "ERROR", "outcome": "unavailable", "status": 503.0, "error": errStore.Error()}},
		"too late": {post, nothing, nil, true,
			record{"level": "INFO", "outcome": "unavailable", "status": 503.0, "error": webhooks.ErrShuttingDown.Error()}},
		"ignored": {func(t *testing.T) *http.Request { return delivery(t, `{"id":"evt_1","type":"x"}`) }, nothing, nil, false,
			record{"level": "DEBUG", "outcome": "ignored", "status": 204.0, "event_type": "x"}},
		"malformed": {func(t *testing.T) *http.Request { return delivery(t, `{}`) }, nothing, nil, false,
			record{"level": "WARN", "outcome": "malformed", "status": 400.0, "event_id": nil,
				"error": "webhooks: the event is malformed: there is neither event nor type"}},
		"unverified": {func(*testing.T) *http.Request { return httptest.NewRequest(http.MethodPost, "/", nil) }, nothing, nil, false,
			record{"level": "WARN", "outcome": "unverified", "status": 401.0, "event_id": nil,
				"error": "webhooks: there is no signature: no header X-StackBE-Signature or Webhook-Signature; see WithSignatureHeader"}},
		"no POST": {func(*testing.T) *http.Request { return httptest.NewRequest(http.MethodGet, "/", nil) }, nothing, nil, false,
			record{"level": "DEBUG", "outcome": "wrong_method", "status": 405.0, "event_id": nil}},
		"too large": {func(t *testing.T) *http.Request { return delivery(t, `{"id":"`+strings.Repeat("x", 2<<20)+`"}`) }, nothing, nil, false,
			record{"level": "WARN", "outcome": "too_large", "status": 413.0, "event_id": nil, "error": webhooks.ErrBodyTooLarge.Error()}},
		"unreadable": {func(t *testing.T) *http.Request {
			request := delivery(t, paymentBody)
			request.Body = io.NopCloser(&failingReader{})
			return request
		}, nothing, nil, false,
			record{"level": "WARN", "outcome": "unreadable", "status": 400.0, "event_id": nil,
				"error": "webhooks: the body could not be read: connection reset"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				want := record{"msg": "webhook delivery", "duration": 0.0,
					"event_id": "evt_1", "event_type": "payment.succeeded", "scheme": "timestamped"}
				for key, value := range test.want {
					want[key] = value
				}
				if want["event_id"] == nil {
					delete(want, "event_id")
					delete(want, "event_type")
					delete(want, "scheme")
				}
				var log bytes.Buffer
				observed := 0
				options := []webhooks.HandlerOption{webhooks.On(webhooks.EventPaymentSucceeded, test.function),
					webhooks.WithObserver(func(context.Context, webhooks.Receipt) { observed++ }),
					webhooks.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))}
				if test.option != nil {
					options = append(options, test.option)
				}
				handler := newHandler(t, options...)
				if test.shutDown {
					require.NoError(t, handler.Shutdown(t.Context()))
				}
				deliver(handler, test.request(t))
				assert.Equal(t, []map[string]any{want}, recordsOf(t, &log))
				assert.Equal(t, 1, observed)
			})
		})
	}
}

func TestHandlerLogsStackOfPanicsOnly(t *testing.T) {
	for panics, function := range map[bool]webhooks.EventFunc{
		true:  func(context.Context, *webhooks.Event) error { return explode() },
		false: func(context.Context, *webhooks.Event) error { return errFunction },
	} {
		t.Run(fmt.Sprint(panics), func(t *testing.T) {
			var log bytes.Buffer
			handler := newHandler(t, webhooks.On(webhooks.EventPaymentSucceeded, function),
				webhooks.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
			deliverBody(t, handler, paymentBody)
			records := recordsOf(t, &log)
			require.Len(t, records, 1)
			stack, ok := records[0]["stack"].(string)
			assert.Equal(t, panics, ok)
			assert.Equal(t, panics, strings.Contains(stack, "webhooks_test.explode"))
		})
	}
}
