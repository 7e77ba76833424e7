package bench

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func BenchmarkGet(b *testing.B) {
	compare(b, func(ctx context.Context, l library) error {
		_, err := l.get(ctx)
		return err
	})
}

func BenchmarkPost(b *testing.B) {
	compare(b, func(ctx context.Context, l library) error {
		_, err := l.post(ctx)
		return err
	})
}

type callFunc func(context.Context, library) error

// compare names its benchmarks in benchstat's key=value form, so that bench/run
// can put the libraries side by side.
func compare(b *testing.B, call callFunc) {
	b.Run("net=none", func(b *testing.B) {
		for _, c := range contestants {
			b.Run("lib="+c.name, func(b *testing.B) {
				measure(b, open(b, c, memoryURL, &http.Client{Transport: memory{}}), call)
			})
		}
	})
	b.Run("net=loopback", func(b *testing.B) {
		for _, c := range contestants {
			b.Run("lib="+c.name, func(b *testing.B) {
				server := newLoopback(http.HandlerFunc(serve))
				defer server.Close()
				measure(b, open(b, c, server.URL, server.client), call)
				b.ReportMetric(float64(server.writes.Load())/float64(b.N+1), "writes/op")
			})
		}
	})
}

// memoryURL is never connected to.
const memoryURL = "https://api.stackbe.io"

func open(tb testing.TB, c contestant, baseURL string, client *http.Client) library {
	tb.Helper()
	l, err := c.open(baseURL, client)
	require.NoError(tb, err)
	return l
}

// measure makes one call before the clock starts: it opens the connection and
// fills the caches that live as long as the client.
func measure(b *testing.B, l library, call callFunc) {
	ctx := b.Context()
	require.NoError(b, call(ctx, l))
	b.ReportAllocs()
	for b.Loop() {
		if err := call(ctx, l); err != nil {
			b.Fatal(err)
		}
	}
}
