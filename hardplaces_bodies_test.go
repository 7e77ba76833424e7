package stackbe_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
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

// scripted answers with steps in order, and returns their bodies.
func scripted(t *testing.T, steps ...step) (*stackbe.Client, []*watchedBody) {
	t.Helper()
	bodies := make([]*watchedBody, len(steps))
	for i := range steps {
		bodies[i] = &watchedBody{Reader: steps[i].body}
	}
	next := 0
	client := newClient(t, "http://localhost", func(c *stackbe.Config) {
		c.HTTPClient = &http.Client{Transport: roundTripFunc(func(r *http.Request) (*http.Response, error) {
			at := next
			next++
			header := http.Header{"Location": {"https://elsewhere.example.com"}}
			return &http.Response{StatusCode: steps[at].status, Header: header, Body: bodies[at], Request: r, ContentLength: -1}, nil
		})}
	})
	return client, bodies
}

const partner = `{"enrolled":true,"id":"aff_1"}`

func TestHardPlaceBodiesAreClosed(t *testing.T) {
	text := func(s string) io.Reader { return strings.NewReader(s) }
	zeros := func(n int64) io.Reader { return io.LimitReader(endless{}, n) }
	broken := iotest.ErrReader(errors.New("the connection broke"))
	for name, steps := range map[string][]step{
		"of a success":                           {{200, text(partner)}},
		"of a success of another shape":          {{200, text(`[]`)}},
		"of a success that is not JSON":          {{200, text("<html>")}},
		"of an empty success":                    {{204, text("")}},
		"of a failure":                           {{404, text(`{"message":"no"}`)}},
		"of a failure that breaks off":           {{404, broken}},
		"of a failure without end":               {{404, endless{}}},
		"of a response that is too large":        {{200, zeros(11 << 20)}},
		"of a response without end":              {{200, endless{}}},
		"of a redirect that is refused":          {{307, text("moved")}},
		"of failures that are retried":           {{503, text("down")}, {502, text("down")}, {200, text(partner)}},
		"of failures that break off":             {{503, broken}, {502, broken}, {200, text(partner)}},
		"of failures without end":                {{503, endless{}}, {502, endless{}}, {200, text(partner)}},
		"of successes that break off":            {{200, broken}, {200, broken}, {200, text(partner)}},
		"of failures until there are no retries": {{503, text("a")}, {503, text("b")}, {503, text("c")}, {503, text("d")}},
	} {
		t.Run(name, func(t *testing.T) {
			client, bodies := scripted(t, steps...)
			_, _ = client.Affiliates.Get(t.Context(), "cust_1")
			for i, body := range bodies {
				assert.Positive(t, body.closed, "the body of response %d", i+1)
			}
		})
	}
}

func TestResponseBodyIsReadUpToTenMiB(t *testing.T) {
	client, bodies := scripted(t, step{200, endless{}})
	_, err := client.Affiliates.Get(t.Context(), "cust_1")
	require.ErrorIs(t, err, stackbe.ErrResponseTooLarge)
	assert.Equal(t, 10<<20+1, bodies[0].read)

	exact := partner + strings.Repeat(" ", 10<<20-len(partner))
	client, _ = scripted(t, step{200, strings.NewReader(exact)})
	_, err = client.Affiliates.Get(t.Context(), "cust_1")
	assert.NoError(t, err)

	client, bodies = scripted(t, step{404, endless{}})
	_, err = client.Affiliates.Get(t.Context(), "cust_1")
	require.ErrorIs(t, err, stackbe.ErrNotFound)
	assert.LessOrEqual(t, bodies[0].read, 10<<20+1)
}

func TestBodyOfARetriedResponseIsReadInPart(t *testing.T) {
	client, bodies := scripted(t, step{503, endless{}}, step{503, strings.NewReader(strings.Repeat("x", 1000))}, step{200, strings.NewReader(partner)})
	_, err := client.Affiliates.Get(t.Context(), "cust_1")
	require.NoError(t, err)
	assert.Equal(t, 4<<10, bodies[0].read)
	assert.Equal(t, 1000, bodies[1].read, "all of a short one, so that its connection can be used again")
}

// The rest of a body that never comes holds the retry up for a tenth of a second.
func TestBodyOfARetriedResponseIsClosedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, bodies := scripted(t, step{503, strings.NewReader("down")}, step{200, strings.NewReader(partner)})
		_, err := client.Affiliates.Get(t.Context(), "cust_1")
		require.NoError(t, err)
		time.Sleep(time.Minute) // of the bubble's clock
		assert.Equal(t, 1, bodies[0].closed)
	})
}

func TestStatusesOf200To299AreSuccesses(t *testing.T) {
	for status, success := range map[int]bool{101: false, 199: false, 200: true, 299: true, 300: false, 399: false} {
		client, _ := scripted(t, step{status, strings.NewReader(partner)})
		_, err := client.Affiliates.Get(t.Context(), "cust_1")
		assert.Equal(t, success, err == nil, status)
	}
}

func TestBodyOfARetriedResponseIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hanging := &hangingBody{closed: make(chan struct{})}
		responses := []*http.Response{
			{StatusCode: 503, Header: http.Header{}, Body: hanging},
			{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(partner))},
		}
		client := newClient(t, "http://localhost", func(c *stackbe.Config) {
			c.HTTPClient = &http.Client{Transport: roundTripFunc(func(*http.Request) (*http.Response, error) {
				next := responses[0]
				responses = responses[1:]
				return next, nil
			})}
		})
		start := time.Now()
		_, err := client.Affiliates.Get(t.Context(), "cust_1")
		require.NoError(t, err)
		assert.InDelta(t, 100*time.Millisecond, time.Since(start), float64(time.Millisecond/2), "on the clock of the bubble")
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

// A large response must not leave its buffer to all the small ones after it.
func TestBufferOfALargeResponseIsNotKept(t *testing.T) {
	large := partner + strings.Repeat(" ", 1<<20)
	for range 10 { // sync.Pool may drop a buffer
		client, bodies := scripted(t, step{200, strings.NewReader(large)}, step{200, strings.NewReader(partner)})
		for range bodies {
			_, err := client.Affiliates.Get(t.Context(), "cust_1")
			require.NoError(t, err)
		}
		require.LessOrEqual(t, bodies[1].room, 64<<10)
	}
}

// endless is a body of blanks without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	return copy(p, blanks), nil
}

var blanks = strings.Repeat(" ", 64<<10)

func TestRequestIDIsKeptIfItLooksLikeOne(t *testing.T) {
	for id, kept := range map[string]bool{
		"":                               false,
		"req_9-a.b:c":                    true,
		strings.Repeat("r", 128):         true,
		strings.Repeat("r", 129):         false,
		"two words":                      false,
		"jane@acme.com":                  false,
		"<script>":                       false,
		`a"b`:                            false,
		"réq":                            false,
		apiKey:                           false,
		"req-" + sessionToken + "-1":     false,
		"req-" + adminToken:              false,
		"req-" + strings.ToUpper("abc1"): true,
	} {
		t.Run(id, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("X-Request-Id", id)
				answerJSON(w, 404, `{}`)
			})
			_, err := newClient(t, server.URL).Affiliates.Get(t.Context(), "cust_1")
			var e *stackbe.Error
			require.ErrorAs(t, err, &e)
			if !kept {
				id = ""
			}
			assert.Equal(t, id, e.RequestID)
			assert.Equal(t, kept, strings.Contains(err.Error(), "(request "))
		})
	}
}
