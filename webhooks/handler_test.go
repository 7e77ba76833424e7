package webhooks_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const paymentBody = `{"id":"evt_1","type":"payment.succeeded","data":{"amount":50,"email":"partner@example.com"}}`

var errFunction = errors.New("the mail server does not respond")

func nothing(context.Context, *webhooks.Event) error { return nil }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newHandler(t testing.TB, options ...webhooks.HandlerOption) *webhooks.Handler {
	t.Helper()
	options = append([]webhooks.HandlerOption{webhooks.WithLogger(quiet())}, options...)
	handler, err := webhooks.NewHandler(newVerifier(t, standardSecret), options...)
	require.NoError(t, err)
	return handler
}

// deliver gives the request to the handler, and returns its response.
func deliver(handler http.Handler, request *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

// deliverBody signs the body and delivers it.
func deliverBody(t testing.TB, handler http.Handler, body string) *httptest.ResponseRecorder {
	t.Helper()
	return deliver(handler, delivery(t, body))
}

func TestHandlerCallsFunctionOfEventType(t *testing.T) {
	type payment struct {
		Amount int `json:"amount"`
	}
	var got []string
	handler := newHandler(t,
		webhooks.OnApplicationApproved(func(_ context.Context, event *webhooks.Event, approved webhooks.ApplicationApproved) error {
			got = append(got, "approved "+approved.Affiliate.Code+" "+event.ID[:7])
			return nil
		}),
		webhooks.OnApplicationRejected(func(_ context.Context, _ *webhooks.Event, rejected webhooks.ApplicationRejected) error {
			got = append(got, "rejected "+rejected.Application.RejectionReason)
			return nil
		}),
		webhooks.OnTyped(webhooks.EventPaymentSucceeded, func(_ context.Context, event *webhooks.Event, data payment) error {
			got = append(got, fmt.Sprint("payment ", event.ID, " ", data.Amount))
			return nil
		}),
		webhooks.On(webhooks.EventPaymentFailed, func(_ context.Context, event *webhooks.Event) error {
			got = append(got, "payment failed "+string(event.Data))
			return nil
		}),
	)
	for _, body := range []string{string(approvedBody), rejectedBody, paymentBody, `{"type":"payment.failed","data":1}`} {
		response := deliverBody(t, handler, body)
		assert.Equal(t, http.StatusOK, response.Code)
		assert.Empty(t, response.Body.String())
	}
	assert.Equal(t, []string{"approved JANE20 sha256:", "rejected Not a good fit", "payment evt_1 50", "payment failed 1"}, got)
}

// responseTexts are the whole bodies of responses.
var responseTexts = map[webhooks.Outcome]string{
	webhooks.OutcomeMalformed:   "the event is malformed\n",
	webhooks.OutcomeUnreadable:  "the body could not be read\n",
	webhooks.OutcomeUnverified:  "the delivery is not verified\n",
	webhooks.OutcomeWrongMethod: "send a POST\n",
	webhooks.OutcomeInFlight:    "the event is being handled\n",
	webhooks.OutcomeTooLarge:    "the body is too large\n",
	webhooks.OutcomeFailed:      "the event could not be handled\n",
	webhooks.OutcomeUnavailable: "try again later\n",
}

func TestHandlerStatusOfEachOutcome(t *testing.T) {
	const large = 4096
	for name, test := range map[string]struct {
		request func(t *testing.T) *http.Request
		status  int
		outcome webhooks.Outcome
		err     error
	}{
		"handled": {
			func(t *testing.T) *http.Request { return delivery(t, paymentBody) },
			http.StatusOK, webhooks.OutcomeHandled, nil,
		},
		"no function for the type": {
			func(t *testing.T) *http.Request { return delivery(t, `{"type":"unheard.of"}`) },
			http.StatusNoContent, webhooks.OutcomeIgnored, nil,
		},
		"the function fails": {
			func(t *testing.T) *http.Request { return delivery(t, `{"type":"fails"}`) },
			http.StatusInternalServerError, webhooks.OutcomeFailed, errFunction,
		},
		"the data does not fit": {
			func(t *testing.T) *http.Request {
				return delivery(t, `{"event":"partner_application_approved","data":[]}`)
			},
			http.StatusBadRequest, webhooks.OutcomeMalformed, webhooks.ErrMalformedEvent,
		},
		"the envelope is malformed": {
			func(t *testing.T) *http.Request { return delivery(t, `{"type":"x"`) },
			http.StatusBadRequest, webhooks.OutcomeMalformed, webhooks.ErrMalformedEvent,
		},
		"no signature": {
			func(t *testing.T) *http.Request {
				return httptest.NewRequest(http.MethodPost, "/", strings.NewReader(paymentBody))
			},
			http.StatusUnauthorized, webhooks.OutcomeUnverified, webhooks.ErrNoSignature,
		},
		"another secret": {
			func(t *testing.T) *http.Request {
				request := delivery(t, paymentBody)
				request.Header = sign(t, []byte(paymentBody), webhooks.Signing{Secrets: []string{otherSecret}})
				return request
			},
			http.StatusUnauthorized, webhooks.OutcomeUnverified, webhooks.ErrSignatureMismatch,
		},
		"malformed and not signed": {
			func(t *testing.T) *http.Request {
				return httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{`))
			},
			http.StatusUnauthorized, webhooks.OutcomeUnverified, webhooks.ErrNoSignature,
		},
		"too large": {
			func(t *testing.T) *http.Request {
				return delivery(t, `{"type":"x","data":"`+strings.Repeat("x", large)+`"}`)
			},
			http.StatusRequestEntityTooLarge, webhooks.OutcomeTooLarge, webhooks.ErrBodyTooLarge,
		},
		"broken off": {
			func(t *testing.T) *http.Request {
				request := delivery(t, paymentBody)
				request.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), &failingReader{}))
				return request
			},
			http.StatusBadRequest, webhooks.OutcomeUnreadable, webhooks.ErrBodyUnreadable,
		},
		"a GET": {
			func(t *testing.T) *http.Request { return httptest.NewRequest(http.MethodGet, "/", nil) },
			http.StatusMethodNotAllowed, webhooks.OutcomeWrongMethod, nil,
		},
		"a PUT with a good signature": {
			func(t *testing.T) *http.Request {
				request := delivery(t, paymentBody)
				request.Method = http.MethodPut
				return request
			},
			http.StatusMethodNotAllowed, webhooks.OutcomeWrongMethod, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var seen []webhooks.Receipt
			var log bytes.Buffer
			handler, err := webhooks.NewHandler(newVerifier(t, standardSecret, webhooks.WithMaxBody(large)),
				webhooks.On(webhooks.EventPaymentSucceeded, nothing),
				webhooks.On("fails", func(context.Context, *webhooks.Event) error { return errFunction }),
				webhooks.OnApplicationApproved(func(context.Context, *webhooks.Event, webhooks.ApplicationApproved) error { return nil }),
				webhooks.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
				webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = append(seen, r) }),
			)
			require.NoError(t, err)
			request := test.request(t)
			signature := request.Header.Get("X-StackBE-Signature")

			response := deliver(handler, request)

			assert.Equal(t, test.status, response.Code)
			assert.Equal(t, responseTexts[test.outcome], response.Body.String())
			assert.Equal(t, test.status == http.StatusMethodNotAllowed, response.Header().Get("Allow") == http.MethodPost)
			require.Len(t, seen, 1)
			assert.Equal(t, test.outcome, seen[0].Outcome)
			assert.Equal(t, test.status, seen[0].StatusCode)
			assert.ErrorIs(t, seen[0].Err, test.err)
			assert.Contains(t, log.String(), fmt.Sprintf(`"outcome":%q`, test.outcome))
			for _, text := range []string{response.Body.String(), log.String()} {
				assert.NotContains(t, text, "partner@example.com")
				assert.NotContains(t, text, standardSecret)
				if signature != "" {
					assert.NotContains(t, text, signature[len(signature)-64:])
				}
			}
		})
	}
	t.Run("all refusals of a signature get the same response", func(t *testing.T) {
		handler := newHandler(t, webhooks.On("x", nothing))
		respond := func(signature string) (int, http.Header, string) {
			request := delivery(t, "{}")
			request.Header.Set("X-StackBE-Signature", signature)
			if signature == "" {
				request.Header.Del("X-StackBE-Signature")
			}
			response := deliver(handler, request)
			return response.Code, response.Header(), response.Body.String()
		}
		code, header, body := respond("")
		require.Equal(t, http.StatusUnauthorized, code)
		zeros := strings.Repeat("0", 64)
		for _, signature := range []string{"t=1700000000,v1=" + zeros, "t=1,v1=" + zeros, "sha256=" + zeros, "v1=", "t=,v1=" + zeros} {
			otherCode, otherHeader, otherBody := respond(signature)
			assert.Equal(t, code, otherCode, signature)
			assert.Equal(t, header, otherHeader, signature)
			assert.Equal(t, body, otherBody, signature)
		}
	})
}

func TestPanicOfLoggerOrObserverLeavesResponse(t *testing.T) {
	handled := func(t *testing.T, options ...webhooks.HandlerOption) {
		t.Helper()
		server := httptest.NewServer(newHandler(t, append(slices.Clip(options), webhooks.On(webhooks.EventPaymentSucceeded, nothing))...))
		defer server.Close()
		assert.True(t, acknowledged(t, server, []byte(paymentBody)))
	}
	t.Run("if the observer panics, the panic is logged", func(t *testing.T) {
		var log bytes.Buffer
		handled(t, webhooks.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
			webhooks.WithObserver(func(context.Context, webhooks.Receipt) { _ = explode() }))
		assert.Contains(t, log.String(), "the observer panicked: the fuse is lit")
		assert.Contains(t, log.String(), "explode", "its stack")
	})
	t.Run("if the logger panics, the observer is called", func(t *testing.T) {
		observed := 0
		handled(t, webhooks.WithLogger(slog.New(panickingLog{slog.DiscardHandler})),
			webhooks.WithObserver(func(context.Context, webhooks.Receipt) { observed++ }))
		assert.Equal(t, 1, observed)
	})
}

type panickingLog struct{ slog.Handler }

func (panickingLog) Enabled(context.Context, slog.Level) bool { _ = explode(); return true }

func TestHandlerRespondsToRefusedRequestBeforeItsBodyHasArrived(t *testing.T) {
	handler, err := webhooks.NewHandler(newVerifier(t, standardSecret, webhooks.WithMaxBody(4096)),
		webhooks.On("x", nothing), webhooks.WithLogger(quiet()))
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	signed := "X-StackBE-Signature: " + sign(t, approvedBody, webhooks.Signing{}).Get("X-StackBE-Signature") + "\r\n"
	for name, test := range map[string]struct {
		request string
		status  int
	}{
		"for want of a signature": {"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n", http.StatusUnauthorized},
		"for its size":            {"POST / HTTP/1.1\r\nHost: localhost\r\n" + signed + "Content-Length: 5000\r\n\r\n", http.StatusRequestEntityTooLarge},
		"for its method":          {"PUT / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", http.StatusMethodNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			connection, err := net.Dial("tcp", server.Listener.Addr().String())
			require.NoError(t, err)
			defer connection.Close()
			require.NoError(t, connection.SetDeadline(time.Now().Add(time.Minute)))
			_, err = io.WriteString(connection, test.request)
			require.NoError(t, err)
			response, err := http.ReadResponse(bufio.NewReader(connection), nil)
			require.NoError(t, err)
			defer response.Body.Close()
			assert.Equal(t, test.status, response.StatusCode)
			assert.True(t, response.Close)
		})
	}
	t.Run("a request without a body keeps its connection", func(t *testing.T) {
		response, err := server.Client().Get(server.URL)
		require.NoError(t, err)
		defer response.Body.Close()
		assert.Equal(t, http.StatusMethodNotAllowed, response.StatusCode)
		assert.False(t, response.Close)
	})
}

func TestRefusedRequestKeepsHTTP2Connection(t *testing.T) {
	server := httptest.NewUnstartedServer(newHandler(t, webhooks.On("x", nothing)))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	var reused []bool
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = append(reused, info.Reused) }})
	for range 2 {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader(paymentBody))
		require.NoError(t, err)
		response, err := server.Client().Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, 2, response.ProtoMajor)
		assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	}
	assert.Equal(t, []bool{false, true}, reused)
}

type failingReader struct{}

func (*failingReader) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestHandlerHandlesEventOnce(t *testing.T) {
	t.Run("a done event is acknowledged without a call", func(t *testing.T) {
		calls := 0
		handler := newHandler(t, webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error {
			calls++
			return nil
		}))
		for range 3 {
			assert.Equal(t, http.StatusOK, deliverBody(t, handler, paymentBody).Code)
		}
		assert.Equal(t, 1, calls)
	})
	t.Run("a failed event is handled again", func(t *testing.T) {
		calls := 0
		handler := newHandler(t, webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error {
			calls++
			switch calls {
			case 1:
				return errFunction
			case 2:
				panic("nil map")
			}
			return nil
		}))
		for _, status := range []int{500, 500, 200, 200} {
			assert.Equal(t, status, deliverBody(t, handler, paymentBody).Code)
		}
		assert.Equal(t, 3, calls)
	})
	t.Run("a delivery of an event in flight gets a 409", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			entered, leave := make(chan struct{}), make(chan struct{})
			handler := newHandler(t,
				webhooks.WithTimeout(1500*time.Millisecond),
				webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error {
					close(entered)
					<-leave
					return nil
				}))
			first := make(chan *httptest.ResponseRecorder)
			go func() { first <- deliverBody(t, handler, paymentBody) }()
			<-entered
			second := deliverBody(t, handler, paymentBody)
			assert.Equal(t, http.StatusConflict, second.Code)
			assert.Equal(t, "2", second.Header().Get("Retry-After"))
			close(leave)
			assert.Equal(t, http.StatusOK, (<-first).Code)
		})
	})
	t.Run("with many deliveries at once", func(t *testing.T) {
		const events, deliveries = 20, 8
		var calls [events]atomic.Int32
		type data struct{ Number int }
		handler := newHandler(t, webhooks.OnTyped("numbered", func(_ context.Context, _ *webhooks.Event, d data) error {
			if calls[d.Number].Add(1) == 1 && d.Number%3 == 0 {
				return errFunction // the first time
			}
			return nil
		}))
		server := httptest.NewServer(handler)
		defer server.Close()
		var group sync.WaitGroup
		for range deliveries {
			for number := range events {
				group.Go(func() {
					body := fmt.Appendf(nil, `{"id":"evt_%d","type":"numbered","data":{"Number":%d}}`, number, number)
					for !acknowledged(t, server, body) {
					}
				})
			}
		}
		group.Wait()
		for number := range calls {
			want := 1
			if number%3 == 0 {
				want = 2
			}
			assert.EqualValues(t, want, calls[number].Load(), number)
		}
	})
}

// acknowledged delivers the body over the network, and reports whether the sender may
// stop.
func acknowledged(t *testing.T, server *httptest.Server, body []byte) bool {
	request, err := webhooks.NewRequest(t.Context(), server.URL, body, webhooks.Signing{Secrets: []string{standardSecret}, Time: signedAt})
	if !assert.NoError(t, err) {
		return true
	}
	response, err := server.Client().Do(request)
	if !assert.NoError(t, err) {
		return true
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return response.StatusCode/100 == 2
}

func TestWithTimeoutLimitsFunction(t *testing.T) {
	type contextKey struct{}
	for name, test := range map[string]struct {
		options []webhooks.HandlerOption
		want    time.Duration
	}{
		"20 seconds by default": {nil, 20 * time.Second},
		"what was set":          {[]webhooks.HandlerOption{webhooks.WithTimeout(10 * time.Second)}, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				handler := newHandler(t, append(test.options, webhooks.On(webhooks.EventPaymentSucceeded,
					func(ctx context.Context, _ *webhooks.Event) error {
						assert.Equal(t, "kept", ctx.Value(contextKey{}))
						started := time.Now()
						<-ctx.Done()
						assert.Equal(t, test.want, time.Since(started))
						return ctx.Err()
					}))...)
				request := delivery(t, paymentBody)
				request = request.WithContext(context.WithValue(request.Context(), contextKey{}, "kept"))
				assert.Equal(t, http.StatusInternalServerError, deliver(handler, request).Code)
			})
		})
	}
	t.Run("a function that returns at the last moment counts", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			handler := newHandler(t, webhooks.On(webhooks.EventPaymentSucceeded, func(ctx context.Context, _ *webhooks.Event) error {
				<-ctx.Done()
				return nil
			}))
			assert.Equal(t, http.StatusOK, deliverBody(t, handler, paymentBody).Code)
			started := time.Now()
			assert.Equal(t, http.StatusOK, deliverBody(t, handler, paymentBody).Code)
			assert.Zero(t, time.Since(started), "the event is done: the function is not called again")
		})
	})
	t.Run("the function is not interrupted when the sender disconnects", func(t *testing.T) {
		calls := 0
		handler := newHandler(t, webhooks.On(webhooks.EventPaymentSucceeded, func(ctx context.Context, _ *webhooks.Event) error {
			calls++
			return ctx.Err()
		}))
		gone, hangUp := context.WithCancel(t.Context())
		hangUp()
		for range 2 {
			assert.Equal(t, http.StatusOK, deliver(handler, delivery(t, paymentBody).WithContext(gone)).Code)
		}
		assert.Equal(t, 1, calls)
	})
}

func TestPanicOfFunctionIsLoggedWithStack(t *testing.T) {
	var log bytes.Buffer
	var seen webhooks.Receipt
	handler := newHandler(t,
		webhooks.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
		webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = r }),
		webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error { return explode() }))
	assert.Equal(t, http.StatusInternalServerError, deliverBody(t, handler, paymentBody).Code)
	assert.Contains(t, log.String(), "level=ERROR")
	assert.Contains(t, log.String(), "the fuse is lit")
	assert.Contains(t, log.String(), "webhooks_test.explode")
	assert.Equal(t, webhooks.OutcomeFailed, seen.Outcome)
	assert.ErrorContains(t, seen.Err, "the fuse is lit")
}

func TestFunctionBeyondTimeoutIsLogged(t *testing.T) {
	for busy, level := range map[time.Duration]string{20 * time.Second: "DEBUG", 20*time.Second + 1: "WARN"} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			handler := newHandler(t,
				webhooks.WithReceiver("mail"),
				webhooks.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
				webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error {
					time.Sleep(busy)
					return nil
				}))
			deliverBody(t, handler, paymentBody)
			assert.Contains(t, log.String(), "level="+level)
			assert.Contains(t, log.String(), "receiver=mail event_id=evt_1")
		})
	}
}

func explode() error { panic("the fuse is lit") }

func TestShutdownWaitsForFunctions(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	handler := newHandler(t, webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error {
		entered <- struct{}{}
		<-leave
		return nil
	}))
	responses := make(chan *httptest.ResponseRecorder)
	for _, id := range []string{"a", "b"} {
		request := delivery(t, `{"id":"`+id+`","type":"payment.succeeded"}`)
		go func() { responses <- deliver(handler, request) }()
		<-entered
	}

	ended, end := context.WithCancel(t.Context())
	end()
	assert.ErrorIs(t, handler.Shutdown(ended), context.Canceled, "two functions are running")
	refused := deliverBody(t, handler, paymentBody)
	assert.Equal(t, http.StatusServiceUnavailable, refused.Code)
	assert.Equal(t, "20", refused.Header().Get("Retry-After"))

	leave <- struct{}{}
	assert.Equal(t, http.StatusOK, (<-responses).Code)
	assert.ErrorIs(t, handler.Shutdown(ended), context.Canceled, "one function is running")
	shutDown := make(chan error)
	go func() { shutDown <- handler.Shutdown(t.Context()) }()
	leave <- struct{}{}
	assert.NoError(t, <-shutDown)
	assert.Equal(t, http.StatusOK, (<-responses).Code)
	assert.NoError(t, handler.Shutdown(t.Context()), "again")
}

func TestShutdownMayBeCalledByMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		leave := make(chan struct{})
		handler := newHandler(t, webhooks.On(webhooks.EventPaymentSucceeded, func(context.Context, *webhooks.Event) error {
			<-leave
			return nil
		}))
		request := delivery(t, paymentBody)
		go deliver(handler, request)
		synctest.Wait()
		var waiting sync.WaitGroup
		for range 3 {
			waiting.Go(func() { assert.NoError(t, handler.Shutdown(t.Context())) })
			synctest.Wait()
		}
		close(leave)
		waiting.Wait()
	})
}

func TestShutdownOfIdleHandlerReturnsAtOnce(t *testing.T) {
	var log bytes.Buffer
	handler := newHandler(t, webhooks.On(webhooks.EventPaymentSucceeded, nothing), webhooks.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	assert.Equal(t, http.StatusOK, deliverBody(t, handler, paymentBody).Code)
	assert.NoError(t, handler.Shutdown(t.Context()))

	deliverBody(t, handler, paymentBody)
	assert.Contains(t, log.String(), "level=INFO", "no failure")
	assert.Contains(t, log.String(), "the handler is shutting down")
}

func TestReceiptHasScheme(t *testing.T) {
	for _, scheme := range schemes {
		t.Run(scheme.String(), func(t *testing.T) {
			var log bytes.Buffer
			var seen webhooks.Receipt
			var event *webhooks.Event
			handler := newHandler(t,
				webhooks.On(webhooks.EventPaymentSucceeded, func(_ context.Context, e *webhooks.Event) error { event = e; return nil }),
				webhooks.WithObserver(func(_ context.Context, r webhooks.Receipt) { seen = r }),
				webhooks.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
			request := delivery(t, paymentBody)
			request.Header = sign(t, []byte(paymentBody), webhooks.Signing{Scheme: scheme})
			deliver(handler, request)
			assert.Equal(t, scheme, event.Scheme)
			assert.Equal(t, scheme, seen.Scheme)
			assert.Contains(t, log.String(), "scheme="+scheme.String())
		})
	}
}

func TestNewHandlerRefuses(t *testing.T) {
	verifier := newVerifier(t, standardSecret)
	on := webhooks.On("x", nothing)
	for name, test := range map[string]struct {
		options []webhooks.HandlerOption
		problem string
	}{
		"no functions":            {nil, "no function is registered"},
		"two functions of a type": {[]webhooks.HandlerOption{on, on}, `two functions for "x"`},
		"two, one of them typed": {[]webhooks.HandlerOption{
			webhooks.On(webhooks.EventApplicationApproved, nothing),
			webhooks.OnApplicationApproved(func(context.Context, *webhooks.Event, webhooks.ApplicationApproved) error { return nil }),
		}, `two functions for "partner_application_approved"`},
		"a function of an empty type":       {[]webhooks.HandlerOption{on, webhooks.On("", nothing)}, "an empty event type"},
		"a nil function":                    {[]webhooks.HandlerOption{on, webhooks.On("y", nil)}, `the function for "y" is nil`},
		"a nil typed function":              {[]webhooks.HandlerOption{on, webhooks.OnTyped[int]("y", nil)}, `the function for "y" is nil`},
		"a nil function for approvals":      {[]webhooks.HandlerOption{on, webhooks.OnApplicationApproved(nil)}, "is nil"},
		"a nil function for rejections":     {[]webhooks.HandlerOption{on, webhooks.OnApplicationRejected(nil)}, "is nil"},
		"a nil option":                      {[]webhooks.HandlerOption{on, nil}, "a HandlerOption is nil"},
		"nil claims":                        {[]webhooks.HandlerOption{on, webhooks.WithClaims(nil)}, "the claims are nil"},
		"claims that are a nil pointer":     {[]webhooks.HandlerOption{on, webhooks.WithClaims((*webhooks.MemoryClaims)(nil))}, "the claims are nil"},
		"a nil logger":                      {[]webhooks.HandlerOption{on, webhooks.WithLogger(nil)}, "the logger is nil"},
		"a nil observer":                    {[]webhooks.HandlerOption{on, webhooks.WithObserver(nil)}, "the observer is nil"},
		"no time":                           {[]webhooks.HandlerOption{on, webhooks.WithTimeout(0)}, "the timeout 0s is not within"},
		"more time than the sender has":     {[]webhooks.HandlerOption{on, webhooks.WithTimeout(30*time.Second + 1)}, "is not within 0 and 26s"},
		"no time to mark an event as done":  {[]webhooks.HandlerOption{on, webhooks.WithTimeout(26*time.Second + 1)}, "is not within 0 and 26s"},
		"no lease":                          {[]webhooks.HandlerOption{on, webhooks.WithLease(0)}, "the lease 0s is not positive"},
		"a receiver without a name":         {[]webhooks.HandlerOption{on, webhooks.WithReceiver("")}, "the receiver's name"},
		"a receiver's name with a colon":    {[]webhooks.HandlerOption{on, webhooks.WithReceiver("mail:1")}, "the receiver's name"},
		"a receiver's name with a space":    {[]webhooks.HandlerOption{on, webhooks.WithReceiver("mail 1")}, "the receiver's name"},
		"a receiver's name beyond ASCII":    {[]webhooks.HandlerOption{on, webhooks.WithReceiver("é")}, "the receiver's name"},
		"a receiver's name that is long":    {[]webhooks.HandlerOption{on, webhooks.WithReceiver(strings.Repeat("a", 65))}, "the receiver's name"},
		"a lease as long as the time limit": {[]webhooks.HandlerOption{on, webhooks.WithTimeout(time.Second), webhooks.WithLease(time.Second)}, "the lease 1s is not longer than the timeout 1s by 1s"},
	} {
		t.Run(name, func(t *testing.T) {
			handler, err := webhooks.NewHandler(verifier, test.options...)
			assert.ErrorIs(t, err, webhooks.ErrInvalidOption)
			assert.ErrorContains(t, err, test.problem)
			assert.Nil(t, handler)
		})
	}
}

func TestNewHandlerAcceptsBounds(t *testing.T) {
	for name, option := range map[string]webhooks.HandlerOption{
		"the shortest time":           webhooks.WithTimeout(1),
		"the longest time":            webhooks.WithTimeout(26 * time.Second),
		"the longest receiver's name": webhooks.WithReceiver(strings.Repeat("a", 64)),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := webhooks.NewHandler(newVerifier(t, standardSecret), webhooks.On("x", nothing), option)
			assert.NoError(t, err)
		})
	}
	t.Run("receiver's names of letters, digits, - and _", func(t *testing.T) {
		for c := range 0x100 {
			_, err := webhooks.NewHandler(newVerifier(t, standardSecret), webhooks.On("x", nothing), webhooks.WithReceiver(string([]byte{byte(c)})))
			want := strings.IndexByte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", byte(c)) >= 0
			assert.Equal(t, want, err == nil, "%q", c)
		}
	})
}

func TestRetryAfterIsTimeoutInWholeSeconds(t *testing.T) {
	for timeout, want := range map[time.Duration]string{
		1:                       "1",
		time.Second:             "1",
		time.Second + 1:         "2",
		1500 * time.Millisecond: "2",
		26*time.Second - 1:      "26",
		26 * time.Second:        "26",
	} {
		handler := newHandler(t, webhooks.WithTimeout(timeout), webhooks.On(webhooks.EventPaymentSucceeded, nothing))
		require.NoError(t, handler.Shutdown(t.Context()))
		assert.Equal(t, want, deliverBody(t, handler, paymentBody).Header().Get("Retry-After"), timeout)
	}
}

func TestDefaultLoggerIsSlogDefault(t *testing.T) {
	var log bytes.Buffer
	previous := slog.Default()
	t.Cleanup(func() { slog.SetDefault(previous) })
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	handler, err := webhooks.NewHandler(newVerifier(t, standardSecret), webhooks.On("x", nothing))
	require.NoError(t, err)
	deliver(handler, httptest.NewRequest(http.MethodPost, "/", nil))
	assert.Contains(t, log.String(), "outcome=unverified")
}

// A flushed response has no Content-Length, and cannot be changed later.
func TestHandlerLeavesSendingToServer(t *testing.T) {
	handler := newHandler(t, webhooks.On(webhooks.EventPaymentSucceeded, nothing))
	assert.False(t, deliverBody(t, handler, paymentBody).Flushed)
	t.Run("the response is not sent if its writer panics", func(t *testing.T) {
		writer := &panickingWriter{ResponseRecorder: httptest.NewRecorder()}
		assert.Panics(t, func() { handler.ServeHTTP(writer, delivery(t, paymentBody)) })
		assert.False(t, writer.Flushed)
	})
}

// panickingWriter is the ResponseWriter of a middleware that fails.
type panickingWriter struct{ *httptest.ResponseRecorder }

func (panickingWriter) WriteHeader(int) { _ = explode() }

func TestNewHandlerRefusesLeaseThatLeavesNoTimeForDone(t *testing.T) {
	verifier, err := webhooks.NewVerifier(plainSecret)
	require.NoError(t, err)
	nothing := webhooks.On("x", func(context.Context, *webhooks.Event) error { return nil })
	_, err = webhooks.NewHandler(verifier, nothing, webhooks.WithTimeout(10*time.Second), webhooks.WithLease(15*time.Second-1))
	assert.ErrorIs(t, err, webhooks.ErrInvalidOption)
	_, err = webhooks.NewHandler(verifier, nothing, webhooks.WithTimeout(10*time.Second), webhooks.WithLease(15*time.Second))
	assert.NoError(t, err)
	_, err = webhooks.NewHandler(verifier, nothing, webhooks.WithTimeout(time.Second), webhooks.WithLease(2*time.Second))
	assert.NoError(t, err)
}

// slowBody takes its time.
type slowBody struct {
	io.Reader
	pause time.Duration
}

func (b *slowBody) Read(p []byte) (int, error) {
	time.Sleep(b.pause) // of the bubble's clock
	b.pause = 0
	return b.Reader.Read(p)
}
func (b *slowBody) Close() error { return nil }

func TestSlowBodyUsesTimeOfFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		verifier, err := webhooks.NewVerifier(plainSecret)
		require.NoError(t, err)
		var left time.Duration
		handler, err := webhooks.NewHandler(verifier, webhooks.On("x", func(ctx context.Context, _ *webhooks.Event) error {
			deadline, _ := ctx.Deadline()
			left = time.Until(deadline)
			return nil
		}))
		require.NoError(t, err)
		body := []byte(`{"event":"x","data":{}}`)
		request, err := webhooks.NewRequest(t.Context(), "/", body, webhooks.Signing{Secrets: []string{plainSecret}})
		require.NoError(t, err)
		request.Body = &slowBody{request.Body, 10 * time.Second}
		response := httptest.NewRecorder()
		handler.ServeHTTP(response, request)
		assert.Equal(t, http.StatusOK, response.Code)
		assert.Equal(t, 10*time.Second, left)
	})
}
