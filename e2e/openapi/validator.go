// Package openapi holds all traffic with a server to api/openapi.yaml.
package openapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/stackbe/stackbe-go/api"
)

// A Validator is a transport that judges what it carries:
//
//   - a response must be as the document has it: its status, headers, content type and body;
//   - a request that is accepted must be valid, so one that is not must get a 4xx;
//   - a request that the document does not know must get NoSuchPath or MethodNotAllowed, and
//     ControlRefused under the path of the control API.
//
// It is safe for concurrent use.
type Validator struct {
	next     http.RoundTripper
	document *openapi3.T
	router   routers.Router

	mu       sync.Mutex
	problems []string
	traffic  []Exchange
	seen     map[string]map[int]bool // statuses by operationId
}

// NewValidator makes a Validator in front of next.
func NewValidator(next http.RoundTripper) (*Validator, error) {
	document, err := Load(api.OpenAPI())
	if err != nil {
		return nil, err
	}
	document.Servers = nil // any host will do
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		return nil, err
	}
	return &Validator{next: next, document: document, router: router, seen: map[string]map[int]bool{}}, nil
}

// An Exchange is a request that an operation is for, and its response.
type Exchange struct {
	Method   string          `json:"method"`
	Path     string          `json:"path"` // as the document writes it
	Status   int             `json:"status"`
	Sent     json.RawMessage `json:"sent,omitempty"`     // where the body is JSON
	Received json.RawMessage `json:"received,omitempty"` // where the body is JSON
}

// Load reads a document, and validates it and its examples. Here, unlike in many validators,
// multipleOf is exact, and so stands for x-decimals.
func Load(source []byte) (*openapi3.T, error) {
	source = bytes.ReplaceAll(source, []byte("x-decimals: 2"), []byte("multipleOf: 0.01"))
	document, err := openapi3.NewLoader().LoadFromData(source)
	if err != nil {
		return nil, err
	}
	err = document.Validate(context.Background(),
		openapi3.EnableExamplesValidation(),
		openapi3.EnableSchemaFormatValidation(),
		openapi3.IsOpenAPI31OrLater(),
	)
	return document, err
}

// RoundTrip carries a request and judges it with its response.
func (v *Validator) RoundTrip(request *http.Request) (*http.Response, error) {
	sent, err := drain(request.Body)
	if err != nil {
		return nil, err
	}
	carried := request.Clone(request.Context())
	if request.Body != nil {
		carried.Body = io.NopCloser(bytes.NewReader(sent))
	}
	response, err := v.next.RoundTrip(carried)
	if err != nil {
		return nil, err
	}
	got, err := drain(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(got))
	v.judge(request, sent, response, got)
	return response, nil
}

func drain(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	defer body.Close()
	return io.ReadAll(body)
}

func (v *Validator) judge(request *http.Request, sent []byte, response *http.Response, got []byte) {
	route, params, err := v.find(request)
	if err != nil {
		v.judgeUnknown(err, request, response, got)
		return
	}
	input := &openapi3filter.RequestValidationInput{
		Request:    withBody(request, sent),
		PathParams: params,
		Route:      route,
		Options:    options(),
	}
	v.saw(route, sent, response, got)
	if err := validateRequest(input); err != nil && response.StatusCode/100 != 4 {
		v.problem(request, response, fmt.Errorf("the request is invalid and not refused: %w", err))
	}
	if err := validateResponse(input, response, got); err != nil {
		v.problem(request, response, err)
	}
}

func withBody(request *http.Request, body []byte) *http.Request {
	clone := request.Clone(context.Background())
	clone.Body = io.NopCloser(bytes.NewReader(body))
	return clone
}

// find is the operation that a request is for.
func (v *Validator) find(request *http.Request) (*routers.Route, map[string]string, error) {
	if path.Clean(request.URL.Path) != request.URL.Path {
		return nil, nil, routers.ErrPathNotFound // what is escaped must not make another path
	}
	route, params, err := v.router.FindRoute(request)
	if errors.Is(err, routers.ErrMethodNotAllowed) {
		if named, params, found := v.findNamed(request); found {
			return named, params, nil
		}
	}
	return route, params, err
}

// findNamed is the operation of a path that ends in a name, where one that does not, such as
// users/link, lacks the method: to the server, link is then a user's id.
func (v *Validator) findNamed(request *http.Request) (*routers.Route, map[string]string, bool) {
	folder, last := path.Split(request.URL.Path)
	other := request.Clone(context.Background())
	other.URL.Path, other.URL.RawPath = folder+"any", ""
	route, params, err := v.router.FindRoute(other)
	if err != nil || !strings.HasSuffix(route.Path, "}") {
		return nil, nil, false
	}
	for name, value := range params {
		if value == "any" {
			params[name] = last
		}
	}
	return route, params, true
}

func options() *openapi3filter.Options {
	return &openapi3filter.Options{
		IncludeResponseStatus:             true,
		RejectWhenRequestBodyNotSpecified: true,
		SkipSettingDefaults:               true,
		AuthenticationFunc:                authenticate,
	}
}

