package api

import (
	"context"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestARequestThatWaitsForTheFirst(t *testing.T) {
	key := idempotencyKey{token: "t", key: "k"}
	print := sha256.Sum256([]byte("request"))
	created := &answer{status: http.StatusCreated}
	never := func() *answer { panic("ran twice") }

	t.Run("gets its answer once there is one", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			kept, finish := newIdempotency(), make(chan struct{})
			go kept.do(t.Context(), key, print, time.Now, func() *answer { <-finish; return created })
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

	t.Run("goes on without it when its own caller gives up", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			kept, finish := newIdempotency(), make(chan struct{})
			go kept.do(t.Context(), key, print, time.Now, func() *answer { <-finish; return created })
			synctest.Wait()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			got, _ := kept.do(ctx, key, print, time.Now, never)
			assert.Equal(t, http.StatusServiceUnavailable, got.status)
			close(finish)
		})
	})

	for name, fail := range map[string]func() *answer{
		"takes its place when the server failed": func() *answer { return &answer{status: http.StatusInternalServerError} },
		"takes its place when it panicked":       func() *answer { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				kept, finish := newIdempotency(), make(chan struct{})
				go func() {
					defer func() { _ = recover() }()
					kept.do(t.Context(), key, print, time.Now, func() *answer { <-finish; return fail() })
				}()
				synctest.Wait()
				go func() {
					synctest.Wait()
					close(finish)
				}()
				got, replayed := kept.do(t.Context(), key, print, time.Now, func() *answer { return created })
				assert.Equal(t, created, got)
				assert.False(t, replayed)
			})
		})
	}

	t.Run("is refused at once when it is another request", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			kept, finish := newIdempotency(), make(chan struct{})
			go kept.do(t.Context(), key, print, time.Now, func() *answer { <-finish; return created })
			synctest.Wait()
			got, _ := kept.do(t.Context(), key, sha256.Sum256([]byte("other")), time.Now, never)
			assert.Equal(t, http.StatusConflict, got.status)
			close(finish)
		})
	})
}

func TestAnswersAreForgottenAfterADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := newIdempotency()
		run := func() *answer { return &answer{status: http.StatusCreated} }
		for _, key := range []string{"a", "b", "c"} {
			kept.do(t.Context(), idempotencyKey{"t", key}, [sha256.Size]byte{}, time.Now, run)
		}
		time.Sleep(24 * time.Hour)
		kept.do(t.Context(), idempotencyKey{"t", "d"}, [sha256.Size]byte{}, time.Now, run)
		assert.Len(t, kept.first, 1)
		assert.Equal(t, 1, kept.expiry.Len())
	})
}

func TestCountsAreForgottenWithTheirMinute(t *testing.T) {
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

func TestRequestsAreToldApartByEveryPart(t *testing.T) {
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
