package webhooks

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Signing says how [Sign] signs a delivery.
type Signing struct {
	// Secrets sign the delivery, with one signature each: one secret, or up to 8, as
	// during the rotation of a secret. [SchemeBody] has room for one.
	Secrets []string `json:"-"`

	// Scheme is [SchemeTimestamped] if 0.
	Scheme Scheme

	// Time is the timestamp, [time.Now] if zero. [SchemeBody] has none.
	Time time.Time

	// ID is the webhook-id of [SchemeStandard], a random one if empty.
	ID string

	// Header is [DefaultSignatureHeader] if empty: see [WithSignatureHeader].
	Header string
}

// Sign returns the headers that a sender sets on a delivery of body, for tests.
//
// Errors: those of [NewVerifier] for the secrets; [ErrMalformedID];
// [ErrMalformedEvent] for a body that does not begin like a JSON object;
// [ErrInvalidOption].
func Sign(body []byte, signing Signing) (http.Header, error) {
	if !beginsObject(body) {
		return nil, errNoObject
	}
	signing, err := signing.withDefaults()
	if err != nil {
		return nil, err
	}
	keys, err := signing.keys()
	if err != nil {
		return nil, err
	}
	return signing.headers(keys, body), nil
}

// NewRequest returns a POST of body to the URL, signed as by [Sign], for tests. Send
// it, or give it to a [Handler] directly.
func NewRequest(ctx context.Context, url string, body []byte, signing Signing) (*http.Request, error) {
	header, err := Sign(body, signing)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("webhooks: %w", err)
	}
	request.Header = header
	request.Header.Set("Content-Type", "application/json")
	return request, nil
}

func (s Signing) withDefaults() (Signing, error) {
	if s.Scheme == 0 {
		s.Scheme = SchemeTimestamped
	}
	if !s.Scheme.valid() {
		return s, invalidOption("there is no %v", s.Scheme)
	}
	if s.Time.IsZero() {
		s.Time = time.Now()
	}
	if s.Time.Unix() < 0 {
		return s, invalidOption("the time %v is before 1970", s.Time)
	}
	if s.ID == "" {
		s.ID = "msg_" + rand.Text()
	}
	if !validStandardID(s.ID) {
		return s, ErrMalformedID
	}
	if s.Header == "" {
		s.Header = DefaultSignatureHeader
	}
	var err error
	s.Header, err = signatureHeader(s.Header)
	return s, err
}

// keys returns the key of each secret in the scheme.
func (s Signing) keys() ([]*key, error) {
	if len(s.Secrets) == 0 {
		return nil, fmt.Errorf("%w: Signing.Secrets has none", ErrEmptySecret)
	}
	if len(s.Secrets) > maxSecrets {
		return nil, ErrTooManySecrets
	}
	if s.Scheme == SchemeBody && len(s.Secrets) > 1 {
		return nil, invalidOption("SchemeBody has room for one signature")
	}
	var keys []*key
	for _, secret := range s.Secrets {
		if err := checkSecret(secret); err != nil {
			return nil, err
		}
		bytes := []byte(secret)
		if s.Scheme == SchemeStandard {
			var err error
			if bytes, err = standardKey(secret); err != nil {
				return nil, err
			}
		}
		keys = append(keys, newKey(bytes))
	}
	return keys, nil
}

func (s Signing) headers(keys []*key, body []byte) http.Header {
	timestamp := strconv.FormatInt(s.Time.Unix(), 10)
	header := make(http.Header)
	switch s.Scheme {
	case SchemeBody:
		sum := keys[0].sign(message{body: body})
		header.Set(s.Header, bodyPrefix+hex.EncodeToString(sum[:]))
	case SchemeTimestamped:
		elements := []string{timestampedPrefix + timestamp}
		for _, key := range keys {
			sum := key.sign(message{timestamp: timestamp, body: body})
			elements = append(elements, "v1="+hex.EncodeToString(sum[:]))
		}
		header.Set(s.Header, strings.Join(elements, ","))
	case SchemeStandard:
		var elements []string
		for _, key := range keys {
			sum := key.sign(message{id: s.ID, timestamp: timestamp, body: body})
			elements = append(elements, "v1,"+base64.StdEncoding.EncodeToString(sum[:]))
		}
		header.Set(headerStandardID, s.ID)
		header.Set(headerStandardTimestamp, timestamp)
		header.Set(headerStandardSignature, strings.Join(elements, " "))
	}
	return header
}

// String describes s without its secrets.
func (s Signing) String() string {
	return fmt.Sprintf("webhooks.Signing{Scheme: %v, Secrets: %d}", s.Scheme, len(s.Secrets))
}

// GoString is [Signing.String], for %#v.
func (s Signing) GoString() string { return s.String() }
