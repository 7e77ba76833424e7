package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A request is made by hand, without the SDK's care.
type request struct {
	method     string
	path       string // from the base URL on, escaped, with the query; or wholeServer
	credential credential
	header     map[string]string
	body       string
}

// wholeServer is the path of a request that is about no path.
const wholeServer = "*"

// A credential is a header and its value; the zero value sends none.
type credential struct{ header, value string }

func (s *suite) asKey(key string) credential       { return carried(s.contract.APIKeyHeader, key) }
func (s *suite) asSession(token string) credential { return carried(s.contract.SessionHeader, token) }
func (s *suite) asAdmin(token string) credential   { return carried(s.contract.AdminHeader, token) }

func carried(header, token string) credential {
	if http.CanonicalHeaderKey(header) == "Authorization" {
		token = "Bearer " + token
	}
	return credential{header, token}
}

// A response is read to its end.
type response struct {
	status int
	header http.Header
	body   []byte
}

// send makes a request that must get a response. A body is JSON unless a header says otherwise.
func (s *suite) send(t *testing.T, r request) response {
	t.Helper()
	got, err := s.exchange(t, r)
	require.NoError(t, err)
	return got
}

// exchange is send for goroutines, which must not end the test. A live API may find that there
// are too many requests, and says when to come again.
func (s *suite) exchange(t *testing.T, r request) (response, error) {
	for range maxWaits {
		got, err := s.exchangeOnce(t, r)
		if err != nil || got.status != http.StatusTooManyRequests {
			return got, err
		}
		seconds, err := strconv.Atoi(got.header.Get("Retry-After"))
		if err != nil {
			return response{}, fmt.Errorf("429 without a Retry-After in seconds: %w", err)
		}
		select {
		case <-time.After(min(time.Duration(seconds)*time.Second, maxWait)):
		case <-t.Context().Done():
			return response{}, t.Context().Err()
		}
	}
	return response{}, fmt.Errorf("still rate limited after %d waits", maxWaits)
}

const (
	maxWaits = 3
	maxWait  = 61 * time.Second // a whole window
)

func (s *suite) exchangeOnce(t *testing.T, r request) (response, error) {
	sent, err := http.NewRequestWithContext(t.Context(), r.method, s.target.BaseURL+strings.TrimPrefix(r.path, wholeServer), strings.NewReader(r.body))
	if err != nil {
		return response{}, err
	}
	if r.path == wholeServer {
		sent.URL.Opaque = wholeServer
	}
	if r.body != "" {
		sent.Header.Set("Content-Type", "application/json")
	}
	if r.credential.header != "" {
		sent.Header.Set(r.credential.header, r.credential.value)
	}
	for name, value := range r.header {
		if value == "" {
			sent.Header.Del(name)
			continue
		}
		sent.Header.Set(name, value)
	}
	received, err := s.http.Do(sent)
	if err != nil {
		return response{}, err
	}
	defer received.Body.Close()
	body, err := io.ReadAll(received.Body)
	return response{received.StatusCode, received.Header, body}, err
}

// object is the body, which must be one, with its numbers as they were sent.
func (r response) object(t *testing.T) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(r.body))
	decoder.UseNumber()
	var object map[string]any
	require.NoError(t, decoder.Decode(&object), "the body is %q", r.body)
	return object
}

// requireStatus stops the test with the server's message if the status differs.
func requireStatus(t *testing.T, status int, got response) {
	t.Helper()
	require.Equal(t, status, got.status, "the body is %.500q", got.body)
}

// requireProblems requires a failed validation: a message for each of the fields, and no others.
func (s *suite) requireProblems(t *testing.T, code string, got response, fields ...string) {
	t.Helper()
	s.requireRefused(t, http.StatusBadRequest, code, got)
	messages, ok := got.object(t)["message"].([]any)
	require.True(t, ok, "a failed validation makes message an array: %s", got.body)
	assert.Len(t, messages, len(fields), "one message for each problem: %s", got.body)
	for _, field := range fields {
		assert.Condition(t, func() bool { return mentions(messages, field) }, "no message is about %s: %s", field, got.body)
	}
}

func mentions(messages []any, field string) bool {
	for _, message := range messages {
		if text, ok := message.(string); ok && strings.Contains(text, field) {
			return true
		}
	}
	return false
}

// encode is the JSON of a body.
func encode(t *testing.T, body any) string {
	t.Helper()
	encoded, err := json.Marshal(body)
	require.NoError(t, err)
	return string(encoded)
}
