package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/webhooks"
)

func BenchmarkVerify(b *testing.B) {
	for _, payload := range payloads {
		b.Run("size="+payload.name, func(b *testing.B) {
			body := payload.event("evt_1")
			for _, row := range verifications {
				b.Run("by="+row.name, func(b *testing.B) {
					verify, err := row.open(body)
					require.NoError(b, err)
					b.ReportAllocs()
					for b.Loop() {
						if err := verify(body); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for _, payload := range payloads {
		b.Run("size="+payload.name, func(b *testing.B) {
			body := payload.event("evt_1")
			for _, row := range parsings {
				b.Run("by="+row.name, func(b *testing.B) {
					parse, err := row.open(body)
					require.NoError(b, err)
					b.ReportAllocs()
					for b.Loop() {
						if _, err := parse(body); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}

// BenchmarkReceive is of deliveries over loopback, one after another.
func BenchmarkReceive(b *testing.B) {
	for _, payload := range payloads {
		b.Run("size="+payload.name, func(b *testing.B) {
			deliveries := newDeliveries(b, payload)
			b.Run("by=bare", func(b *testing.B) {
				verifier, err := webhooks.NewVerifier(webhookSecret)
				require.NoError(b, err)
				measureDeliveries(b, bareReceiver(verifier), deliveries)
			})
			b.Run("by=stackbe", func(b *testing.B) {
				handled := 0
				handler := newHandler(b, func() { handled++ })
				measureDeliveries(b, handler, deliveries)
				require.Equal(b, b.N+1, handled, "each delivery was of a new event")
			})
		})
	}
}

// eventsInTurn are sent one after another, and then again from the first. The claims of
// newHandler have forgotten an event by then, and so each is a new one to them.
const (
	eventsInTurn     = 256
	eventsRemembered = eventsInTurn / 2
)

func newHandler(tb testing.TB, handle func()) *webhooks.Handler {
	tb.Helper()
	verifier, err := webhooks.NewVerifier(webhookSecret)
	require.NoError(tb, err)
	claims, err := webhooks.NewMemoryClaims(webhooks.MemoryClaimsConfig{Capacity: eventsRemembered})
	require.NoError(tb, err)
	handler, err := webhooks.NewHandler(verifier, webhooks.WithClaims(claims),
		webhooks.On(eventType, func(context.Context, *webhooks.Event) error {
			handle()
			return nil
		}))
	require.NoError(tb, err)
	return handler
}

// signedEvent is a delivery to be sent. They are signed before the clock starts: what is
// measured is the receiver.
type signedEvent struct {
	header http.Header
	body   []byte
}

func newDeliveries(tb testing.TB, payload payload) []signedEvent {
	tb.Helper()
	deliveries := make([]signedEvent, eventsInTurn)
	for i := range deliveries {
		body := payload.event(fmt.Sprintf("evt_%04d", i))
		_, header, err := signedFor(webhooks.SchemeTimestamped, body)
		require.NoError(tb, err)
		deliveries[i] = signedEvent{header, body}
	}
	return deliveries
}

func measureDeliveries(b *testing.B, handler http.Handler, deliveries []signedEvent) {
	server := newLoopback(handler)
	defer server.Close()
	deliver(b, server, deliveries[len(deliveries)-1]) // opens the connection
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		deliver(b, server, deliveries[i%len(deliveries)])
		i++
	}
}

func deliver(tb testing.TB, server *loopback, event signedEvent) {
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, server.URL, bytes.NewReader(event.body))
	if err != nil {
		tb.Fatal(err)
	}
	request.Header = event.header
	response, err := server.client.Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		tb.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		tb.Fatal(response.Status)
	}
}
