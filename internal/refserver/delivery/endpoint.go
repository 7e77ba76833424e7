package delivery

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
	"github.com/stackbe/stackbe-go/webhooks"
)

// RotationOverlap is how long a secret goes on signing after another has taken its place.
// Contract.
const RotationOverlap = 24 * time.Hour

// EndpointParams describes an endpoint. URL and Secret are required.
type EndpointParams struct {
	URL    string
	Secret string // as [webhooks.NewVerifier] takes it
	// Scheme and Header say how deliveries are signed. Defaults: webhooks.SchemeTimestamped,
	// webhooks.DefaultSignatureHeader.
	Scheme webhooks.Scheme
	Header string
	// Envelope is the form of the body. Default: PartnerEnvelope.
	Envelope Envelope
	// Events are the types that go there. Default: all that there are.
	Events []program.EventKind
	// Timeout is how long the receiver has to respond. Default: [AttemptTimeout].
	Timeout time.Duration
	// Transport sends the requests. Default: the dispatcher's own.
	Transport http.RoundTripper
}

// An Endpoint receives the events of an app.
type Endpoint struct {
	ID  string
	URL string
	// Disabled is set once the receiver has responded with 410, and by [App.Disable]: it gets no more
	// deliveries.
	Disabled bool
}

type endpoint struct {
	Endpoint
	appID    string
	secrets  []secret // newest first, at least one; the newest does not expire
	scheme   webhooks.Scheme
	header   string
	envelope Envelope
	events   []program.EventKind // all, if empty
	timeout  time.Duration
	// transport and not a client, so that a redirect is a response like any other.
	transport http.RoundTripper

	queue  queue
	atWork bool // an attempt
}

// A secret signs until it expires; never, if that is zero.
type secret struct {
	text      string
	expiresAt time.Time
}

func newEndpoint(id, appID string, params EndpointParams, transport http.RoundTripper) (*endpoint, error) {
	if err := CheckURL(params.URL); err != nil {
		return nil, err
	}
	if !params.Envelope.valid() {
		return nil, fmt.Errorf("there is no webhook envelope %d", params.Envelope)
	}
	for _, kind := range params.Events {
		if !kind.Known() {
			return nil, fmt.Errorf("there is no event %q; leave the events out for all that there are", kind)
		}
	}
	if params.Timeout < 0 {
		return nil, fmt.Errorf("the webhook timeout %v is negative", params.Timeout)
	}
	if params.Timeout == 0 {
		params.Timeout = AttemptTimeout
	}
	if params.Transport != nil {
		transport = params.Transport
	}
	made := &endpoint{
		Endpoint:  Endpoint{ID: id, URL: params.URL},
		appID:     appID,
		secrets:   []secret{{text: params.Secret}},
		scheme:    params.Scheme,
		header:    params.Header,
		envelope:  params.Envelope,
		events:    slices.Clone(params.Events),
		timeout:   params.Timeout,
		transport: transport,
	}
	if err := made.trySigning(made.secrets); err != nil {
		return nil, err
	}
	return made, nil
}

// takes reports whether events of a kind go to the endpoint.
func (e *endpoint) takes(kind program.EventKind) bool {
	return len(e.events) == 0 || slices.Contains(e.events, kind)
}

// CheckURL returns an error if url is not a valid URL of a webhook.
func CheckURL(text string) error {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return errors.New("the webhook URL must be an absolute http or https URL")
	}
	if parsed.User != nil {
		return errors.New("the webhook URL must hold no credentials; deliveries are signed instead")
	}
	return nil
}

// rotate adds a new secret for signing, keeps the old ones for a while, and returns those that it drops.
func (e *endpoint) rotate(text string, now time.Time) (dropped []string, err error) {
	rotated := []secret{{text: text}}
	valid := e.validSecrets(now)
	for _, old := range valid {
		if old.text == text {
			return nil, errors.New("the webhook secret is in use already; choose another")
		}
		if old.expiresAt.IsZero() {
			old.expiresAt = now.Add(RotationOverlap)
		}
		rotated = append(rotated, old)
	}
	if err := e.trySigning(rotated); err != nil {
		return nil, err
	}
	for _, old := range e.secrets {
		if !slices.Contains(valid, old) {
			dropped = append(dropped, old.text)
		}
	}
	e.secrets = rotated
	return dropped, nil
}

// CheckSecret fails when the secret cannot sign in the scheme.
func (p EndpointParams) CheckSecret() error {
	unused := &endpoint{secrets: []secret{{text: p.Secret}}, scheme: p.Scheme, header: p.Header}
	return unused.trySigning(unused.secrets)
}

// trySigning fails when the secrets cannot sign in the endpoint's scheme.
func (e *endpoint) trySigning(secrets []secret) error {
	_, err := webhooks.Sign([]byte("{}"), e.signing(secrets, "evt_0", time.Unix(0, 0)))
	return err
}

// validSecrets are the newest, and those before it that still sign, newest first.
func (e *endpoint) validSecrets(now time.Time) []secret {
	valid := slices.Clone(e.secrets[:1])
	for _, old := range e.secrets[1:] {
		if old.expiresAt.IsZero() || now.Before(old.expiresAt) {
			valid = append(valid, old)
		}
	}
	return valid
}

// signing signs with each secret, or only with the newest if the scheme has room for
// one signature.
func (e *endpoint) signing(secrets []secret, eventID string, at time.Time) webhooks.Signing {
	if e.scheme == webhooks.SchemeBody {
		secrets = secrets[:1]
	}
	signing := webhooks.Signing{Scheme: e.scheme, Time: at, ID: eventID, Header: e.header}
	for _, s := range secrets {
		signing.Secrets = append(signing.Secrets, s.text)
	}
	return signing
}
