package webhooks_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/webhooks"
)

func TestNewHandlerRefusesLeaseThatLeavesNoTimeForDone(t *testing.T) {
	verifier, err := webhooks.NewVerifier(plainSecret)
	require.NoError(t, err)
	nothing := webhooks.On("x", func(context.Context, *webhooks.Event) error { return nil })
	_, err = webhooks.NewHandler(verifier, nothing, webhooks.WithTimeout(10*time.Second), webhooks.WithLease(15*time.Second-1))
	assert.ErrorIs(t, err, webhooks.ErrInvalidOption)
	_, err = webhooks.NewHandler(verifier, nothing, webhooks.WithTimeout(10*time.Second), webhooks.WithLease(15*time.Second))
	assert.NoError(t, err)
	_, err = webhooks.NewHandler(verifier, nothing, webhooks.WithTimeout(time.Second), webhooks.WithLease(2*time.Second))
	assert.NoError(t, err)
}

// oddError cannot be compared, and its nil pointer cannot say what it is.
type oddError struct{ any }

func (e *oddError) Error() string { return e.any.(string) }

func TestErrorThatPanicsIsOutcomeFailed(t *testing.T) {
	var log bytes.Buffer
	handler := newHandler(t,
		webhooks.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
		webhooks.On("x", func(context.Context, *webhooks.Event) error { return (*oddError)(nil) }))
	assert.Equal(t, http.StatusInternalServerError, deliverBody(t, handler, `{"event":"x","data":{}}`).Code)
	assert.Contains(t, log.String(), "outcome=failed")
}

type uncomparable struct{ fields []int }

func (uncomparable) Error() string { return "uncomparable" }

// inOneTransaction is a store that passes on what the function returns.
type inOneTransaction struct{ webhooks.Claims }

func (inOneTransaction) Run(ctx context.Context, _ string, handle func(context.Context) error) error {
	return handle(ctx)
}

func TestErrorThatCannotBeComparedIsOutcomeFailed(t *testing.T) {
	handler := newHandler(t,
		webhooks.WithLogger(slog.New(slog.DiscardHandler)),
		webhooks.WithTransactionalClaims(inOneTransaction{}),
		webhooks.On("x", func(context.Context, *webhooks.Event) error { return uncomparable{[]int{1}} }))
	assert.Equal(t, http.StatusInternalServerError, deliverBody(t, handler, `{"event":"x","data":{}}`).Code)
}

func TestFunctionThatCallsGoexitReleasesClaim(t *testing.T) {
	ran := 0
	handler := newHandler(t, webhooks.On("x", func(context.Context, *webhooks.Event) error {
		if ran++; ran == 1 {
			new(testing.T).FailNow()
		}
		return nil
	}))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		deliverBody(t, handler, `{"event":"x","id":"evt_1","data":{}}`)
	}()
	<-ended
	assert.Equal(t, http.StatusOK, deliverBody(t, handler, `{"event":"x","id":"evt_1","data":{}}`).Code)
	assert.Equal(t, 2, ran)
}

func TestErrorAboutDataDoesNotQuoteData(t *testing.T) {
	var log bytes.Buffer
	type payment struct {
		At     time.Time `json:"at"`
		Amount int       `json:"amount"`
	}
	handler := newHandler(t,
		webhooks.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
		webhooks.OnTyped("payment", func(context.Context, *webhooks.Event, payment) error { return nil }))
	for _, data := range []string{`{"at":"jane@acme.com"}`, `{"amount":"jane@acme.com"}`, `{"amount":4111111111111111.5}`} {
		assert.Equal(t, http.StatusBadRequest, deliverBody(t, handler, `{"event":"payment","data":`+data+`}`).Code)
	}
	assert.Contains(t, log.String(), `field \"amount\" that is not of type int`)
	assert.NotContains(t, log.String(), "jane@acme.com")
	assert.NotContains(t, log.String(), "4111")
}

func TestWithMaxBodyAcceptsMaxInt64(t *testing.T) {
	verifier, err := webhooks.NewVerifier(plainSecret, webhooks.WithMaxBody(math.MaxInt64))
	require.NoError(t, err)
	request, err := webhooks.NewRequest(t.Context(), "/", []byte(`{"event":"x","data":{}}`), webhooks.Signing{Secrets: []string{plainSecret}})
	require.NoError(t, err)
	_, err = verifier.ParseRequest(request)
	assert.NoError(t, err)
}

func TestWithSignatureHeaderRefusesHeadersOfHTTP(t *testing.T) {
	for _, name := range []string{"content-type", "User-Agent", "Host", "Content-Length"} {
		_, err := webhooks.NewVerifier(plainSecret, webhooks.WithSignatureHeader(name))
		assert.ErrorIs(t, err, webhooks.ErrInvalidOption, name)
	}
}

func TestParseEventRefusesInvisibleCharactersInID(t *testing.T) {
	verifier, err := webhooks.NewVerifier(plainSecret)
	require.NoError(t, err)
	for _, id := range []string{"\u0085", "evt\u202e1", "evt\u200b1"} {
		body := []byte(`{"event":"x","id":"` + id + `","data":{}}`)
		header, err := webhooks.Sign(body, webhooks.Signing{Secrets: []string{plainSecret}})
		require.NoError(t, err)
		_, err = verifier.ParseEvent(header, body)
		assert.ErrorIs(t, err, webhooks.ErrMalformedEvent, "%q", id)
	}
}

// slowBody takes its time.
type slowBody struct {
	io.Reader
	pause time.Duration
}

func (b *slowBody) Read(p []byte) (int, error) {
	time.Sleep(b.pause) // of the bubble's clock
	b.pause = 0
	return b.Reader.Read(p)
}
func (b *slowBody) Close() error { return nil }

func TestSlowBodyUsesTimeOfFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		verifier, err := webhooks.NewVerifier(plainSecret)
		require.NoError(t, err)
		var left time.Duration
		handler, err := webhooks.NewHandler(verifier, webhooks.On("x", func(ctx context.Context, _ *webhooks.Event) error {
			deadline, _ := ctx.Deadline()
			left = time.Until(deadline)
			return nil
		}))
		require.NoError(t, err)
		body := []byte(`{"event":"x","data":{}}`)
		request, err := webhooks.NewRequest(t.Context(), "/", body, webhooks.Signing{Secrets: []string{plainSecret}})
		require.NoError(t, err)
		request.Body = &slowBody{request.Body, 10 * time.Second}
		response := httptest.NewRecorder()
		handler.ServeHTTP(response, request)
		assert.Equal(t, http.StatusOK, response.Code)
		assert.Equal(t, 10*time.Second, left)
	})
}
