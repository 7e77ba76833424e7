package bench

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The bars for time are read off bench/run: no test here looks at a clock.

func TestAllocationsWithoutASocket(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes sync.Pool drop what it is given")
	}
	get := func(ctx context.Context, l library) error { _, err := l.get(ctx); return err }
	post := func(ctx context.Context, l library) error { _, err := l.post(ctx); return err }

	t.Run("a GET makes no more than net/http and encoding/json alone", func(t *testing.T) {
		assert.LessOrEqual(t, allocations(t, "stackbe", get), allocations(t, "bare", get))
	})
	t.Run("a POST with its idempotency key makes no more either", func(t *testing.T) {
		assert.LessOrEqual(t, allocations(t, "stackbe", post), allocations(t, "bare", post))
	})
	rivals := contestants[2:] // after bare and stackbe
	for _, rival := range rivals {
		t.Run("both make fewer than "+rival.name, func(t *testing.T) {
			assert.Less(t, allocations(t, "stackbe", get), allocations(t, rival.name, get))
			assert.Less(t, allocations(t, "stackbe", post), allocations(t, rival.name, post))
		})
	}
}

func allocations(t *testing.T, name string, call callFunc) float64 {
	t.Helper()
	l := open(t, named(t, name), memoryURL, &http.Client{Transport: memory{}})
	return testing.AllocsPerRun(500, func() {
		if err := call(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	})
}

func named(t *testing.T, name string) contestant {
	t.Helper()
	for _, c := range contestants {
		if c.name == name {
			return c
		}
	}
	require.FailNow(t, "no such library", name)
	return contestant{}
}

func TestOneRequestIsOneWrite(t *testing.T) {
	server := newLoopback(http.HandlerFunc(serve))
	defer server.Close()
	l := open(t, named(t, "stackbe"), server.URL, server.client)

	for range 5 {
		before := server.writes.Load()
		_, err := l.get(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 1, server.writes.Load()-before, "writes of a GET")

		before = server.writes.Load()
		_, err = l.post(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 1, server.writes.Load()-before, "writes of a POST")
	}
}
