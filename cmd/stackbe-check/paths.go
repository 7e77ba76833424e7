package main

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// nobody stands for an id where a path is only tried.
const nobody = "stackbe-check"

// pathMethods is the method of each path, in the order of the contract.
var pathMethods = []struct{ field, method string }{
	{"ApplyPath", http.MethodPost},
	{"ApplicationStatusPath", http.MethodGet},
	{"AffiliateByCustomerPath", http.MethodGet},
	{"CurrentAffiliatePath", http.MethodGet},
	{"DashboardPath", http.MethodGet},
	{"PortalLinkPath", http.MethodGet},
	{"TrackPath", http.MethodPost},
	{"DealsPath", http.MethodPost},
	{"ApplicationsPath", http.MethodGet},
	{"ApplicationPath", http.MethodGet},
	{"ReviewPath", http.MethodPost},
	{"SettingsPath", http.MethodGet},
}

// paths tries the paths without a credential: one that there is asks for it, and executes nothing.
func (c *checker) paths(ctx context.Context) error {
	none, err := c.send(ctx, request{method: http.MethodGet}, "/v1/stackbe-check-nothing")
	if err != nil {
		return err
	}
	c.requestID(none)
	if none.status != http.StatusNotFound {
		for _, p := range pathMethods {
			c.unknown(p.field, "a path that does not exist gets %d, and not 404", none.status)
		}
		c.unknown("UpdateSettingsMethod", "a path that does not exist gets %d, and not 404", none.status)
		return nil
	}
	for _, p := range pathMethods {
		if err := c.path(ctx, p.field, p.method); err != nil {
			return err
		}
	}
	return c.updateMethod(ctx)
}

func (c *checker) path(ctx context.Context, field, method string) error {
	paths := slices.Concat([]string{standard(field)}, candidates[field], c.below(field))
	if strings.Contains(paths[0], "{appID}") && c.appID == "" {
		c.unknown(field, "there is no app id: set STACKBE_APP_ID")
		return nil
	}
	for _, path := range paths {
		there, err := c.exists(ctx, method, path)
		if err != nil {
			return err
		}
		if there {
			c.is(field, path, "%s asks for a credential", method)
			return nil
		}
	}
	c.unknown(field, "the server has none of: %s", strings.Join(paths, ", "))
	return nil
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

// exists reports whether a request without a credential is refused for that.
func (c *checker) exists(ctx context.Context, method, path string) (bool, error) {
	r := request{method: method, id: nobody}
	if method != http.MethodGet {
		r.body = "{}"
	}
	got, err := c.send(ctx, r, path)
	return pathExists(got.status), err
}

// pathExists reports whether a status, of a request without a credential, is one of an endpoint.
func pathExists(status int) bool {
	return slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusBadRequest}, status)
}

func (c *checker) updateMethod(ctx context.Context) error {
	const field = "UpdateSettingsMethod"
	if c.found["SettingsPath"].Outcome == unknown {
		c.unknown(field, "the path of the settings is not known")
		return nil
	}
	methods := append([]string{standard(field)}, candidates[field]...)
	for _, method := range methods {
		there, err := c.exists(ctx, method, c.contract.SettingsPath)
		if err != nil {
			return err
		}
		if there {
			c.is(field, method, "it asks for a credential")
			return nil
		}
	}
	c.unknown(field, "the settings take none of: %s", strings.Join(methods, ", "))
	return nil
}

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

// headers finds where each credential is taken.
func (c *checker) headers(ctx context.Context) error {
	for _, one := range []struct {
		request  request
		variable string
	}{
		{request{path: "ApplicationStatusPath", credential: c.key(), query: map[string][]string{"email": {newEmail()}}}, "STACKBE_API_KEY"},
		{request{path: "CurrentAffiliatePath", credential: c.session()}, "STACKBE_SESSION_TOKEN"},
		{request{path: "ApplicationsPath", credential: c.admin()}, "STACKBE_ADMIN_TOKEN"},
	} {
		field := one.request.credential.field
		if one.request.credential.token == "" {
			c.unknown(field, "there is none: set %s", one.variable)
			continue
		}
		one.request.method = http.MethodGet
		if err := c.carrier(ctx, one.request); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) carrier(ctx context.Context, r request) error {
	field := r.credential.field
	names := append([]string{standard(field)}, candidates[field]...)
	path := reflect.ValueOf(c.contract).FieldByName(r.path).String()
	if strings.Contains(path, "{appID}") && c.appID == "" {
		c.unknown(field, "there is no app id: set STACKBE_APP_ID")
		return nil
	}
	for _, name := range names {
		r.header = name
		got, err := c.send(ctx, r, path)
		if err != nil {
			return err
		}
		if got.ok() {
			c.is(field, name, "it is taken there")
			return nil
		}
		if got.status != http.StatusUnauthorized {
			c.unknown(field, "the response is %d; a credential that is not taken gets 401", got.status)
			return nil
		}
	}
	c.unknown(field, "the response is 401 with it in each of: %s", strings.Join(names, ", "))
	return nil
}
