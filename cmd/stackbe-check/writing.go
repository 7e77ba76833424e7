package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// encode is the JSON of a body.
func encode(fields map[string]any) string {
	encoded, _ := json.Marshal(fields) // texts always encode
	return string(encoded)
}

func (c *checker) post(ctx context.Context, path string, credential credential, body map[string]any) (observed, error) {
	return c.call(ctx, request{method: http.MethodPost, path: path, credential: credential, body: encode(body)})
}

// noObject says why the response to a POST is not one.
func (c *checker) noObject(path string, credential credential, got observed) string {
	r := request{method: http.MethodPost, path: path, credential: credential}
	if got.ok() {
		return c.notObject(r)
	}
	return c.refusal(r, got)
}

// apply makes an application, with each likely header of idempotency until a retry gets the first
// response.
func (c *checker) apply(ctx context.Context) error {
	const field = "IdempotencyHeader"
	if c.lacks([]string{field}, apiKeyVariable) {
		return nil
	}
	names := append([]string{standard(field)}, candidates[field]...)
	for _, name := range names {
		c.contract.IdempotencyHeader = name
		first, again, unkeyed, err := c.applyTwice(ctx)
		if err != nil {
			return err
		}
		if !first.ok() {
			c.email = "" // there is no application
			c.unknown(field, "%s", c.noObject("ApplyPath", c.key(), first))
			break
		}
		if sameResult(first, unkeyed) {
			c.unknown(field, "a retry gets the first response without a key as well")
			break
		}
		if sameResult(first, again) {
			c.is(field, name, "a retry with the same key gets the first response")
			break
		}
	}
	if _, known := c.found[field]; !known {
		c.contract.IdempotencyHeader = standard(field)
		c.unknown(field, "the server honors a key in none of: %s", strings.Join(names, ", "))
	}
	if c.email == "" {
		return nil
	}
	return c.applied(ctx)
}

// applyTwice makes an application, and once more with the same key. If that has the same result, it
// applies without a key as well, since a server may keep one application for an email.
func (c *checker) applyTwice(ctx context.Context) (first, again, unkeyed observed, err error) {
	c.email = newEmail()
	r := request{
		method: http.MethodPost, path: "ApplyPath", credential: c.key(), idempotent: rand.Text(),
		body: encode(map[string]any{"email": c.email, "name": checkName}),
	}
	if first, err = c.call(ctx, r); err != nil || !first.ok() {
		return first, first, unkeyed, err
	}
	if again, err = c.call(ctx, r); err == nil && sameResult(first, again) {
		r.idempotent = ""
		unkeyed, err = c.call(ctx, r)
	}
	return first, again, unkeyed, err
}

// sameResult reports whether two responses are about the same thing.
func sameResult(first, again observed) bool {
	id := parseObject(first.body).text("id")
	return again.ok() && id != "" && id == parseObject(again.body).text("id")
}

// applied looks at the status of the application.
func (c *checker) applied(ctx context.Context) error {
	o, err := c.read(ctx, request{path: "ApplicationStatusPath", credential: c.key(), query: url.Values{"email": {c.email}}})
	if o == nil {
		return err
	}
	c.matched(o, "the status of an application", "applied id status rejectionReason", expected{field: "ApplicationCreatedAtField", kind: aTime})
	return nil
}

// checkURL is the page of a click, which shows where the click is from.
const checkURL = "https://stackbe-go.example/stackbe-check"

// track finds the field names of a click with an unknown code: a 404 shows that the code was
// read, and no click is counted. Only then does it count one click, with the partner's own
// code.
func (c *checker) track(ctx context.Context) error {
	fields := []string{"TrackCodeField", "TrackURLField", "ClickIDField", "ClickCodeField", "ClickExpiresAtField"}
	if c.lacks(fields, apiKeyVariable) {
		return nil
	}
	const code = "STACKBE-CHECK-NOBODY"
	url := map[string]any{standard("TrackURLField"): checkURL}
	for _, others := range []map[string]any{nil, url} { // a server may require the URL
		err := c.requestField(ctx, "TrackCodeField", code, others)
		if err != nil {
			return err
		}
		if c.found["TrackCodeField"].weight() == hasValue {
			break
		}
	}
	if c.found["TrackCodeField"].Outcome == unknown {
		for _, field := range fields[1:] {
			c.unknown(field, "the name of the code is not known; see TrackCodeField")
		}
		return nil
	}
	if err := c.requestField(ctx, "TrackURLField", checkURL, map[string]any{c.contract.TrackCodeField: code}); err != nil {
		return err
	}
	return c.click(ctx)
}

// codeWasRead reports whether a click was refused for its code alone, or not at all.
func codeWasRead(got observed) bool { return got.ok() || got.status == http.StatusNotFound }

func isInvalid(got observed) bool {
	return got.status == http.StatusBadRequest || got.status == http.StatusUnprocessableEntity
}

const maxNames = 20

// hints are the names of fields that a failed validation asks for: "code should not be empty".
func hints(body []byte) []string {
	var failed struct {
		Message []string `json:"message"`
	}
	if json.Unmarshal(body, &failed) != nil {
		return nil
	}
	var names []string
	for _, message := range failed.Message {
		name, problem, _ := strings.Cut(message, " ")
		if name != "property" && (strings.HasPrefix(problem, "should") || strings.HasPrefix(problem, "must")) {
			names = append(names, name)
		}
	}
	return names
}

