package webhooks_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/require"
)

var benchSizes = []struct {
	name  string
	bytes int
}{{"300B", 300}, {"4KiB", 4 << 10}, {"64KiB", 64 << 10}}

// eventOfSize returns a general event of exactly that size, with the mixture of
// objects, numbers and strings that a list of line items has.
func eventOfSize(id string, bytes int) []byte {
	var event strings.Builder
	fmt.Fprintf(&event, `{"id":"%s","type":"payment.succeeded","timestamp":"2025-01-15T10:30:00Z","data":{"customer_id":"cust_123","items":[`, id)
	const item = `{"id":"item_0001","amount":12.5,"quantity":3,"paid":true,"note":"two \"large\" boxes","tags":["a","b"]}`
	const tail = `],"note":""}}`
	event.WriteString(item)
	for event.Len()+len(","+item+tail) <= bytes {
		event.WriteString("," + item)
	}
	padding := strings.Repeat("x", bytes-event.Len()-len(tail))
	event.WriteString(`],"note":"` + padding + `"}}`)
	return []byte(event.String())
}

func BenchmarkRawHMAC(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(size.name, func(b *testing.B) {
			body := eventOfSize("evt_1", size.bytes)
			mac := hmac.New(sha256.New, []byte(plainSecret))
			var sum [sha256.Size]byte
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				mac.Reset()
				mac.Write(body)
				mac.Sum(sum[:0])
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, scheme := range schemes {
		for _, size := range benchSizes {
			b.Run(fmt.Sprintf("%v/%s", scheme, size.name), func(b *testing.B) {
				body := eventOfSize("evt_1", size.bytes)
				verifier, header := signedForBenchmark(b, scheme, body)
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					if err := verifier.Verify(header, body); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkParseEvent(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(size.name, func(b *testing.B) {
			body := eventOfSize("evt_1", size.bytes)
			verifier, header := signedForBenchmark(b, webhooks.SchemeTimestamped, body)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := verifier.ParseEvent(header, body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkVerifyUnmarshal is the comparison for ParseEvent.
func BenchmarkVerifyUnmarshal(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(size.name, func(b *testing.B) {
			body := eventOfSize("evt_1", size.bytes)
			verifier, header := signedForBenchmark(b, webhooks.SchemeTimestamped, body)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if err := verifier.Verify(header, body); err != nil {
					b.Fatal(err)
				}
				var envelope struct {
					ID        string          `json:"id"`
					Type      string          `json:"type"`
					Timestamp time.Time       `json:"timestamp"`
					Data      json.RawMessage `json:"data"`
				}
				if err := json.Unmarshal(body, &envelope); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkHandler compares claims in memory, which the Handler calls directly, with the same
// claims as any other store, which it calls on a goroutine and waits for as long as a context
// says. There is no socket, and each event is a new one.
func BenchmarkHandler(b *testing.B) {
	for _, store := range []struct {
		name string
		as   func(*webhooks.MemoryClaims) webhooks.Claims
	}{
		{"memory", func(claims *webhooks.MemoryClaims) webhooks.Claims { return claims }},
		{"store", func(claims *webhooks.MemoryClaims) webhooks.Claims { return struct{ webhooks.Claims }{claims} }},
	} {
		b.Run(store.name, func(b *testing.B) { benchmarkHandler(b, store.as) })
	}
}

func benchmarkHandler(b *testing.B, as func(*webhooks.MemoryClaims) webhooks.Claims) {
	const events = 256
	claims, err := webhooks.NewMemoryClaims(webhooks.MemoryClaimsConfig{Capacity: events / 2}) // forgotten when its turn comes again
	require.NoError(b, err)
	verifier, err := webhooks.NewVerifier(plainSecret)
	require.NoError(b, err)
	handled := 0
	handler, err := webhooks.NewHandler(verifier, webhooks.WithClaims(as(claims)),
		webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error { handled++; return nil }))
	require.NoError(b, err)
	var bodies [events][]byte
	var headers [events]http.Header
	for i := range events {
		bodies[i] = eventOfSize(fmt.Sprintf("evt_%04d", i), benchSizes[0].bytes)
		headers[i], err = webhooks.Sign(bodies[i], webhooks.Signing{Secrets: []string{plainSecret}})
		require.NoError(b, err)
	}
	body := bytes.NewReader(nil)
	request := httptest.NewRequest(http.MethodPost, "/", io.NopCloser(body))
	response := unsent{make(http.Header)}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		turn := i % events
		i++
		body.Reset(bodies[turn])
		request.Header, request.ContentLength = headers[turn], int64(len(bodies[turn]))
		handler.ServeHTTP(response, request)
	}
	require.Equal(b, i, handled)
}

// unsent is a response that goes nowhere.
type unsent struct{ header http.Header }

func (u unsent) Header() http.Header         { return u.header }
func (u unsent) Write(p []byte) (int, error) { return len(p), nil }
func (u unsent) WriteHeader(int)             {}

// BenchmarkLoopback compares a Handler, whose every event is a new one, with a handler
// that only reads and verifies.
func BenchmarkLoopback(b *testing.B) {
	verifier, err := webhooks.NewVerifier(plainSecret)
	require.NoError(b, err)
	handler, err := webhooks.NewHandler(verifier, webhooks.On(webhooks.EventPaymentSucceeded,
		func(context.Context, *webhooks.Event) error { return nil }))
	require.NoError(b, err)
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || verifier.Verify(r.Header, body) != nil {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	for _, target := range []struct {
		name    string
		handler http.Handler
	}{{"bare", bare}, {"handler", handler}} {
		for _, size := range benchSizes {
			b.Run(target.name+"/"+size.name, func(b *testing.B) {
				benchmarkDeliveries(b, target.handler, size.bytes)
			})
		}
	}
}

func benchmarkDeliveries(b *testing.B, handler http.Handler, size int) {
	server := httptest.NewServer(handler)
	defer server.Close()
	client := server.Client()
	run := time.Now().UnixNano()
	n := 0
	for b.Loop() {
		n++
		body := eventOfSize(fmt.Sprintf("evt_%d_%09d", run, n), size)
		request, err := webhooks.NewRequest(b.Context(), server.URL, body, webhooks.Signing{Secrets: []string{plainSecret}})
		if err != nil {
			b.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			b.Fatal(response.Status)
		}
	}
}

func signedForBenchmark(b *testing.B, scheme webhooks.Scheme, body []byte) (*webhooks.Verifier, http.Header) {
	b.Helper()
	verifier, err := webhooks.NewVerifier(standardSecret)
	require.NoError(b, err)
	header, err := webhooks.Sign(body, webhooks.Signing{Scheme: scheme, Secrets: []string{standardSecret}})
	require.NoError(b, err)
	return verifier, header
}
