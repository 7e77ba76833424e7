package bench

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A comparison is worth something only if all do the same work.

func TestLibrariesDecodeResponse(t *testing.T) {
	for _, c := range contestants {
		t.Run(c.name+" without a socket", func(t *testing.T) {
			requireDecoded(t, open(t, c, memoryURL, &http.Client{Transport: memory{}}))
		})
		t.Run(c.name+" over loopback", func(t *testing.T) {
			server := newLoopback(http.HandlerFunc(serve))
			defer server.Close()
			requireDecoded(t, open(t, c, server.URL, server.client))
		})
	}
}

func requireDecoded(t *testing.T, l library) {
	t.Helper()
	a, err := l.get(t.Context())
	require.NoError(t, err)
	assert.True(t, a.Enrolled)
	assert.Equal(t, "cmjcbidrx0001n13ye2b7pryh", a.ID)
	assert.Equal(t, customerID, a.CustomerID)
	assert.Equal(t, "JANE20", a.Code)
	assert.EqualValues(t, "partner", a.Type)
	assert.EqualValues(t, "active", a.Status)
	assert.Equal(t, "20", asJSON(t, a.CommissionRate))
	assert.Equal(t, "120.5", asJSON(t, a.TotalEarned))
	assert.Equal(t, "80.25", asJSON(t, a.PendingBalance))
	assert.Equal(t, time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC), a.CreatedAt.UTC())

	r, err := l.post(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "cmjcbidrx0002n13ye2b7pryi", r.ID)
	assert.EqualValues(t, "pending", r.Status)
	assert.Equal(t, "Thank you. We review applications within two working days.", r.Message)
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

func TestLibrariesSendSameApplication(t *testing.T) {
	for _, c := range contestants {
		t.Run(c.name, func(t *testing.T) {
			requests := record(t, c)
			require.Len(t, requests, 3)

			get := requests[0]
			assert.Equal(t, http.MethodGet, get.Method)
			assert.Equal(t, "/"+getPath, get.URL.Path)

			first, second := requests[1], requests[2]
			assert.Equal(t, http.MethodPost, first.Method)
			assert.Equal(t, "application/json", first.Header.Get("Content-Type"))
			assert.JSONEq(t, asJSON(t, jane), first.body)
			assert.Len(t, first.Header["Idempotency-Key"], 1)
			assert.NotEqual(t, first.Header["Idempotency-Key"], second.Header["Idempotency-Key"])
		})
	}
}

func TestBareSendsHeadersOfSDK(t *testing.T) {
	ours, theirs := record(t, named(t, "stackbe")), record(t, named(t, "bare"))
	require.Len(t, theirs, len(ours))
	for i := range ours {
		for _, r := range []recorded{ours[i], theirs[i]} {
			if key := r.Header.Get("Idempotency-Key"); key != "" {
				r.Header.Set("Idempotency-Key", fill(len(key)))
			}
		}
		assert.Equal(t, ours[i].Header, theirs[i].Header)
		assert.Equal(t, ours[i].body, theirs[i].body)
		assert.Equal(t, ours[i].RequestURI, theirs[i].RequestURI)
	}
}

// fill stands for a random key of n characters.
func fill(n int) string { return string(slices.Repeat([]byte{'k'}, n)) }

type recorded struct {
	*http.Request
	body string
}

// record returns one GET and two POSTs as the server sees them.
func record(t *testing.T, c contestant) []recorded {
	t.Helper()
	var (
		mu       sync.Mutex
		requests []recorded
	)
	server := newLoopback(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		mu.Lock()
		requests = append(requests, recorded{Request: r, body: string(body)})
		mu.Unlock()
		serve(w, r)
	}))
	defer server.Close()

	l := open(t, c, server.URL, server.client)
	_, err := l.get(t.Context())
	require.NoError(t, err)
	for range 2 {
		_, err = l.post(t.Context())
		require.NoError(t, err)
	}
	mu.Lock()
	defer mu.Unlock()
	return requests
}
