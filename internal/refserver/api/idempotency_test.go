package api

import (
	"context"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestConcurrentRequestWaitsForFirst(t *testing.T) {
	key := idempotencyKey{token: "t", key: "k"}
	print := sha256.Sum256([]byte("request"))
	created := &response{status: http.StatusCreated}
	never := func() *response { panic("ran twice") }

	t.Run("returns the response of the first", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			kept, finish := newIdempotency(), make(chan struct{})
			go kept.do(t.Context(), key, print, time.Now, func() *response { <-finish; return created })
			synctest.Wait()
			go func() {
				synctest.Wait() // until the second request waits
				close(finish)
			}()
			got, replayed := kept.do(t.Context(), key, print, time.Now, never)
			assert.Equal(t, created, got)
			assert.True(t, replayed)
		})
	})

	t.Run("is refused when its own context is canceled", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			kept, finish := newIdempotency(), make(chan struct{})
			go kept.do(t.Context(), key, print, time.Now, func() *response { <-finish; return created })
			synctest.Wait()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			got, _ := kept.do(ctx, key, print, time.Now, never)
			assert.Equal(t, http.StatusServiceUnavailable, got.status)
			assert.Contains(t, string(got.body), `"code":"SERVICE_UNAVAILABLE"`)
			close(finish)
		})
	})

	for name, fail := range map[string]func() *response{
		"runs when the server failed":  func() *response { return &response{status: http.StatusInternalServerError} },
		"runs when the first panicked": func() *response { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				kept, finish := newIdempotency(), make(chan struct{})
				go func() {
					defer func() { _ = recover() }()
					kept.do(t.Context(), key, print, time.Now, func() *response { <-finish; return fail() })
				}()
				synctest.Wait()
				go func() {
					synctest.Wait()
					close(finish)
				}()
				got, replayed := kept.do(t.Context(), key, print, time.Now, func() *response { return created })
				assert.Equal(t, created, got)
				assert.False(t, replayed)
			})
		})
	}

	t.Run("is refused at once if it is another request", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			kept, finish := newIdempotency(), make(chan struct{})
			go kept.do(t.Context(), key, print, time.Now, func() *response { <-finish; return created })
			synctest.Wait()
			got, _ := kept.do(t.Context(), key, sha256.Sum256([]byte("other")), time.Now, never)
			assert.Equal(t, http.StatusConflict, got.status)
			close(finish)
		})
	})
}

func TestResponsesExpireAfterADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := newIdempotency()
		run := func() *response { return &response{status: http.StatusCreated} }
		for _, key := range []string{"a", "b", "c"} {
			kept.do(t.Context(), idempotencyKey{"t", key}, [sha256.Size]byte{}, time.Now, run)
		}
		time.Sleep(24 * time.Hour)
		kept.do(t.Context(), idempotencyKey{"t", "d"}, [sha256.Size]byte{}, time.Now, run)
		assert.Len(t, kept.first, 1)
		assert.Equal(t, 1, kept.expiry.Len())
	})
}

func TestCountsAreDroppedAfterTheirMinute(t *testing.T) {
	var counts limiter
	now := time.Unix(0, 0)
	for _, token := range []string{"a", "b", "c"} {
		counts.take(token, now)
	}
	count, reset := counts.take("a", now.Add(59*time.Second))
	assert.Equal(t, 2, count)
	assert.EqualValues(t, 60, reset)
	count, reset = counts.take("a", now.Add(60*time.Second))
	assert.Equal(t, 1, count)
	assert.EqualValues(t, 120, reset)
	assert.Len(t, counts.counts, 1)
}

func TestFingerprintCoversEachPart(t *testing.T) {
	of := func(method, target, body string) [sha256.Size]byte {
		return fingerprint(httptest.NewRequest(method, target, nil), []byte(body))
	}
	seen := map[[sha256.Size]byte]bool{
		of("POST", "/a", "b"):    true,
		of("PATCH", "/a", "b"):   true,
		of("POST", "/ab", ""):    true,
		of("POST", "/a%2Fc", ""): true,
		of("POST", "/a/c", ""):   true,
		of("POST", "/a?b", ""):   true,
		of("POST", "/a?b=", ""):  true,
		of("POST", "/a", "b="):   true,
	}
	assert.Len(t, seen, 8)
	assert.Equal(t, of("POST", "/a?b", "c"), of("POST", "/a?b", "c"))
}

func TestKeptResponsesAreLimited(t *testing.T) {
	of := func(size int) func() *response {
		return func() *response { return &response{status: http.StatusCreated, body: make([]byte, size)} }
	}
	numbered := func(i int) idempotencyKey { return idempotencyKey{"t", strconv.Itoa(i)} }
	now := func() time.Time { return time.Unix(0, 0) }
	ask := func(kept *idempotency, i, size int) (replayed bool) {
		_, replayed = kept.do(t.Context(), numbered(i), [sha256.Size]byte{}, now, of(size))
		return replayed
	}

	t.Run("in number: the oldest is dropped first", func(t *testing.T) {
		kept := newIdempotency()
		for i := range 50_000 {
			ask(&kept, i, 0)
		}
		assert.True(t, ask(&kept, 0, 0))
		ask(&kept, 50_000, 0)
		assert.Len(t, kept.first, 50_000)
		assert.Equal(t, 50_000, kept.expiry.Len())
		for _, i := range []int{1, 2, 49_999, 50_000} {
			assert.True(t, ask(&kept, i, 0), i)
		}
		assert.False(t, ask(&kept, 0, 0), "the first is forgotten")
	})

	t.Run("in bytes: the oldest is dropped first", func(t *testing.T) {
		kept := newIdempotency()
		const size = 1 << 20
		for i := range 100 {
			ask(&kept, i, size)
			assert.LessOrEqual(t, kept.size, 32<<20)
			assert.LessOrEqual(t, len(kept.first), 31)
		}
		assert.Len(t, kept.first, 31, "beside each response, its key takes room")
		assert.True(t, ask(&kept, 99, size))
		assert.True(t, ask(&kept, 69, size))
		assert.False(t, ask(&kept, 68, size))
	})

	t.Run("a response larger than the limit is not kept", func(t *testing.T) {
		kept := newIdempotency()
		ask(&kept, 1, 0)
		ask(&kept, 2, 33<<20)
		assert.Empty(t, kept.first)
		assert.Zero(t, kept.size)
		assert.Zero(t, kept.expiry.Len())
	})
}

func TestEachRequestDropsFewExpiredResponses(t *testing.T) {
	kept, now := newIdempotency(), time.Unix(0, 0)
	ask := func(key string) (replayed bool) {
		_, replayed = kept.do(t.Context(), idempotencyKey{"t", key}, [sha256.Size]byte{}, func() time.Time { return now },
			func() *response { return &response{status: http.StatusCreated} })
		return replayed
	}
	for i := range 1000 {
		ask(strconv.Itoa(i))
	}
	now = now.Add(24 * time.Hour)
	for i := range 200 {
		before := kept.expiry.Len()
		assert.False(t, ask(strconv.Itoa(999-i)), "a response that is not yet dropped has expired all the same")
		assert.GreaterOrEqual(t, kept.expiry.Len(), before-4, "no request waits for all of them")
	}
	for i := range 200 {
		assert.True(t, ask(strconv.Itoa(999-i)), "what was asked anew is kept from then on")
	}
	for i := range 400 {
		ask("new " + strconv.Itoa(i))
	}
	assert.Len(t, kept.first, 600)
	assert.Equal(t, 600, kept.expiry.Len())
}
