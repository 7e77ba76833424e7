package main

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// nobody is the id in a path that is only tried.
const nobody = "stackbe-check"

// An endpoint is a path of the contract with its method, and the credential that it takes.
type endpoint struct {
	field, method string
	credential    func(*checker) credential
}

// endpoints are in the order of the contract.
var endpoints = []endpoint{
	{"ApplyPath", http.MethodPost, (*checker).key},
	{"ApplicationStatusPath", http.MethodGet, (*checker).key},
	{"AffiliateByCustomerPath", http.MethodGet, (*checker).key},
	{"CurrentAffiliatePath", http.MethodGet, (*checker).session},
	{"DashboardPath", http.MethodGet, (*checker).session},
	{"PortalLinkPath", http.MethodGet, (*checker).session},
	{"TrackPath", http.MethodPost, (*checker).key},
	{"DealsPath", http.MethodPost, (*checker).session},
	{"ApplicationsPath", http.MethodGet, (*checker).admin},
	{"ApplicationPath", http.MethodGet, (*checker).admin},
	{"ReviewPath", http.MethodPost, (*checker).admin},
	{"SettingsPath", http.MethodGet, (*checker).admin},
}

// paths tries the paths without a credential: a path that exists asks for one, and executes
// nothing.
func (c *checker) paths(ctx context.Context) error {
	for _, e := range endpoints {
		if err := c.path(ctx, e, credential{}); err != nil {
			return err
		}
	}
	return c.updateMethod(ctx)
}

// pathsThatAreRead tries the paths of reads that were not found yet, with their credential. A
// server may ask for a credential before it says whether the path exists, or hide the path without
// one.
func (c *checker) pathsThatAreRead(ctx context.Context) error {
	for _, e := range endpoints {
		with := e.credential(c)
		if e.method != http.MethodGet || c.found[e.field].weight() == hasValue || with.token == "" {
			continue
		}
		if err := c.path(ctx, e, with); err != nil {
			return err
		}
	}
	return nil
}

// forgetHidden makes a path unknown that was not found without a credential and not tried with
// one, if the server hides paths without a credential.
func (c *checker) forgetHidden(context.Context) error {
	if !c.hides {
		return nil
	}
	fields := []string{"UpdateSettingsMethod"}
	for _, e := range endpoints {
		if e.method != http.MethodGet || e.credential(c).token == "" {
			fields = append(fields, e.field)
		}
	}
	for _, field := range fields {
		if c.found[field].lost() {
			c.found[field] = finding{Outcome: unknown, Why: "without a credential the response is 404 also where there is a path"}
		}
	}
	return nil
}

func (c *checker) path(ctx context.Context, e endpoint, with credential) error {
	paths := distinct(slices.Concat([]string{standard(e.field)}, candidates[e.field], c.below(e.field)))
	if c.lacks([]string{e.field}, c.appOf(paths[0])...) {
		return nil
	}
	r := request{method: e.method, id: nobody, credential: with}
	if e.method != http.MethodGet {
		r.body = "{}"
	}
	var tried []string
	for i, path := range paths {
		seen, err := c.look(ctx, r, path)
		switch {
		case err != nil:
			return err
		case seen.verdict == present:
			c.is(e.field, path, "%s", seen.why)
			return nil
		case seen.verdict == absent:
			tried = append(tried, path)
		case i == 0:
			c.unknown(e.field, "%s", seen.why)
			return nil
		}
	}
	c.lost(e.field, "not found at any path tried: %s", strings.Join(tried, ", "))
	return nil
}

// appOf is the variable that a path needs, if it has an app in it.
func (c *checker) appOf(path string) []string {
	if strings.Contains(path, "{appID}") {
		return []string{appIDVariable}
	}
	return nil
}

// distinct keeps the first of each.
func distinct(texts []string) []string {
	var kept []string
	for _, text := range texts {
		if !slices.Contains(kept, text) {
			kept = append(kept, text)
		}
	}
	return kept
}

// below are paths that follow from those that are found.
func (c *checker) below(field string) []string {
	switch field {
	case "ApplicationPath":
		return []string{c.contract.ApplicationsPath + "/{applicationID}"}
	case "ReviewPath":
		return []string{c.contract.ApplicationPath + "/review", c.contract.ApplicationPath + "/decision"}
	}
	return nil
}

func (c *checker) updateMethod(ctx context.Context) error {
	const field = "UpdateSettingsMethod"
	if c.lacks([]string{field}, c.appOf(c.contract.SettingsPath)...) {
		return nil
	}
	if path := c.found["SettingsPath"]; path.Outcome == unknown || path.lost() {
		c.unknown(field, "the path of the settings is not known")
		return nil
	}
	methods := append([]string{standard(field)}, candidates[field]...)
	for i, method := range methods {
		seen, err := c.look(ctx, request{method: method, body: "{}"}, c.contract.SettingsPath)
		switch {
		case err != nil:
			return err
		case seen.verdict == present:
			c.is(field, method, "%s", seen.why)
			return nil
		case seen.verdict == untold && i == 0:
			c.unknown(field, "%s", seen.why)
			return nil
		}
	}
	c.lost(field, "the settings take none of: %s", strings.Join(methods, ", "))
	return nil
}

// pathOf is the path that a field has, as far as is known.
func (c *checker) pathOf(field string) string {
	return reflect.ValueOf(c.contract).FieldByName(field).String()
}
