package transport_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// watchedBody is a response's body that records what is done to it.
type watchedBody struct {
	io.Reader
	read   int // bytes
	room   int // in the buffer of the first Read
	closed int
}

func (b *watchedBody) Read(p []byte) (int, error) {
	if b.read == 0 && b.room == 0 {
		b.room = len(p)
	}
	if b.read > 32<<20 {
		return 0, io.EOF // long after all bounds
	}
	n, err := b.Reader.Read(p)
	b.read += n
	return n, err
}

func (b *watchedBody) Close() error { b.closed++; return nil }

// step is a response of a scripted server.
type step struct {
	status int
	body   io.Reader
}

// scripted responds with steps in order, and returns their bodies.
func scripted(t *testing.T, steps ...step) (*transport.Transport, []*watchedBody) {
	t.Helper()
	bodies := make([]*watchedBody, len(steps))
	for i := range steps {
		bodies[i] = &watchedBody{Reader: steps[i].body}
	}
	next := 0
	client := newClient(t, "http://localhost", func(c *transport.Config) {
		c.HTTPClient = &http.Client{Transport: roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			at := next
			next++
			header := http.Header{"Location": {"https://elsewhere.example.com"}}
			return &http.Response{StatusCode: steps[at].status, Header: header, Body: bodies[at], Request: r, ContentLength: -1}, nil
		})}
	})
	return client, bodies
}

const someObject = `{"id":"thing_1"}`

func TestResponseBodiesAreClosed(t *testing.T) {
	text := func(s string) io.Reader { return strings.NewReader(s) }
	zeros := func(n int64) io.Reader { return io.LimitReader(endless{}, n) }
	broken := iotest.ErrReader(errors.New("the connection broke"))
	for name, steps := range map[string][]step{
		"of a success":                           {{200, text(someObject)}},
		"of a success that Out refuses":          {{200, text(`[]`)}},
		"of a success that is not JSON":          {{200, text("<html>")}},
		"of an empty success":                    {{204, text("")}},
		"of a failure":                           {{404, text(`{"message":"no"}`)}},
		"of a failure that breaks off":           {{404, broken}},
		"of a failure without end":               {{404, endless{}}},
		"of a response that is too large":        {{200, zeros(11 << 20)}},
		"of a response without end":              {{200, endless{}}},
		"of a redirect that is refused":          {{307, text("moved")}},
		"of failures that are retried":           {{503, text("down")}, {502, text("down")}, {200, text(someObject)}},
		"of failures that break off":             {{503, broken}, {502, broken}, {200, text(someObject)}},
		"of failures without end":                {{503, endless{}}, {502, endless{}}, {200, text(someObject)}},
		"of successes that break off":            {{200, broken}, {200, broken}, {200, text(someObject)}},
		"of failures until there are no retries": {{503, text("a")}, {503, text("b")}, {503, text("c")}, {503, text("d")}},
	} {
		t.Run(name, func(t *testing.T) {
			client, bodies := scripted(t, steps...)
			_ = read(client, t.Context())
			for i, body := range bodies {
				assert.Positive(t, body.closed, "the body of response %d", i+1)
			}
		})
	}
}

func TestResponseBodyIsCapped(t *testing.T) {
	client, bodies := scripted(t, step{200, endless{}})
	err := read(client, t.Context())
	require.ErrorIs(t, err, transport.ErrResponseTooLarge)
	assert.Equal(t, 10<<20+1, bodies[0].read)

	exact := someObject + strings.Repeat(" ", 10<<20-len(someObject))
	client, _ = scripted(t, step{200, strings.NewReader(exact)})
	err = read(client, t.Context())
	assert.NoError(t, err)

	client, bodies = scripted(t, step{404, endless{}})
	err = read(client, t.Context())
	assert.Equal(t, 404, failureOf(t, err).StatusCode)
	assert.LessOrEqual(t, bodies[0].read, 10<<20+1)
}