// authenticate wants the credential that the operation asks for, and no other.
func authenticate(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	header := input.RequestValidationInput.Request.Header
	key, bearer := header.Get("X-Api-Key"), strings.TrimPrefix(header.Get("Authorization"), "Bearer ")
	if input.SecurityScheme.Type == "http" {
		key, bearer = bearer, key
	}
	if key == "" || bearer != "" {
		return input.NewError(errors.New("the request does not carry exactly this credential"))
	}
	return nil
}

func validateRequest(input *openapi3filter.RequestValidationInput) error {
	for name := range input.Request.URL.Query() {
		if !slices.ContainsFunc(input.Route.Operation.Parameters, func(parameter *openapi3.ParameterRef) bool {
			return parameter.Value.In == openapi3.ParameterInQuery && parameter.Value.Name == name
		}) {
			return fmt.Errorf("the operation has no query parameter %q", name)
		}
	}
	return openapi3filter.ValidateRequest(context.Background(), input)
}

func validateResponse(input *openapi3filter.RequestValidationInput, response *http.Response, body []byte) error {
	return openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 response.StatusCode,
		Header:                 response.Header,
		Body:                   io.NopCloser(bytes.NewReader(body)),
		Options:                options(),
	})
}

// judgeUnknown judges the response to a request that no operation is for.
func (v *Validator) judgeUnknown(why error, request *http.Request, response *http.Response, got []byte) {
	status, expected := http.StatusNotFound, v.document.Components.Responses["NoSuchPath"]
	if errors.Is(why, routers.ErrMethodNotAllowed) {
		status, expected = http.StatusMethodNotAllowed, v.document.Components.Responses["MethodNotAllowed"]
	}
	if strings.HasPrefix(request.URL.Path, controlPrefix) {
		expected = v.document.Components.Responses["ControlRefused"]
	}
	input := &openapi3filter.RequestValidationInput{
		Request: request,
		Route: &routers.Route{
			Spec:      v.document,
			Operation: &openapi3.Operation{Responses: openapi3.NewResponses(openapi3.WithStatus(status, expected))},
		},
	}
	if err := validateResponse(input, response, got); err != nil {
		v.problem(request, response, fmt.Errorf("%w: %w", why, err))
	}
}

func (v *Validator) problem(request *http.Request, response *http.Response, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.problems = append(v.problems, fmt.Sprintf("%s %s: %d: %v", request.Method, request.URL.Path, response.StatusCode, err))
}

func (v *Validator) saw(route *routers.Route, sent []byte, response *http.Response, got []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	operationID := route.Operation.OperationID
	if v.seen[operationID] == nil {
		v.seen[operationID] = map[int]bool{}
	}
	v.seen[operationID][response.StatusCode] = true
	v.traffic = append(v.traffic, Exchange{route.Method, route.Path, response.StatusCode, jsonOrNone(sent), jsonOrNone(got)})
}

func jsonOrNone(body []byte) json.RawMessage {
	if !json.Valid(body) {
		return nil
	}
	return body
}

// Traffic returns the exchanges of the document's operations so far.
func (v *Validator) Traffic() []Exchange {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.traffic)
}

// Problems are the departures from the document so far.
func (v *Validator) Problems() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.problems)
}

// Unseen names the operations and statuses of the document that wanted holds and no response has
// had so far, as "apply 409".
func (v *Validator) Unseen(wanted func(status string) bool) []string {
	return v.unseen(Operations(v.document), wanted)
}

// UnseenOfControl is Unseen for the operations of the control API, in every status.
func (v *Validator) UnseenOfControl() []string {
	return v.unseen(ControlOperations(v.document), func(string) bool { return true })
}

func (v *Validator) unseen(operations []Operation, wanted func(status string) bool) []string {
	v.mu.Lock()
	defer v.mu.Unlock()

	var unseen []string
	for _, operation := range operations {
		for status := range operation.Responses.Map() {
			if wanted(status) && !v.sawLocked(operation.OperationID, status) {
				unseen = append(unseen, operation.OperationID+" "+status)
			}
		}
	}
	slices.Sort(unseen)
	return unseen
}

func (v *Validator) sawLocked(operationID, status string) bool {
	for seen := range v.seen[operationID] {
		if fmt.Sprint(seen) == status {
			return true
		}
	}
	return false
}

// An Operation of the document, with where it is.
type Operation struct {
	*openapi3.Operation
	Method string
	Path   string
}

// Operations are those of a document, except those of the control API, which only stackbe-mock has.
func Operations(document *openapi3.T) []Operation {
	return slices.DeleteFunc(operations(document), Operation.isControl)
}

// ControlOperations are those of the control API.
func ControlOperations(document *openapi3.T) []Operation {
	return slices.DeleteFunc(operations(document), func(o Operation) bool { return !o.isControl() })
}

const controlPrefix = "/_mock/"

func (o Operation) isControl() bool { return strings.HasPrefix(o.Path, controlPrefix) }

func operations(document *openapi3.T) []Operation {
	var all []Operation
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			all = append(all, Operation{operation, method, path})
		}
	}
	return all
}

// Credential is the security scheme that the operation asks for; "" for none.
func (o Operation) Credential() string {
	if o.Security == nil {
		return ""
	}
	for _, requirement := range *o.Security {
		for scheme := range requirement {
			return scheme
		}
	}
	return ""
}
