// Package control serves the control API of a reference server, under /_mock/: its sessions, clock,
// faults, requests, deliveries and state, for tests in any language. docs/contract.md describes it.
package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/api"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// Prefix is that of every path of the control API.
const Prefix = "/_mock/"

// Config configures a control API. Every field is required.
type Config struct {
	Server *refserver.Server
	// Initial is the state that a reset returns to.
	Initial refserver.Document
	Access  Access
	// Logger logs unexpected errors.
	Logger *slog.Logger
}

type control struct {
	Config
	mux *http.ServeMux
}

// New returns the handler of the paths under [Prefix].
func New(config Config) http.Handler {
	c := &control{Config: config, mux: http.NewServeMux()}
	for pattern, handle := range map[string]func(*http.Request) (status int, body any, err error){
		"GET health":                          health,
		"POST sessions":                       c.createSession,
		"GET clock":                           c.getClock,
		"POST clock":                          c.moveClock,
		"GET faults":                          c.faults,
		"POST faults":                         c.addFault,
		"DELETE faults":                       c.clearFaults,
		"DELETE faults/{faultID}":             c.removeFault,
		"GET requests":                        c.requests,
		"DELETE requests":                     c.clearRequests,
		"GET deliveries":                      c.deliveries,
		"POST deliveries/{eventID}/redeliver": c.redeliver,
		"GET snapshot":                        c.snapshot,
		"PUT snapshot":                        c.restore,
		"POST reset":                          c.reset,
	} {
		method, route, _ := strings.Cut(pattern, " ")
		c.mux.Handle(method+" "+Prefix+route, c.respond(handle))
	}
	c.mux.HandleFunc("/", c.noRoute)

	guarded, healthy := Guard(config.Access, "", refuseOtherSites(c.mux)), c.respond(health)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == Prefix+"health" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
			healthy.ServeHTTP(w, r) // for everyone: it tells nothing, and changes nothing
		case !isClean(r):
			c.noRoute(w, r)
		default:
			guarded.ServeHTTP(w, r)
		}
	})
}

// isClean reports whether the path is in its shortest form. For others, the mux would redirect.
func isClean(r *http.Request) bool { return r.URL.Path == path.Clean(r.URL.Path) }

// health is for a container's health check.
func health(*http.Request) (int, any, error) {
	return http.StatusOK, map[string]string{"status": "ok"}, nil
}

// A refusal is an error with a code of the API.
type refusal struct {
	code    program.ErrorCode
	message string
}

func (r *refusal) Error() string { return r.message }

func (c *control) respond(handle func(*http.Request) (status int, body any, err error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		// A response may wait for the receivers of many events. Some writers have no deadline.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		status, body, err := handle(r)
		if err != nil {
			c.refuse(w, r, err)
			return
		}
		if body == nil {
			w.WriteHeader(status)
			return
		}
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(body); err != nil {
			c.refuse(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		_, _ = text.WriteTo(w) // a disconnected caller needs no response
	})
}

func (c *control) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if refused := new(refusal); errors.As(err, &refused) {
		api.Refuse(w, refused.code, refused.message)
		return
	}
	if api.RefuseInvalid(w, err) {
		return
	}
	c.Logger.ErrorContext(r.Context(), "unexpected error", "route", r.Pattern, "error", err)
	api.Refuse(w, api.CodeInternalError, "The server failed; its log says why")
}

// noRoute responds for the paths and methods that the control API does not have.
func (c *control) noRoute(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete} {
		probe := r.Clone(r.Context())
		probe.Method = method
		if _, pattern := c.mux.Handler(probe); isClean(r) && pattern != "/" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		api.Refuse(w, api.CodeNotFound, "The control API has no such path; GET /openapi.yaml describes those that there are")
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	api.Refuse(w, api.CodeMethodNotAllowed, "This path takes "+strings.Join(allowed, ", "))
}
