package main

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// requestID looks at the results of the API. An error may be that of a gateway in front of it, so
// errors can confirm the header but not refute it.
func (c *checker) requestID(context.Context) error {
	const field = "RequestIDHeader"
	names := append([]string{standard(field)}, candidates[field]...)
	if len(c.ofResults) == 0 {
		if c.ofErrors.Get(standard(field)) != "" {
			c.is(field, standard(field), "a response has it")
			return nil
		}
		others := slices.DeleteFunc(keysOf(c.ofErrors), func(name string) bool { return !looksLikeRequestID(name) })
		c.unknown(field, "no request got a result in JSON, and another response may be that of a gateway; the headers that look like one: %s",
			cmp.Or(strings.Join(others, ", "), "none"))
		return nil
	}
	for _, name := range names {
		if c.ofResults.Get(name) != "" {
			c.is(field, name, "a response has it")
			return nil
		}
	}
	if name := only(keysOf(c.ofResults), looksLikeRequestID); name != "" {
		c.is(field, name, "the only header of a response that looks like one: look before you paste")
		return nil
	}
	c.unknown(field, "a response has none of: %s", strings.Join(names, ", "))
	return nil
}

func keysOf(header http.Header) []string { return slices.Sorted(maps.Keys(header)) }

func looksLikeRequestID(header string) bool {
	name := strings.ToLower(header)
	return strings.Contains(name, "request") || strings.Contains(name, "trace") || strings.Contains(name, "correlation")
}

// headers finds the header in which each credential is accepted.
func (c *checker) headers(ctx context.Context) error {
	for _, one := range []struct {
		credential credential
		paths      []string // until one shows it
	}{
		{c.key(), []string{"ApplicationStatusPath", "AffiliateByCustomerPath"}},
		{c.session(), []string{"CurrentAffiliatePath", "DashboardPath", "PortalLinkPath"}},
		{c.admin(), []string{"ApplicationsPath", "SettingsPath"}},
	} {
		if c.lacks([]string{one.credential.field}, one.credential.variable) {
			continue
		}
		paths := slices.DeleteFunc(slices.Clone(one.paths), func(path string) bool { return c.found[path].lost() })
		if len(paths) == 0 {
			paths = one.paths[:1]
		}
		for _, path := range paths {
			r := request{method: http.MethodGet, path: path, credential: one.credential, id: nobody}
			if path == "ApplicationStatusPath" {
				r.query = url.Values{"email": {newEmail()}}
			}
			known, err := c.carrier(ctx, r)
			if err != nil {
				return err
			}
			if known {
				break
			}
		}
	}
	return nil
}

// carrier tries the names of a credential's header until the response is another than that without
// the credential. It reports whether that settles the header.
func (c *checker) carrier(ctx context.Context, r request) (settled bool, err error) {
	field, path := r.credential.field, c.pathOf(r.path)
	names := append([]string{standard(field)}, candidates[field]...)
	if c.lacks([]string{field}, c.appOf(path)...) {
		return true, nil
	}
	without := r
	without.credential = credential{}
	control, err := c.send(ctx, without, path)
	if err != nil {
		return false, err
	}
	switch {
	case control.ok():
		c.unknown(field, "the response to GET %s is %d without a credential as well", path, control.status)
		return false, nil
	case !asks(control.status):
		c.unknown(field, "without a credential the response to GET %s is %s, which says nothing", path, control.said())
		return false, nil
	}
	for _, name := range names {
		r.header = name
		got, err := c.send(ctx, r, path)
		switch {
		case err != nil:
			return false, err
		case got.status == control.status || got.status == http.StatusUnauthorized:
			continue
		case got.ok() || isNowhere(got.status):
			c.is(field, name, "without it the response is %d, with it %d", control.status, got.status)
			return true, nil
		}
		c.unknown(field, "%s; a credential that is not taken gets %d", c.refusal(r, got), control.status)
		return false, nil
	}
	c.unknown(field, "the response to GET %s is %d with it in each of: %s; is %s right?", path, control.status, strings.Join(names, ", "), r.credential.variable)
	return control.status == http.StatusUnauthorized, nil
}

// asks reports whether a response refuses a request that has no credential.
func asks(status int) bool { return pathExists(status) || isNowhere(status) }
