package delivery

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"net/http"
	"sync"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

// An Attempt is one request to an endpoint.
type Attempt struct {
	// Started is when it was made, on the dispatcher's clock.
	Started time.Time
	// StatusCode is that of the response; 0 if there was none.
	StatusCode int
	// Err says why there was no response; nil if there was one.
	Err error
	// Duration is how long the response took, in real time.
	Duration time.Duration
	// Exchange is what was sent and received. It is kept for the newest 1,000 attempts of the
	// dispatcher, and nil for others.
	Exchange *Exchange

	kept *keptExchange
}

func (a Attempt) acknowledged() bool { return a.StatusCode >= 200 && a.StatusCode <= 299 }

func (a Attempt) gone() bool { return a.StatusCode == http.StatusGone }

// maxDrained is how much of a response's body is read, so that the connection can be used again.
const maxDrained = 64 << 10

// outgoing is all that it takes to make an attempt without the dispatcher's lock.
type outgoing struct {
	at        time.Time
	transport http.RoundTripper
	timeout   time.Duration
	url       string
	body      []byte // as signed
	sent      []byte
	signing   webhooks.Signing
	copies    int
}

func (d *Dispatcher) newOutgoing(of *delivery, now time.Time) outgoing {
	e, how := of.endpoint, d.misbehavior
	made := outgoing{
		at:        now,
		transport: e.transport,
		timeout:   e.timeout,
		url:       e.URL,
		body:      of.body,
		sent:      of.body,
		signing:   e.signing(e.validSecrets(now), of.event.ID, now.Add(-max(how.Late, -math.MaxInt64))),
		copies:    max(how.Copies, 1),
	}
	if how.CorruptBody {
		made.sent = of.event.withID(d.newID("cm")).body(e.envelope)
	}
	if how.CorruptSignature {
		made.signing.Secrets = []string{unknownSecret()}
	}
	return made
}

func unknownSecret() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return "whsec_" + base64.StdEncoding.EncodeToString(key)
}

// send makes the attempt, and its copies at the same time.
func (o outgoing) send(ctx context.Context) []Attempt {
	attempts := make([]Attempt, o.copies)
	var copies sync.WaitGroup
	for i := range attempts {
		copies.Go(func() {
			started, exchange := time.Now(), &Exchange{}
			status, err := o.post(ctx, exchange)
			attempts[i] = Attempt{Started: o.at, StatusCode: status, Err: err, Duration: time.Since(started), kept: &keptExchange{exchange}}
		})
	}
	copies.Wait()
	return attempts
}

// post makes one request, and records it in the exchange.
func (o outgoing) post(ctx context.Context, exchange *Exchange) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	request, err := o.request(ctx)
	if err != nil {
		return 0, err
	}
	exchange.RequestHeader = request.Header.Clone() // a transport may change the request's
	if !bytes.Equal(o.sent, o.body) {
		exchange.RequestBody = string(o.sent)
	}
	response, err := o.transport.RoundTrip(request)
	if errors.Is(err, context.DeadlineExceeded) {
		return 0, fmt.Errorf("no response within %v: %w", o.timeout, err)
	}
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	exchange.receive(response)
	return response.StatusCode, nil
}

func (o outgoing) request(ctx context.Context) (*http.Request, error) {
	header, err := webhooks.Sign(o.body, o.signing)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, o.url, bytes.NewReader(o.sent))
	if err != nil {
		return nil, err
	}
	request.Header = header
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "stackbe-webhooks")
	return request, nil
}
