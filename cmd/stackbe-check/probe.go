package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/contract"
)

// A checker asks one account, and keeps what it has found. Later questions are asked in the words
// of the contract as it is known by then.
type checker struct {
	options
	http     *http.Client
	contract contract.Contract
	found    map[string]finding

	email string // of the application that -write makes
}

const (
	requestTimeout = 30 * time.Second
	maxBody        = 4 << 20
	maxWaits       = 3
	maxWait        = 61 * time.Second
)

func newChecker(o options) *checker {
	return &checker{
		options: o,
		http: &http.Client{
			Timeout:       requestTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		contract: contract.Default(),
		found:    map[string]finding{},
	}
}

// note keeps a finding, unless the field has one that is more than unknown.
func (c *checker) note(field string, f finding) {
	if before, ok := c.found[field]; ok && before.Outcome != unknown {
		return
	}
	f.Why = c.redact(f.Why)
	c.found[field] = f
}

func (c *checker) unknown(field, why string, args ...any) {
	c.note(field, finding{Outcome: unknown, Why: fmt.Sprintf(why, args...)})
}

// is notes what a field's value is, and speaks it from then on.
func (c *checker) is(field, value, why string, args ...any) {
	if c.redact(value) != value {
		c.unknown(field, "what it seems to be cannot be printed")
		return
	}
	f := finding{Outcome: confirmed, Why: fmt.Sprintf(why, args...)}
	if value != assumed(reflect.ValueOf(contract.Default()).FieldByName(field)) {
		f.Outcome, f.Found = refuted, value
	}
	if before, ok := c.found[field]; ok && before.Outcome != unknown {
		return
	}
	c.note(field, f)
	set(reflect.ValueOf(&c.contract).Elem().FieldByName(field), value)
}

// matched notes what match has found in an object.
func (c *checker) matched(o object, where, others string, wanted ...expected) map[string]string {
	found, eliminated := match(o, others, wanted...)
	for _, w := range wanted {
		name, ok := found[w.field]
		switch {
		case ok && eliminated[w.field]:
			c.is(w.field, name, "the only other %s in %s: look before you paste", w.kind, where)
		case ok:
			c.is(w.field, name, "in %s", where)
		case w.optional:
			c.unknown(w.field, "%s has none, which may be missing", where)
		default:
			c.unknown(w.field, "%s has no %s that looks like it", where, w.kind)
		}
	}
	return found
}

// credential is a token and the field that names its header.
type credential struct {
	field string
	token string
}

func (c *checker) key() credential     { return credential{"APIKeyHeader", c.apiKey} }
func (c *checker) session() credential { return credential{"SessionHeader", c.sessionToken} }
func (c *checker) admin() credential   { return credential{"AdminHeader", c.adminToken} }

// A request is for an endpoint, which its path's field names.
type request struct {
	method     string
	path       string // field of the contract
	id         string // fills the name in braces that is not {appID}
	query      url.Values
	credential credential // none, if zero
	header     string     // of the credential, if not the contract's
	idempotent string     // key
	body       string
}

// observed is a response.
type observed struct {
	status int
	header http.Header
	body   []byte
}

func (o observed) ok() bool { return o.status >= 200 && o.status < 300 }

// call makes a request. A 2xx confirms the path.
func (c *checker) call(ctx context.Context, r request) (observed, error) {
	path := reflect.ValueOf(c.contract).FieldByName(r.path).String()
	got, err := c.send(ctx, r, path)
	if err == nil && got.ok() && r.credential.token != "" {
		c.is(r.path, path, "the response to %s is %d", r.method, got.status)
	}
	return got, err
}

func (c *checker) send(ctx context.Context, r request, path string) (observed, error) {
	for range maxWaits {
		got, err := c.sendOnce(ctx, r, path)
		if err != nil || got.status != http.StatusTooManyRequests {
			return got, err
		}
		seconds, _ := strconv.Atoi(got.header.Get("Retry-After"))
		select {
		case <-time.After(min(max(time.Duration(seconds)*time.Second, time.Second), maxWait)):
		case <-ctx.Done():
			return observed{}, ctx.Err()
		}
	}
	return observed{}, errors.New("the responses are 429, however long the waits")
}

func (c *checker) sendOnce(ctx context.Context, r request, path string) (observed, error) {
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	sent, err := http.NewRequestWithContext(ctx, r.method, c.address(r, path), body)
	if err != nil {
		return observed{}, errors.New("the address is not a URL") // err has it
	}
	sent.Header.Set("Accept", "application/json")
	sent.Header.Set("User-Agent", "stackbe-check/"+stackbe.Version)
	if r.body != "" {
		sent.Header.Set("Content-Type", "application/json")
	}
	c.authorize(sent.Header, r)
	if r.idempotent != "" {
		sent.Header.Set(c.contract.IdempotencyHeader, r.idempotent)
	}
	response, err := c.http.Do(sent)
	if wrapped := new(url.Error); errors.As(err, &wrapped) {
		return observed{}, fmt.Errorf("%s %s: %w", r.method, path, wrapped.Err)
	}
	if err != nil {
		return observed{}, err
	}
	defer response.Body.Close()
	read, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	return observed{response.StatusCode, response.Header, bytes.TrimSpace(read)}, err
}

func (c *checker) address(r request, path string) string {
	id := url.PathEscape(r.id)
	path = strings.NewReplacer("{appID}", url.PathEscape(c.appID), "{customerID}", id, "{applicationID}", id).Replace(path)
	address := strings.TrimRight(c.baseURL, "/") + path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	return address
}

func (c *checker) authorize(header http.Header, r request) {
	if r.credential.token == "" {
		return
	}
	name, token := r.header, r.credential.token
	if name == "" {
		name = reflect.ValueOf(c.contract).FieldByName(r.credential.field).String()
	}
	if strings.EqualFold(name, "Authorization") {
		token = "Bearer " + token
	}
	header.Set(name, token)
}
