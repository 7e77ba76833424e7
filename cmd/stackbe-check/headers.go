package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

func (c *checker) requestID(got observed) {
	const field = "RequestIDHeader"
	names := append([]string{standard(field)}, candidates[field]...)
	for _, name := range names {
		if got.header.Get(name) != "" {
			c.is(field, name, "a response has it")
			return
		}
	}
	if name := only(keysOf(got.header), looksLikeRequestID); name != "" {
		c.is(field, name, "the only header of a response that looks like one: look before you paste")
		return
	}
	c.unknown(field, "a response has none of: %s", strings.Join(names, ", "))
}

func keysOf(header http.Header) []string {
	var names []string
	for name := range header {
		names = append(names, name)
	}
	return names
}

func looksLikeRequestID(header string) bool {
	name := strings.ToLower(header)
	return strings.Contains(name, "request") || strings.Contains(name, "trace") || strings.Contains(name, "correlation")
}

// headers finds the header in which each credential is accepted.
func (c *checker) headers(ctx context.Context) error {
	for _, one := range []struct {
		credential credential
		paths      []string // the first that the server has
	}{
		{c.key(), []string{"ApplicationStatusPath", "AffiliateByCustomerPath"}},
		{c.session(), []string{"CurrentAffiliatePath", "DashboardPath", "PortalLinkPath"}},
		{c.admin(), []string{"ApplicationsPath", "SettingsPath"}},
	} {
		if c.lacks([]string{one.credential.field}, one.credential.variable) {
			continue
		}
		r := request{method: http.MethodGet, path: one.paths[0], credential: one.credential, id: nobody}
		for _, path := range one.paths {
			if !c.found[path].lost() {
				r.path = path
				break
			}
		}
		if r.path == "ApplicationStatusPath" {
			r.query = url.Values{"email": {newEmail()}}
		}
		if err := c.carrier(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) carrier(ctx context.Context, r request) error {
	field := r.credential.field
	names := append([]string{standard(field)}, candidates[field]...)
	if c.lacks([]string{field}, c.appOf(c.pathOf(r.path))...) {
		return nil
	}
	for _, name := range names {
		r.header = name
		got, err := c.send(ctx, r, c.pathOf(r.path))
		if err != nil {
			return err
		}
		if got.ok() {
			c.is(field, name, "it is taken there")
			return nil
		}
		if isNowhere(got.status) {
			return c.carrierAtNothing(ctx, r, got)
		}
		if got.status != http.StatusUnauthorized {
			c.unknown(field, "%s; a credential that is not taken gets 401", c.refusal(r, got))
			return nil
		}
	}
	c.unknown(field, "the response to GET %s is 401 with it in each of: %s; is %s right?", c.pathOf(r.path), strings.Join(names, ", "), r.credential.variable)
	return nil
}

// carrierAtNothing recognizes the header of a credential at a path that does not exist: without
// the header the response asks for a credential, with it the path is not found.
func (c *checker) carrierAtNothing(ctx context.Context, r request, got observed) error {
	without := r
	without.credential = credential{}
	nothing, err := c.nothing(ctx, without, c.pathOf(r.path))
	if err != nil {
		return err
	}
	if nothing.status == http.StatusUnauthorized {
		c.is(r.credential.field, r.header, "without it the response is 401, with it %d", got.status)
		return nil
	}
	c.unknown(r.credential.field, "%s; a credential that is not taken gets 401", c.refusal(r, got))
	return nil
}
