package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/contract"
)

// A checker checks one account, and keeps its findings. Later requests follow the contract as it
// is known by then.
type checker struct {
	options
	http     *http.Client
	contract contract.Contract
	found    map[string]finding

	nowhere  map[string]observed // responses to paths that do not exist
	reached  bool                // a response has come
	failures int                 // requests in a row that got none
	hides    bool                // a path that was lost is there for who has a credential
	waited   bool                // the responses are 429 in spite of all waits
	asking   map[string]bool     // paths that refuse a request without a credential
	refused  map[string]bool     // variables whose credential has been refused with 401
	accepted map[string]bool     // variables whose credential such a path has accepted, or refused otherwise

	ofResults http.Header // the headers of what the API returned, for requestID
	ofErrors  http.Header // those of errors

	email string // of the application that -write makes
}

const (
	requestTimeout = 30 * time.Second
	maxBody        = 4 << 20
	maxWaits       = 3
	maxWait        = 61 * time.Second
	maxFailures    = 3
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
		nowhere:  map[string]observed{},
		asking:   map[string]bool{},
		refused:  map[string]bool{},
		accepted: map[string]bool{},

		ofResults: http.Header{},
		ofErrors:  http.Header{},
	}
}

// note keeps a finding, unless the field already has a more definite one.
func (c *checker) note(field string, f finding) {
	if before := c.found[field].weight(); before > saysNothing && before >= f.weight() {
		return
	}
	f.Why = c.redact(f.Why)
	c.found[field] = f
}

func (c *checker) unknown(field, why string, args ...any) {
	c.note(field, finding{Outcome: unknown, Why: fmt.Sprintf(why, args...)})
}

// lost notes that the server has none of the values that were tried for a field.
func (c *checker) lost(field, why string, args ...any) {
	c.note(field, finding{Outcome: refuted, Why: fmt.Sprintf(why, args...)})
}

// lacks makes the fields unknown for which a variable or flag has not been given.
func (c *checker) lacks(fields []string, variables ...string) bool {
	why := c.notGiven(variables...)
	if why == "" {
		return false
	}
	for _, field := range fields {
		c.unknown(field, "%s", why)
	}
	return true
}

// is notes the value of a field, and uses it from then on.
func (c *checker) is(field, value, why string, args ...any) {
	if c.redact(value) != value {
		c.unknown(field, "what it seems to be cannot be printed")
		return
	}
	f := finding{Outcome: confirmed, Why: fmt.Sprintf(why, args...)}
	if value != c.assumed(field) {
		f.Outcome, f.Found = refuted, value
	}
	before := c.found[field]
	if before.weight() == hasValue {
		return
	}
	c.hides = c.hides || before.lost()
	c.note(field, f)
	set(reflect.ValueOf(&c.contract).Elem().FieldByName(field), value)
}

// assumed is the value that a field has if it is not set.
func (c *checker) assumed(field string) string {
	if field == "DealsListField" {
		return c.contract.ListField
	}
	return assumed(reflect.ValueOf(contract.Default()).FieldByName(field))
}

// matched notes the findings of match in an object.
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

// credential is a token, the variable that gives it, and the field that names its header.
type credential struct {
	field    string
	variable string
	token    string
}

func (c *checker) key() credential {
	return credential{"APIKeyHeader", apiKeyVariable, c.apiKey}
}

func (c *checker) session() credential {
	return credential{"SessionHeader", sessionTokenVariable, c.sessionToken}
}

func (c *checker) admin() credential {
	return credential{"AdminHeader", adminTokenVariable, c.adminToken}
}

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

// observed is a response, or the failure to get one.
type observed struct {
	status  int // 0 where there is no response
	header  http.Header
	body    []byte
	path    string // of the request, as it was sent
	failure error  // where there is no response
	anyPath bool   // a path that does not exist gets a 2xx as well, so this one says nothing
}

func (o observed) ok() bool { return o.status >= 200 && o.status < 300 && !o.anyPath }

// said is the status, or why there is none.
func (o observed) said() string {
	if o.failure != nil {
		return "none: " + o.failure.Error()
	}
	if o.anyPath {
		return fmt.Sprintf("%d, as is that to a path that does not exist; is %s right?", o.status, baseURLVariable)
	}
	if o.status >= 300 && o.status < 400 {
		return fmt.Sprintf("%d, a redirect; is %s right?", o.status, baseURLVariable)
	}
	return strconv.Itoa(o.status)
}