func TestRetriedResponseBodyIsReadInPart(t *testing.T) {
	client, bodies := scripted(t, step{503, endless{}}, step{503, strings.NewReader(strings.Repeat("x", 1000))}, step{200, strings.NewReader(someObject)})
	err := read(client, t.Context())
	require.NoError(t, err)
	assert.Equal(t, 4<<10, bodies[0].read)
	assert.Equal(t, 1000, bodies[1].read, "all of a short one, so that its connection can be used again")
}

func TestRetriedResponseBodyIsClosedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, bodies := scripted(t, step{503, strings.NewReader("down")}, step{200, strings.NewReader(someObject)})
		err := read(client, t.Context())
		require.NoError(t, err)
		time.Sleep(time.Minute) // of the bubble's clock
		assert.Equal(t, 1, bodies[0].closed)
	})
}

func TestStatusesFrom200To299AreSuccesses(t *testing.T) {
	for status, success := range map[int]bool{101: false, 199: false, 200: true, 299: true, 300: false, 399: false} {
		client, _ := scripted(t, step{status, strings.NewReader(someObject)})
		err := read(client, t.Context())
		assert.Equal(t, success, err == nil, status)
	}
}

// A large response must not leave its buffer to all the small ones after it.
func TestLargeResponseBufferIsNotKept(t *testing.T) {
	large := someObject + strings.Repeat(" ", 1<<20)
	for range 10 { // sync.Pool may drop a buffer
		client, bodies := scripted(t, step{200, strings.NewReader(large)}, step{200, strings.NewReader(someObject)})
		for range bodies {
			err := read(client, t.Context())
			require.NoError(t, err)
		}
		require.LessOrEqual(t, bodies[1].room, 64<<10)
	}
}

func TestReadIsRetriedIfItsResponseBreaksOff(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 0 {
			w.Header().Set("Content-Length", "500")
			_, _ = io.WriteString(w, `{"enrolled":true,"id":"half`)
			return
		}
		respondJSON(w, 200, `{"enrolled":true,"id":"aff_1"}`)
	})
	var out object
	require.NoError(t, newClient(t, server.URL).Do(t.Context(), reading(&out)))
	assert.JSONEq(t, `{"enrolled":true,"id":"aff_1"}`, out.raw)
}

// The rest of a body that never comes delays the retry by a tenth of a second.
func TestRetriedResponseBodyIsWaitedForBriefly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hanging := &hangingBody{closed: make(chan struct{})}
		responses := []*http.Response{
			{StatusCode: 503, Header: http.Header{}, Body: hanging},
			{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(someObject))},
		}
		client := newClient(t, "http://localhost", func(c *transport.Config) {
			c.HTTPClient = &http.Client{Transport: roundTripperFunc(func(*http.Request) (*http.Response, error) {
				next := responses[0]
				responses = responses[1:]
				return next, nil
			})}
		})
		start := time.Now()
		err := read(client, t.Context())
		require.NoError(t, err)
		assert.InDelta(t, 100*time.Millisecond, time.Since(start), float64(time.Millisecond/2), "on the clock of the bubble")
	})
}

// The rest of a body that is not wanted may never come.
func TestHangingBodyOfRetriedResponseDoesNotDelayRetry(t *testing.T) {
	var requests atomic.Int32
	respond := func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) > 1 {
			respondJSON(w, 200, `{"enrolled":false}`)
			return
		}
		w.WriteHeader(503)
		_, _ = io.WriteString(w, "x")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	inBubble(t, respond, usual, func(t *testing.T, client *transport.Transport) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := read(client, ctx)
		require.NoError(t, err)
	})
}

type hangingBody struct{ closed chan struct{} }

func (b *hangingBody) Read([]byte) (int, error) { <-b.closed; return 0, io.ErrClosedPipe }

func (b *hangingBody) Close() error {
	select {
	case <-b.closed:
	default:
		close(b.closed)
	}
	return nil
}

// endless is a body of blanks without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	return copy(p, blanks), nil
}

var blanks = strings.Repeat(" ", 64<<10)
