package api

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// A route is one endpoint of the contract.
type route struct {
	pattern string
	needs   directory.Kind
	query   []string // the parameters that the query may have
	status  int      // of a response that is not an error
	handle  func(*call) (body any, err error)
}

// A call is a request that has passed everything that endpoints have in common.
type call struct {
	request    *http.Request
	directory  *directory.Directory
	app        *program.Program
	credential directory.Credential
	query      url.Values
	body       []byte
}

const (
	maxBody  = 1 << 20
	maxQuery = 8 << 10
)

// endpoint puts around a route what all of them have in common.
func (h *Handler) endpoint(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller := h.identify(r, route.needs)
		if limited := h.limit(w, caller); limited != nil {
			limited.write(w)
			return
		}
		h.answer(w, r, route, caller).write(w)
	})
}

func (h *Handler) answer(w http.ResponseWriter, r *http.Request, route route, caller caller) *answer {
	app, err := h.authorize(r, route.needs, caller)
	if err != nil {
		return h.refusal(r, err)
	}
	body, err := readBody(w, r)
	if err != nil {
		return h.refusal(r, err)
	}
	run := func() *answer {
		query, err := parseQuery(r.URL.RawQuery, route.query)
		if err != nil {
			return h.refusal(r, err)
		}
		result, err := route.handle(&call{
			request:    r,
			directory:  h.Directory,
			app:        app,
			credential: caller.credential,
			query:      query,
			body:       body,
		})
		if err != nil {
			return h.refusal(r, err)
		}
		return h.result(r, route.status, result)
	}
	if !writes(r.Method) {
		return run()
	}
	return h.once(w, r, caller.token, body, run)
}

func writes(method string) bool { return method == http.MethodPost || method == http.MethodPatch }

// readBody is the body of a request that writes.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if !writes(r.Method) {
		return nil, nil
	}
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		return nil, &httpError{codeUnsupportedMediaType, "The body must be JSON, with Content-Type: application/json"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return nil, &httpError{codePayloadTooLarge, "The body must not be larger than 1 MiB"}
	}
	if err != nil {
		return nil, &httpError{codeBadRequest, "The body could not be read to its end"}
	}
	return body, nil
}

// parseQuery reads a query that has each of the allowed parameters at most once, and no others.
func parseQuery(raw string, allowed []string) (url.Values, error) {
	if len(raw) > maxQuery {
		return nil, &httpError{codeBadRequest, "The query of the URL must not be longer than 8 KiB"}
	}
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, &httpError{codeBadRequest, "The query of the URL is malformed; escape its values"}
	}
	var problems []string
	for name, values := range query {
		if !slices.Contains(allowed, name) {
			problems = append(problems, "property "+cut(name, maxName)+" should not exist"+asPartOfEmail(name))
		} else if len(values) > 1 {
			problems = append(problems, name+" should be given once")
		}
	}
	if len(problems) > 0 {
		slices.Sort(problems)
		return nil, &program.Invalid{Problems: bounded(problems, 0)}
	}
	return query, nil
}

// asPartOfEmail says what was forgotten where an unknown parameter is the rest of an email.
func asPartOfEmail(name string) string {
	if !strings.Contains(name, "@") {
		return ""
	}
	return "; an & in a query begins another parameter: send %26 for an & in a value"
}
