package api

import (
	"cmp"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
	"github.com/stackbe/stackbe-go/internal/refserver/requests"
)

// A route is one endpoint of the contract.
type route struct {
	method, path string
	needs        directory.Kind
	query        []string // the parameters that the query may have
	status       int      // of a response that is not an error
	handle       func(*call) (body any, err error)
}

// An endpoint is a route in the configured contract.
type endpoint struct {
	route
	dialect *contract.Endpoint // nil for the default contract
}

func (h *Handler) newEndpoint(route route) endpoint {
	e := endpoint{route: route, dialect: h.dialect.Endpoint(route.method, route.path)}
	if e.dialect != nil {
		e.method, e.path = e.dialect.Method, e.dialect.Path
	}
	e.query = e.dialect.WireParameters(route.query)
	return e
}

// A call is a request that has passed the checks of every endpoint.
type call struct {
	request    *http.Request
	directory  *directory.Directory
	app        *program.Program
	credential directory.Credential
	query      url.Values
	body       []byte
	publicURL  string // as Config has it
}

const (
	maxBody  = 1 << 20
	maxQuery = 8 << 10
)

// serve adds to an endpoint what all endpoints have in common.
func (h *Handler) serve(e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller := h.identify(r, e.needs)
		requests.Attribute(w, caller.credential.AppID)
		if limited := h.limit(w, caller); limited != nil {
			limited.write(w)
			return
		}
		h.respond(w, r, e, caller).write(w)
	})
}

func (h *Handler) respond(w http.ResponseWriter, r *http.Request, e endpoint, caller caller) *response {
	app, err := h.authorize(r, e.needs, caller)
	if err != nil {
		return h.refusal(r, err)
	}
	body, err := readBody(w, r)
	if err != nil {
		return h.refusal(r, err)
	}
	run := func() *response {
		query, err := parseQuery(r.URL.RawQuery, e.query)
		if err != nil {
			return h.refusal(r, err)
		}
		result, err := e.handle(&call{
			request:    r,
			directory:  h.Directory,
			app:        app,
			credential: caller.credential,
			query:      e.dialect.StandardQuery(query),
			body:       e.dialect.StandardRequest(body),
			publicURL:  h.PublicURL,
		})
		if err != nil {
			return h.refusal(r, e.inItsWords(err))
		}
		got := h.result(r, e.status, result)
		if got.status == e.status {
			got.body = e.dialect.WireResponse(got.body)
		}
		return got
	}
	if !writes(r.Method) {
		return run()
	}
	return h.once(w, r, caller.token, body, run)
}

// inItsWords translates the names of fields and parameters in an error to the configured contract.
func (e endpoint) inItsWords(err error) error {
	invalid := new(program.Invalid)
	if e.dialect == nil || !errors.As(err, &invalid) {
		return err
	}
	var problems []program.Problem
	for _, problem := range invalid.Problems {
		problem.Field, problem.Text = e.dialect.WireProblem(problem.Field, problem.Text)
		problems = append(problems, problem)
	}
	return &program.Invalid{Problems: problems}
}

func writes(method string) bool {
	return method == http.MethodPost || method == http.MethodPatch || method == http.MethodPut
}

// readBody reads the body of a POST or PATCH.
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
	var problems []program.Problem
	for name, values := range query {
		if !slices.Contains(allowed, name) {
			problems = append(problems, program.Problem{Kind: program.ProblemUnknown, Field: cut(name, maxName), Text: "should not exist" + asPartOfEmail(name)})
		} else if len(values) > 1 {
			problems = append(problems, program.Problem{Field: name, Text: "should be given once"})
		}
	}
	if len(problems) > 0 {
		slices.SortFunc(problems, byText)
		return nil, &program.Invalid{Problems: bounded(problems, 0)}
	}
	return query, nil
}

// byText orders problems by their texts, without building them.
func byText(a, b program.Problem) int {
	begin := func(p program.Problem) string {
		if p.Kind == program.ProblemUnknown {
			return "property"
		}
		return p.Field
	}
	return cmp.Or(strings.Compare(begin(a), begin(b)), strings.Compare(a.Field, b.Field))
}

// asPartOfEmail says that an email was not escaped, if an unknown parameter is the rest of one.
func asPartOfEmail(name string) string {
	if !strings.Contains(name, "@") {
		return ""
	}
	return "; an & in a query begins another parameter: send %26 for an & in a value"
}