// requestField finds the name under which a click takes a value beside others. A name that no server
// knows has to be refused, or a response says nothing of the others.
func (c *checker) requestField(ctx context.Context, field, value string, others map[string]any) error {
	try := func(name string) (observed, error) {
		body := map[string]any{name: value}
		maps.Copy(body, others)
		return c.post(ctx, "TrackPath", c.key(), body)
	}
	got, err := try("stackbeCheck")
	switch {
	case err != nil:
		return err
	case isNowhere(got.status) && c.found["TrackPath"].lost():
		c.unknown(field, "%s", c.noObject("TrackPath", c.key(), got))
		return nil
	case codeWasRead(got) && others[c.contract.TrackCodeField] == nil:
		c.unknown(field, "the response is %d without a code as well", got.status)
		return nil
	case codeWasRead(got):
		c.unknown(field, "the server passes over fields that it does not know")
		return nil
	case !isInvalid(got):
		c.unknown(field, "%s", c.noObject("TrackPath", c.key(), got))
		return nil
	}
	return c.requestFieldOf(ctx, field, try, hints(got.body))
}

func (c *checker) requestFieldOf(ctx context.Context, field string, try func(name string) (observed, error), hinted []string) error {
	names := distinct(slices.Concat([]string{standard(field)}, hinted, alternatives(field)))
	for i := 0; i < len(names) && i < maxNames; i++ {
		got, err := try(names[i])
		if err != nil {
			return err
		}
		if codeWasRead(got) {
			c.is(field, names[i], "a click is refused for an unknown code, and not for a name")
			return nil
		}
		if !isInvalid(got) {
			c.unknown(field, "%s", c.noObject("TrackPath", c.key(), got))
			return nil
		}
		for _, hint := range hints(got.body) {
			if !slices.Contains(names, hint) {
				names = slices.Insert(names, i+1, hint)
			}
		}
	}
	c.unknown(field, "a click is taken with none of: %q", names)
	return nil
}

func (c *checker) click(ctx context.Context) error {
	wanted := []expected{{field: "ClickIDField", kind: aText}, {field: "ClickCodeField", kind: aText}, {field: "ClickExpiresAtField", kind: aTime}}
	partner, err := c.read(ctx, request{path: "CurrentAffiliatePath", credential: c.session()}, fieldsOf(wanted)...)
	if partner == nil {
		return err
	}
	code := partner.text("code")
	click := map[string]any{c.contract.TrackCodeField: code, c.contract.TrackURLField: checkURL}
	got, err := c.post(ctx, "TrackPath", c.key(), click)
	if err == nil && isInvalid(got) && c.found["TrackURLField"].Outcome == unknown {
		delete(click, c.contract.TrackURLField)
		got, err = c.post(ctx, "TrackPath", c.key(), click)
	}
	if err != nil {
		return err
	}
	o := parseObject(got.body)
	if !got.ok() || o == nil {
		for _, w := range wanted {
			c.unknown(w.field, "%s", c.noObject("TrackPath", c.key(), got))
		}
		return nil
	}
	wanted[1].value = code
	c.matched(o, "a click", "", wanted...)
	return nil
}

func (c *checker) deal(ctx context.Context) error {
	email, notes := newEmail(), "made by stackbe-check"
	wanted := dealShape(email, checkName, notes)
	if c.lacks(fieldsOf(wanted), sessionTokenVariable) {
		return nil
	}
	got, err := c.post(ctx, "DealsPath", c.session(), map[string]any{"leadEmail": email, "leadName": checkName, "notes": notes})
	if err != nil {
		return err
	}
	o := parseObject(got.body)
	if !got.ok() || o == nil {
		for _, w := range wanted {
			c.unknown(w.field, "%s", c.noObject("DealsPath", c.session(), got))
		}
		return nil
	}
	c.matched(o, "a deal", "", wanted...)
	return nil
}

// review approves the application that apply has made.
func (c *checker) review(ctx context.Context) error {
	const application, affiliate = "ReviewApplicationField", "ReviewAffiliateField"
	unknown := func(why string, args ...any) error {
		c.unknown(application, why, args...)
		c.unknown(affiliate, why, args...)
		return nil
	}
	if c.lacks([]string{application, affiliate}, apiKeyVariable, adminTokenVariable, appIDVariable) {
		return nil
	}
	if c.email == "" {
		return unknown("no application could be made to review; see IdempotencyHeader")
	}
	status, err := c.read(ctx, request{path: "ApplicationStatusPath", credential: c.key(), query: url.Values{"email": {c.email}}})
	if err != nil {
		return err
	}
	id := status.text("id")
	if id == "" {
		return unknown("the status of an application has no id to review")
	}
	got, err := c.call(ctx, request{method: http.MethodPost, path: "ReviewPath", id: id, credential: c.admin(), body: `{"action":"approve"}`})
	if err != nil {
		return err
	}
	o := parseObject(got.body)
	if !got.ok() || o == nil {
		return unknown("%s", c.noObject("ReviewPath", c.admin(), got))
	}
	for field, mark := range map[string]string{application: "email", affiliate: "code"} {
		name := only(keys(o), func(name string) bool { return o.inner(name)[mark] != nil })
		if name == "" {
			c.unknown(field, "the response to a review has no object with %s", mark)
			continue
		}
		c.is(field, name, "the object with %s in the response to a review", mark)
	}
	read, err := c.read(ctx, request{path: "ApplicationPath", id: id, credential: c.admin()})
	if read != nil {
		c.applicationShape(read)
	}
	return err
}
