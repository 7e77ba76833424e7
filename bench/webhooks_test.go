package bench

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/webhooks"
)

func TestEventsHaveTheirSize(t *testing.T) {
	for _, payload := range payloads {
		assert.Len(t, payload.event("evt_1"), payload.bytes)
		assert.Len(t, payload.event("evt_0001"), payload.bytes)
	}
}

func TestRowsVerify(t *testing.T) {
	for _, payload := range payloads {
		for _, row := range verifications {
			t.Run(row.name+" with "+payload.name, func(t *testing.T) {
				body := payload.event("evt_1")
				verify, err := row.open(body)
				require.NoError(t, err)
				for range 3 { // states are reused
					require.NoError(t, verify(body))
					require.Error(t, verify(tampered(body)))
				}
			})
		}
	}
}

func TestRowsReadEnvelope(t *testing.T) {
	for _, payload := range payloads {
		for _, row := range parsings {
			t.Run(row.name+" with "+payload.name, func(t *testing.T) {
				body := payload.event("evt_1")
				parse, err := row.open(body)
				require.NoError(t, err)
				_, err = parse(tampered(body))
				require.Error(t, err)

				read, err := parse(body)
				require.NoError(t, err)
				assert.Equal(t, "evt_1", read.ID)
				assert.Equal(t, eventType, read.Type)
				assert.True(t, bytes.Contains(body, read.Data))
				if row.name != "stripe" { // whose envelope has no such field, and whose data is a level deeper
					assert.Equal(t, time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC), read.Timestamp)
					assert.True(t, bytes.HasPrefix(read.Data, []byte(`{"object":`)))
				}
			})
		}
	}
}

func TestReceiversRespondAlike(t *testing.T) {
	verifier, err := webhooks.NewVerifier(webhookSecret)
	require.NoError(t, err)
	handled := 0
	receivers := map[string]http.Handler{
		"bare":    bareReceiver(verifier),
		"stackbe": newHandler(t, func() { handled++ }),
	}
	for name, receiver := range receivers {
		t.Run(name, func(t *testing.T) {
			server := newLoopback(receiver)
			defer server.Close()
			event := newDeliveries(t, payloads[0])[0]
			deliver(t, server, event)

			response, err := server.client.Post(server.URL, "application/json", bytes.NewReader(event.body))
			require.NoError(t, err)
			defer response.Body.Close()
			assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
		})
	}
	assert.Equal(t, 1, handled)
}

func tampered(body []byte) []byte {
	changed := bytes.Clone(body)
	changed[len(changed)-5] ^= 1
	return changed
}

func TestAllocationsOfWebhooks(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes sync.Pool drop what it is given")
	}
	for _, payload := range payloads {
		body := payload.event("evt_1")
		for _, name := range []string{"timestamped", "body", "standard"} {
			t.Run("Verify makes none in the scheme "+name+" with "+payload.name, func(t *testing.T) {
				assert.Zero(t, allocationsOfVerify(t, name, body))
			})
		}
		t.Run("ParseEvent makes three with "+payload.name+": the event, its id and its type", func(t *testing.T) {
			assert.EqualValues(t, 3, allocationsOfParse(t, "stackbe", body))
		})
		t.Run("both make fewer than the libraries with "+payload.name, func(t *testing.T) {
			for _, name := range []string{"stripe", "standard-webhooks", "svix"} {
				assert.Less(t, 0.0, allocationsOfVerify(t, name, body))
			}
			assert.Less(t, allocationsOfParse(t, "stackbe", body), allocationsOfParse(t, "bare", body))
			assert.Less(t, allocationsOfParse(t, "stackbe", body), allocationsOfParse(t, "stripe", body))
		})
	}
}

func TestAllocationsOfReceiver(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes sync.Pool drop what it is given")
	}
	verifier, err := webhooks.NewVerifier(webhookSecret)
	require.NoError(t, err)
	deliveries := newDeliveries(t, payloads[0])
	bare := allocationsOfReceiver(t, bareReceiver(verifier), deliveries)
	stackbe := allocationsOfReceiver(t, newHandler(t, func() {}), deliveries)
	// Bare has the body and its bound. The handler has the body; the event, its id and its
	// type; its function's context, in two parts; the claim and its token. A timer would be
	// three more.
	assert.LessOrEqual(t, stackbe, bare+6)
}

// allocationsOfReceiver is without a socket, and so without those of net/http.
func allocationsOfReceiver(t *testing.T, receiver http.Handler, deliveries []signedEvent) float64 {
	t.Helper()
	body := bytes.NewReader(nil)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/", io.NopCloser(body))
	require.NoError(t, err)
	response := &unwritten{header: make(http.Header)}
	i := 0
	return testing.AllocsPerRun(500, func() {
		event := deliveries[i%len(deliveries)]
		i++
		body.Reset(event.body)
		request.Header, request.ContentLength = event.header, int64(len(event.body))
		receiver.ServeHTTP(response, request)
		if response.status >= http.StatusBadRequest {
			t.Fatal(response.status)
		}
	})
}

// unwritten is a response that is not sent.
type unwritten struct {
	header http.Header
	status int
}

func (u *unwritten) Header() http.Header         { return u.header }
func (u *unwritten) Write(p []byte) (int, error) { return len(p), nil }
func (u *unwritten) WriteHeader(status int)      { u.status = status }

func allocationsOfVerify(t *testing.T, name string, body []byte) float64 {
	t.Helper()
	for _, row := range verifications {
		if row.name != name {
			continue
		}
		verify, err := row.open(body)
		require.NoError(t, err)
		return testing.AllocsPerRun(500, func() {
			if err := verify(body); err != nil {
				t.Fatal(err)
			}
		})
	}
	require.FailNow(t, "no such row", name)
	return 0
}

func allocationsOfParse(t *testing.T, name string, body []byte) float64 {
	t.Helper()
	for _, row := range parsings {
		if row.name != name {
			continue
		}
		parse, err := row.open(body)
		require.NoError(t, err)
		return testing.AllocsPerRun(200, func() {
			if _, err := parse(body); err != nil {
				t.Fatal(err)
			}
		})
	}
	require.FailNow(t, "no such row", name)
	return 0
}
