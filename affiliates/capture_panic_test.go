package affiliates_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// unprintable is a value whose String panics.
type unprintable struct{}

func (unprintable) String() string { panic("no text") }

// hostileEnds are ways in which a function does not return, and what a report says of them.
var hostileEnds = map[string]struct {
	end  func()
	says string
}{
	"a panic":                        {func() { panic("boom") }, "panicked: boom"},
	"a panic with an error":          {func() { panic(errors.New("boom")) }, "panicked: boom"},
	"a panic with secrets":           {func() { panic(http.Header{"X-Api-Key": {apiKey}, "From": {"jane@example.com"}}) }, "X-Api-Key:[[redacted]]"},
	"a panic that cannot be printed": {func() { panic(unprintable{}) }, "panicked: "},
	"a nil pointer":                  {func() { _ = *(*int)(nil) }, "nil pointer dereference"},
	"runtime.Goexit":                 {runtime.Goexit, "runtime.Goexit"},
}

// hostileSite is a site with one worker whose client calls observe and logs to log.
func hostileSite(t *testing.T, observe func(), log *bytes.Buffer, options ...affiliates.ReferralOption) *site {
	t.Helper()
	api := &clickAPI{t: t, keys: map[string]string{}}
	client, err := stackbe.New(stackbe.Config{
		APIKey: apiKey, HTTPClient: &http.Client{Transport: api}, Retry: &stackbe.Retry{},
		Observe: func(context.Context, stackbe.Attempt) { observe() },
		Logger:  slog.New(slog.NewTextHandler(log, nil)),
	})
	require.NoError(t, err)
	capture, err := affiliates.NewReferralCapture(client.Affiliates, append(options, affiliates.WithWorkers(1))...)
	require.NoError(t, err)
	s := &site{t: t, api: api, capture: capture}
	s.serve(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, affiliates.ReferralFromRequest(r).Code) })
	return s
}

func TestCallThatDoesNotReturnIsAFailureOfItsClick(t *testing.T) {
	for _, culprit := range []string{"the RoundTripper", "the observer", "the clock"} {
		for name, test := range hostileEnds {
			t.Run(name+" of "+culprit, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					hostile := false
					endIf := func(now bool) {
						if now {
							hostile = false
							test.end()
						}
					}
					var log bytes.Buffer
					var reports []affiliates.ReferralReport
					s := hostileSite(t, func() { endIf(hostile && culprit == "the observer") }, &log,
						affiliates.WithReport(func(r affiliates.ReferralReport) { reports = append(reports, r) }),
						affiliates.WithClock(func() time.Time {
							endIf(hostile && culprit == "the clock" && onWorker()) // a page asks it, too
							return time.Now()
						}))
					s.api.respond = func(*http.Request, trackedClick) *http.Response {
						endIf(hostile && culprit == "the RoundTripper")
						return nil
					}
					visitor := s.visitor()
					hostile = true
					assert.Equal(t, "JANE20", visitor.open("/?ref=JANE20").body)
					synctest.Wait()
					require.Len(t, reports, 1)
					assert.Equal(t, 1, reports[0].Clicks)
					assert.Equal(t, "JANE20", reports[0].Code)
					assert.ErrorContains(t, reports[0].Err, test.says)
					for _, secret := range []string{apiKey, "jane@example.com"} {
						assert.NotContains(t, reports[0].Err.Error()+log.String(), secret)
					}
					assert.Equal(t, name != "runtime.Goexit", bytes.Contains(log.Bytes(), []byte("stack=")), log.String())
					assert.Equal(t, affiliates.ReferralStats{Failed: 1}, s.capture.Stats())

					s.visitor().open("/?ref=JOHN10")
					visitor.open("/")
					synctest.Wait()
					assert.Equal(t, affiliates.ReferralStats{Failed: 1, Tracked: 2}, s.capture.Stats(), "the worker goes on, and retries the click")
					require.NoError(t, s.capture.Close(t.Context()))
				})
			})
		}
	}
}

// onWorker reports whether the calling goroutine is one of the capture's.
func onWorker() bool {
	stack := make([]byte, 1<<14)
	return bytes.Contains(stack[:runtime.Stack(stack, false)], []byte("(*clickTracker).work"))
}

func TestCallThatNeverReturnsWellIsMadeThreeTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := hostileSite(t, func() { panic("boom") }, &bytes.Buffer{})
		visitor := s.visitor()
		visitor.open("/?ref=JANE20")
		for range 5 {
			synctest.Wait()
			visitor.open("/")
		}
		assert.Len(t, s.api.tracked(), 3)
		assert.Equal(t, affiliates.ReferralStats{Failed: 3}, s.capture.Stats())
		require.NoError(t, s.capture.Close(t.Context()))
	})
}

func TestReportThatDoesNotReturnDoesNotEndTheWorker(t *testing.T) {
	for name, test := range hostileEnds {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				failed, dropped := 0, 0
				s := hostileSite(t, func() {}, &log, affiliates.WithReport(func(r affiliates.ReferralReport) {
					if errors.Is(r.Err, affiliates.ErrClicksDropped) {
						dropped += r.Clicks
					} else {
						failed++
					}
					test.end()
				}))
				s.api.respond = func(_ *http.Request, click trackedClick) *http.Response {
					if click.Code == "JANE50" {
						return apiResponse(500, `{}`)
					}
					return nil
				}
				s.visitor().open("/?ref=JANE50")
				for i := range 60 {
					s.visitor().open("/?ref=NONE" + strconv.Itoa(i))
					synctest.Wait()
				}
				for range 2 {
					s.visitor().open("/?ref=JANE20") // dropped
					synctest.Wait()
				}
				assert.Equal(t, 1, failed)
				assert.Equal(t, 2, dropped)
				assert.NotContains(t, log.String(), apiKey)
				assert.Equal(t, name != "runtime.Goexit", bytes.Contains(log.Bytes(), []byte("WithReport panicked")), log.String())

				rest(time.Minute)
				s.visitor().open("/?ref=JANE20")
				require.NoError(t, s.capture.Close(t.Context()))
				assert.EqualValues(t, 1, s.capture.Stats().Tracked, "the worker goes on")
			})
		})
	}
}

func TestCallAndReportThatBothDoNotReturn(t *testing.T) {
	for name, test := range hostileEnds {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := hostileSite(t, test.end, &bytes.Buffer{}, affiliates.WithReport(func(affiliates.ReferralReport) { test.end() }))
				for range 3 {
					s.visitor().open("/?ref=JANE20")
				}
				require.NoError(t, s.capture.Close(t.Context()))
				assert.Equal(t, affiliates.ReferralStats{Failed: 3}, s.capture.Stats())
			})
		})
	}
}
