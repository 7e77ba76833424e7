package affiliates_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// roundTrip is an API that is given as a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// hanging is an API that never responds.
func hanging(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func captureOn(t *testing.T, api roundTrip, options ...affiliates.ReferralOption) *affiliates.ReferralCapture {
	t.Helper()
	capture, err := affiliates.NewReferralCapture(clientOn(t, api).Affiliates, options...)
	require.NoError(t, err)
	return capture
}

// clientOn returns a client that retries nothing.
func clientOn(t testing.TB, api http.RoundTripper) *stackbe.Client {
	t.Helper()
	client, err := stackbe.New(stackbe.Config{APIKey: apiKey, HTTPClient: &http.Client{Transport: api}, Retry: &stackbe.Retry{}})
	require.NoError(t, err)
	return client
}

// open sends the request of a new visitor.
func open(capture *affiliates.ReferralCapture, target string, cookies ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", target, nil)
	r.Header["Cookie"] = cookies
	w := httptest.NewRecorder()
	capture.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(affiliates.ReferralFromRequest(r).Code))
	})).ServeHTTP(w, r)
	return w
}

func TestManyRequestsAgainstAHangingAPI(t *testing.T) {
	const requests = 100_000
	synctest.Test(t, func(t *testing.T) { // which fails if a goroutine is left
		var dropped atomic.Int64
		capture := captureOn(t, hanging, affiliates.WithReport(func(r affiliates.ReferralReport) {
			if errors.Is(r.Err, affiliates.ErrClicksDropped) {
				dropped.Add(int64(r.Clicks))
			}
		}))
		site := capture.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
		before := heap()
		var visitors sync.WaitGroup
		for range 10 {
			visitors.Go(func() {
				r := httptest.NewRequest("GET", "/pricing?ref=JANE20", nil)
				for range requests / 10 {
					w := headerOnly{}
					site.ServeHTTP(w, r)
					if http.Header(w).Get("Set-Cookie") == "" {
						t.Error("a page failed")
						return
					}
				}
			})
		}
		visitors.Wait()
		synctest.Wait()
		assert.Less(t, heap(), before+16<<20, "bytes")
		stats := capture.Stats()
		assert.Equal(t, 1024+4, stats.Waiting, "in the queue, and with a worker")
		assert.EqualValues(t, requests-1024-4, stats.Dropped)

		time.Sleep(10 * time.Second) // the calls end at their time limit
		synctest.Wait()
		assert.Equal(t, stats.Dropped, dropped.Load(), "all are reported")
		assert.EqualValues(t, 4, capture.Stats().Failed)

		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		started := time.Now()
		err := capture.Close(ctx)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "1024 referral clicks were not tracked")
		assert.Equal(t, 3*time.Second, time.Since(started))
		assert.Zero(t, capture.Stats().Waiting)
	})
}

// headerOnly is a writer that keeps the header.
type headerOnly http.Header

func (h headerOnly) Header() http.Header         { return http.Header(h) }
func (h headerOnly) Write(b []byte) (int, error) { return len(b), nil }
func (h headerOnly) WriteHeader(int)             {}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func TestDroppedClickIsTrackedAtNextRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		var calls atomic.Int32
		capture := captureOn(t, func(r *http.Request) (*http.Response, error) {
			calls.Add(1)
			<-hang
			return apiResponse(201, `{"clickId":"click","code":"JANE20"}`), nil
		}, affiliates.WithWorkers(1), affiliates.WithQueue(1))
		open(capture, "/?ref=JANE20")
		synctest.Wait() // it is with the worker
		open(capture, "/?ref=JANE20")
		dropped := open(capture, "/?ref=JANE20").Result().Cookies()[0]
		assert.Contains(t, dropped.Value, ".p.")
		close(hang)
		synctest.Wait()
		assert.EqualValues(t, 2, calls.Load())

		next := open(capture, "/", dropped.Name+"="+dropped.Value)
		assert.Contains(t, next.Header().Get("Set-Cookie"), ".q.")
		synctest.Wait()
		assert.Equal(t, affiliates.ReferralStats{Tracked: 3, Dropped: 1}, capture.Stats())
		require.NoError(t, capture.Close(context.WithoutCancel(t.Context())))
	})
}

func TestCloseTracksWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		capture := captureOn(t, func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return apiResponse(201, `{}`), nil
		}, affiliates.WithWorkers(1))
		for range 5 {
			open(capture, "/?ref=JANE20")
		}
		require.NoError(t, capture.Close(t.Context()))
		assert.Equal(t, affiliates.ReferralStats{Tracked: 5}, capture.Stats())
		require.NoError(t, capture.Close(t.Context()), "again")
	})
}

func TestPagesAreServedAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		capture := captureOn(t, func(*http.Request) (*http.Response, error) {
			assert.Fail(t, "a call after Close")
			return nil, errors.New("no call is expected")
		})
		require.NoError(t, capture.Close(t.Context()))
		landing := open(capture, "/?ref=JANE20")
		assert.Equal(t, "JANE20", landing.Body.String())
		assert.Contains(t, landing.Header().Get("Set-Cookie"), ".p.", "another process tracks the click later")
		cookie := landing.Result().Cookies()[0]
		next := open(capture, "/", cookie.Name+"="+cookie.Value)
		assert.Equal(t, "JANE20", next.Body.String())
		assert.EqualValues(t, 2, capture.Stats().Dropped)
	})
}

func TestRequestsDuringClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		capture := captureOn(t, func(*http.Request) (*http.Response, error) {
			time.Sleep(time.Millisecond)
			return apiResponse(201, `{}`), nil
		})
		var visitors sync.WaitGroup
		for range 8 {
			visitors.Go(func() {
				for range 100 {
					open(capture, "/?ref=JANE20")
					time.Sleep(time.Millisecond)
				}
			})
		}
		time.Sleep(20 * time.Millisecond)
		assert.NoError(t, capture.Close(t.Context()))
		visitors.Wait()
		stats := capture.Stats()
		assert.EqualValues(t, 800, stats.Tracked+stats.Dropped)
		assert.Zero(t, stats.Waiting)
	})
}

func TestCloseDoesNotWaitForATransportThatIgnoresItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		capture := captureOn(t, func(*http.Request) (*http.Response, error) {
			<-release
			return apiResponse(201, `{}`), nil
		})
		open(capture, "/?ref=JANE20")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, capture.Close(ctx), context.DeadlineExceeded)
		close(release)
		assert.NoError(t, capture.Close(t.Context()))
	})
}

func TestCallEndsAtItsTimeLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reports []affiliates.ReferralReport
		capture := captureOn(t, hanging, affiliates.WithTrackTimeout(2*time.Second), affiliates.WithReport(func(r affiliates.ReferralReport) { reports = append(reports, r) }))
		open(capture, "/?ref=JANE20")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.Len(t, reports, 1)
		assert.ErrorIs(t, reports[0].Err, context.DeadlineExceeded)
		require.NoError(t, capture.Close(t.Context()))
	})
}

func TestClickIsTrackedAfterTheVisitorHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/?ref=JANE20", nil).WithContext(ctx))
		synctest.Wait()
		assert.Equal(t, []string{"JANE20"}, s.api.tracked())
	})
}

func TestClicksDroppedBeforeCloseAreReported(t *testing.T) {
	for range 20 { // a worker that is free again finds the end of the queue and the drop, in any order
		synctest.Test(t, func(t *testing.T) {
			reports := make(chan int) // a report waits for its reader
			s := newSite(t, affiliates.WithWorkers(1), affiliates.WithReport(func(r affiliates.ReferralReport) { reports <- r.Clicks }))
			for i := range 61 {
				s.visitor().open("/?ref=NONE" + strconv.Itoa(i)) // the last one is dropped
				synctest.Wait()
			}
			s.visitor().open("/?ref=NONE61")
			closed := make(chan error, 1)
			go func() { closed <- s.capture.Close(t.Context()) }()
			synctest.Wait()
			for reported := 0; ; {
				select {
				case clicks := <-reports:
					reported += clicks
				case err := <-closed:
					require.NoError(t, err)
					assert.EqualValues(t, s.capture.Stats().Dropped, reported)
					return
				}
			}
		})
	}
}
