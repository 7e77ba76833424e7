// Package api serves the partner programs of a directory over HTTP, by docs/contract.md.
package api

import (
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/requests"
)

// Config configures a [Handler]. Every field except Contract, EnforceRateLimits, PublicURL and
// UnknownRoute is required.
type Config struct {
	Directory *directory.Directory
	Now       func() time.Time
	NewID     func(prefix string) string
	Logger    *slog.Logger
	// Pages serve the paths for browsers, by the first segment of the path: "portal" serves /portal and
	// what is below it.
	Pages map[string]http.Handler
	// PublicURL is where links lead to, as page.Origin takes it; it may be empty.
	PublicURL string
	// PerKey and PerSession are how many requests a minute a credential may make.
	PerKey, PerSession int
	// Contract is the contract of requests and responses; the zero value is the default.
	Contract contract.Contract
	// EnforceRateLimits refuses requests over the limits; otherwise the limits are only announced.
	EnforceRateLimits bool
	// UnknownRoute, unless nil, is called for a request that matches no route, before the response.
	UnknownRoute func(*http.Request)
}

// A Handler responds to the requests of docs/contract.md. It is safe for concurrent use.
type Handler struct {
	Config
	requestIDHeader string // in its canonical form
	dialect         *contract.Dialect
	mux             *http.ServeMux
	limiter         limiter
	idempotency     idempotency
}

// New returns a handler.
func New(config Config) *Handler {
	config.Contract = config.Contract.Complete()
	h := &Handler{Config: config, dialect: contract.NewDialect(config.Contract), mux: http.NewServeMux(), idempotency: newIdempotency()}
	h.requestIDHeader = http.CanonicalHeaderKey(config.Contract.RequestIDHeader)
	for _, route := range append(routes(), moneyRoutes()...) {
		e := h.newEndpoint(route)
		if h.pages(e.path) != nil {
			panic("api: " + e.path + " is the path of a page")
		}
		h.mux.Handle(e.method+" "+e.path, h.serve(e))
	}
	h.mux.Handle("GET /openapi.yaml", h.page(http.HandlerFunc(serveOpenAPI)))
	h.mux.Handle("/", http.HandlerFunc(h.noRoute))
	return h
}

// ServeHTTP responds to one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer h.recoverPanic(w, r)
	h.Prepare(w)
	if pages := h.pages(r.URL.Path); pages != nil {
		h.page(pages).ServeHTTP(w, r)
		return
	}
	if !routable(r) {
		h.noRoute(w, r)
		return
	}
	h.mux.ServeHTTP(w, r)
}

// pages is the handler of the pages that a path is one of; nil if it is not one of a page.
func (h *Handler) pages(path string) http.Handler {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return h.Pages[first]
}

// Prepare sets the headers of every response.
func (h *Handler) Prepare(w http.ResponseWriter) {
	// Date is of the one clock: X-RateLimit-Reset and Retry-After are measured against it.
	setHeaders(w.Header(), [3]string{h.requestIDHeader, "Cache-Control", "Date"},
		[3]string{h.NewID("req_"), "no-store", h.Now().UTC().Format(http.TimeFormat)})
}

// setHeaders sets fields whose names are canonical, with one allocation for all.
func setHeaders(header http.Header, names [3]string, values [3]string) {
	for i, name := range names {
		header[name] = values[i : i+1 : i+1]
	}
}

// maxRoutable is longer than any path of the API, in bytes.
const maxRoutable = 8 << 10

// routable reports whether a request's path may be one of the API's. To a path that is not in its
// shortest form, the mux would respond with a redirect in HTML.
func routable(r *http.Request) bool {
	return len(r.URL.Path) <= maxRoutable && strings.HasPrefix(r.URL.Path, "/") && r.URL.Path == path.Clean(r.URL.Path)
}

func (h *Handler) recoverPanic(w http.ResponseWriter, r *http.Request) {
	failure := recover()
	if failure == nil {
		return
	}
	if failure == http.ErrAbortHandler {
		panic(failure)
	}
	h.Logger.ErrorContext(r.Context(), "panic", "request", w.Header().Get(h.Contract.RequestIDHeader), "method", r.Method, "route", r.Pattern, "panic", failure)
	refuse(codeInternalError, "The server failed; its log says why").write(w)
}

// page serves a page that needs no credential. Its requests are counted with the anonymous ones, and
// never refused.
func (h *Handler) page(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.count(w, anonymous)
		next.ServeHTTP(w, r)
	})
}

// noRoute responds for the paths and methods that the API does not have.
func (h *Handler) noRoute(w http.ResponseWriter, r *http.Request) {
	caller := h.caller(r)
	requests.Attribute(w, h.AppOf(r))
	if limited := h.limit(w, caller); limited != nil {
		limited.write(w)
		return
	}
	if h.UnknownRoute != nil {
		h.UnknownRoute(r)
	}
	allowed := h.allowedMethods(r)
	cannot := "Cannot " + cut(r.Method, maxName) + " " + cut(r.URL.Path, maxPath)
	if len(allowed) == 0 {
		refuse(codeNotFound, cannot+": there is no such path; "+h.whereToLook()).write(w)
		return
	}
	allow := strings.Join(allowed, ", ")
	w.Header().Set("Allow", allow)
	refuse(codeMethodNotAllowed, cannot+": this path takes "+allow).write(w)
}

// whereToLook says where the paths are documented. The document has the default contract.
func (h *Handler) whereToLook() string {
	if h.Contract == contract.Default() {
		return "GET /openapi.yaml describes those that there are"
	}
	return "GET /openapi.yaml describes those of the default contract, and this server speaks another"
}

// allowedMethods returns the methods that the path of a request has.
func (h *Handler) allowedMethods(r *http.Request) []string {
	if !routable(r) {
		return nil
	}
	methods := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	return slices.DeleteFunc(methods, func(method string) bool {
		probe := r.Clone(r.Context())
		probe.Method = method
		_, pattern := h.mux.Handler(probe)
		return pattern == "/"
	})
}
