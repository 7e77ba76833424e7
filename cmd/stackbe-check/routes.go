package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A verdict says whether a server has a path.
type verdict int

const (
	untold verdict = iota
	present
	absent
)

// A sighting is a verdict, and why.
type sighting struct {
	verdict verdict
	why     string
}

// look tells whether the server has a path, by comparing the response with that to a path beside it
// which no server has.
func (c *checker) look(ctx context.Context, r request, path string) (sighting, error) {
	got, err := c.send(ctx, r, path)
	if err != nil {
		return sighting{}, err
	}
	nothing, err := c.nothing(ctx, r, path)
	if err != nil {
		return sighting{}, err
	}
	return compare(r, got, nothing), nil
}

// compare tells apart an endpoint, which has a credential refused or a record not found, and a
// path that the server does not route.
func compare(r request, got, nothing observed) sighting {
	switch {
	case !isNowhere(nothing.status):
		return sighting{untold, fmt.Sprintf("a path that does not exist gets %s, and not 404", nothing.said())}
	case got.status == http.StatusNotFound:
		return compareNotFound(r, got, nothing)
	case isNowhere(got.status):
		return sighting{absent, ""}
	case got.status == http.StatusUnauthorized && r.credential.token != "":
		return sighting{untold, fmt.Sprintf("the response to %s is 401", r.method)}
	case r.credential.token == "" && pathExists(got.status):
		return sighting{present, "a " + r.method + " there asks for a credential, so the path exists"}
	case got.ok() || slices.Contains(refusals, got.status):
		return sighting{present, fmt.Sprintf("the response to %s is %d", r.method, got.status)}
	}
	return sighting{untold, fmt.Sprintf("the response to %s is %s", r.method, got.said())}
}

// pathExists reports whether a status, of a request without a credential, is one of an endpoint.
func pathExists(status int) bool {
	return slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusBadRequest}, status)
}

// refusals are statuses by which an endpoint refuses a request.
var refusals = []int{
	http.StatusBadRequest, http.StatusForbidden, http.StatusConflict, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity,
}

// isNowhere reports whether a status says that a path, or its method, does not exist.
func isNowhere(status int) bool {
	return slices.Contains([]int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone}, status)
}

// compareNotFound tells the 404 of a path from that of a record.
func compareNotFound(r request, got, nothing observed) sighting {
	this, other := got.problem(), nothing.problem()
	switch {
	case this.Code != other.Code && this.Code != "" && this.Code != "NOT_FOUND":
		return sighting{present, fmt.Sprintf("the response to %s is 404, of a record", r.method)}
	case nothing.status != http.StatusNotFound || this == other:
		return sighting{absent, ""}
	}
	return sighting{untold, fmt.Sprintf("the response to %s is 404, and another than that to a path that does not exist", r.method)}
}

// A problem is the text of an error response, without the path.
type problem struct{ Code, Message string }

func (o observed) problem() problem {
	read := parseObject(o.body)
	p := problem{Code: read.text("code"), Message: read.text("message")}
	if p.Message == "" {
		var several []string
		_ = json.Unmarshal(read["message"], &several)
		p.Message = strings.Join(several, "\n")
	}
	if unescaped, err := url.PathUnescape(o.path); err == nil && o.path != "" {
		p.Message = strings.NewReplacer(o.path, "{path}", unescaped, "{path}", strings.TrimPrefix(unescaped, "/"), "{path}").Replace(p.Message)
	}
	return p
}

// nothing is the response to a nonexistent path next to another, with the same method
// and credential.
func (c *checker) nothing(ctx context.Context, r request, path string) (observed, error) {
	beside := besides(path)
	key := strings.Join([]string{r.method, beside, r.credential.field, c.carrierOf(r)}, " ")
	if got, ok := c.nowhere[key]; ok {
		return got, nil
	}
	got, err := c.send(ctx, r, beside)
	if err == nil {
		c.nowhere[key] = got
	}
	return got, err
}

// besides is a path with another name for the last of its elements that has one.
func besides(path string) string {
	elements := strings.Split(path, "/")
	for i := len(elements) - 1; i > 0; i-- {
		if !strings.HasPrefix(elements[i], "{") {
			elements[i] = "stackbe-check-nothing"
			break
		}
	}
	return strings.Join(elements, "/")
}