// refusal says how a request failed, and the likely reason.
func (c *checker) refusal(r request, got observed) string {
	path := c.pathOf(r.path)
	said := fmt.Sprintf("the response to %s %s is %s", cmp.Or(r.method, http.MethodGet), path, got.said())
	switch {
	case isNowhere(got.status) && c.found[r.path].lost():
		return said + "; see " + r.path
	case got.status == http.StatusNotFound && r.credential.field == c.session().field:
		return said + "; is the customer of " + sessionTokenVariable + " a partner?"
	case got.status == http.StatusUnauthorized:
		return said + "; is " + r.credential.variable + " right?"
	case got.status == http.StatusForbidden && strings.Contains(path, "{appID}"):
		return said + "; is " + r.credential.variable + " of the app in " + appIDVariable + "?"
	case got.status == http.StatusForbidden:
		return said + "; may " + r.credential.variable + " do this?"
	}
	return said
}

// call makes a request. A 2xx confirms the path, unless it is the response to every path; the 404 of
// a path that does not exist refutes it.
func (c *checker) call(ctx context.Context, r request) (observed, error) {
	got, err := c.try(ctx, r)
	if err == nil && got.ok() && r.credential.token != "" && json.Valid(got.body) {
		maps.Copy(c.ofResults, got.header)
	}
	return got, err
}

func (c *checker) try(ctx context.Context, r request) (observed, error) {
	path := c.pathOf(r.path)
	got, err := c.send(ctx, r, path)
	if err != nil || r.credential.token == "" {
		return got, err
	}
	if known := c.found[r.path].weight() == hasValue; known || !got.ok() && !isNowhere(got.status) {
		return got, nil
	}
	nothing, err := c.nothing(ctx, r, path)
	switch {
	case err != nil:
		return got, err
	case got.ok() && nothing.ok():
		got.anyPath = true
	case got.ok():
		c.is(r.path, path, "the response to %s is %d", r.method, got.status)
	case isNowhere(got.status) && c.found[r.path].Outcome == unknown && compare(r, got, nothing).verdict == absent:
		c.lost(r.path, "not found at the path tried: %s", path)
	}
	return got, nil
}

// send makes a request, as often as the server asks for it to be made later.
func (c *checker) send(ctx context.Context, r request, path string) (observed, error) {
	for waits := 0; ; waits++ {
		got, err := c.sendOnce(ctx, r, path)
		if err != nil {
			return c.failed(ctx, err)
		}
		c.reached, c.failures = true, 0
		c.receive(r.credential, got)
		if !got.ok() {
			maps.Copy(c.ofErrors, got.header)
		}
		if got.status != http.StatusTooManyRequests || c.waited {
			return got, nil
		}
		if waits == maxWaits {
			c.waited = true
			return got, nil
		}
		select {
		case <-time.After(waitOf(got.header)):
		case <-ctx.Done():
			return observed{}, ctx.Err()
		}
	}
}

// receive notes what a response says of the credential of its request. The 404 of a path that does
// not exist says nothing, and neither does a path that needs no credential.
func (c *checker) receive(sent credential, got observed) {
	switch {
	case sent.token == "":
		if got.status == http.StatusUnauthorized || got.status == http.StatusForbidden {
			c.asking[got.path] = true
		}
	case got.status == http.StatusUnauthorized:
		c.refused[sent.variable] = true
	case !c.asking[got.path]:
	case got.ok() || got.status == http.StatusForbidden || got.status == http.StatusBadRequest || got.status == http.StatusConflict:
		c.accepted[sent.variable] = true
	}
}

// refusedVariables are those whose credential has got 401 wherever it was sent.
func (c *checker) refusedVariables() []string {
	variables := []string{}
	for _, sent := range []credential{c.key(), c.session(), c.admin()} {
		known := c.accepted[sent.variable] || c.found[sent.field].weight() == hasValue
		if c.refused[sent.variable] && !known {
			variables = append(variables, sent.variable)
		}
	}
	return variables
}

func waitOf(header http.Header) time.Duration {
	seconds, err := strconv.ParseInt(header.Get("Retry-After"), 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // beyond the range, it is the greatest
		seconds = 1
	}
	return time.Duration(min(max(seconds, 0), int64(maxWait/time.Second))) * time.Second
}

// failed is the outcome of a request without a response. It ends the check if no response has
// come so far, or if the server seems to be gone.
func (c *checker) failed(ctx context.Context, err error) (observed, error) {
	c.failures++
	switch {
	case ctx.Err() != nil || c.failures >= maxFailures:
		return observed{}, err
	case !c.reached:
		return observed{}, fmt.Errorf("%w; check %s", err, baseURLVariable)
	}
	return observed{failure: err}, nil
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
	return observed{status: response.StatusCode, header: response.Header, body: bytes.TrimSpace(read), path: sent.URL.EscapedPath()}, err
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
	name, token := c.carrierOf(r), r.credential.token
	if strings.EqualFold(name, "Authorization") {
		token = "Bearer " + token
	}
	header.Set(name, token)
}

// carrierOf is the header that a request has its credential in; "" for none.
func (c *checker) carrierOf(r request) string {
	if r.credential.token == "" || r.header != "" {
		return r.header
	}
	return reflect.ValueOf(c.contract).FieldByName(r.credential.field).String()
}
