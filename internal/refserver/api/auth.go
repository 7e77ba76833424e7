package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// A caller is who sends a request, by its credential.
type caller struct {
	token      string
	credential directory.Credential
	err        error // why there is no credential
}

// anonymous stands for all callers without a valid credential.
var anonymous = caller{}

var errMissing = errors.New("no credential")

// identify finds the credential of a request for an endpoint that takes the kind.
func (h *Handler) identify(r *http.Request, kind directory.Kind) caller {
	token := h.presented(r, kind)
	if token == "" {
		return caller{err: errMissing}
	}
	credential, err := h.Directory.Find(token)
	if err != nil {
		return caller{err: err}
	}
	return caller{token: token, credential: credential}
}

// caller returns the caller of a request that matches no endpoint.
func (h *Handler) caller(r *http.Request) caller {
	if byKey := h.identify(r, directory.APIKey); byKey.err == nil {
		return byKey
	}
	return h.identify(r, directory.Session)
}

// AppOf returns the app that a request has a credential of, of any kind; empty if it has none.
func (h *Handler) AppOf(r *http.Request) string {
	for _, kind := range []directory.Kind{directory.APIKey, directory.Session, directory.Admin} {
		if found := h.identify(r, kind); found.err == nil {
			return found.credential.AppID
		}
	}
	return ""
}

// presented returns the token in the header of a kind: after Bearer in Authorization, alone in other headers.
func (h *Handler) presented(r *http.Request, kind directory.Kind) string {
	name := h.carrier(kind)
	if !strings.EqualFold(name, "Authorization") {
		return r.Header.Get(name)
	}
	scheme, token, _ := strings.Cut(r.Header.Get(name), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

func (h *Handler) carrier(kind directory.Kind) string {
	switch kind {
	case directory.APIKey:
		return h.Contract.APIKeyHeader
	case directory.Admin:
		return h.Contract.AdminHeader
	default:
		return h.Contract.SessionHeader
	}
}

// authorize checks that a caller may use an endpoint, and returns the caller's app.
func (h *Handler) authorize(r *http.Request, needs directory.Kind, caller caller) (*program.Program, error) {
	app := h.Directory.App(caller.credential.AppID) // nil if a document was restored just now
	if caller.err != nil || caller.credential.Kind != needs || app == nil {
		return nil, &httpError{unauthorizedCode(needs, caller), h.unauthorized(needs, caller)}
	}
	appID := r.PathValue("appID")
	if needs != directory.Admin || appID == caller.credential.AppID {
		return app, nil
	}
	// The same for an app that does not exist, so that the response does not reveal which apps do.
	return nil, &httpError{codeForbidden, "This admin token is for another app"}
}

// unauthorizedCode has a code of its own for a session only if the endpoint takes one: elsewhere a
// new session would not help.
func unauthorizedCode(needs directory.Kind, caller caller) program.ErrorCode {
	switch {
	case needs != directory.Session || errors.Is(caller.err, errMissing):
		return codeUnauthorized
	case errors.Is(caller.err, directory.ErrExpired):
		return codeSessionExpired
	default:
		return codeSessionInvalid
	}
}

func (h *Handler) unauthorized(needs directory.Kind, caller caller) string {
	expected := fmt.Sprintf("this endpoint needs a valid %s in %s", needs, h.carrier(needs))
	if strings.EqualFold(h.carrier(needs), "Authorization") {
		expected = fmt.Sprintf("this endpoint needs a valid %s as Authorization: Bearer", needs)
	}
	switch {
	case errors.Is(caller.err, errMissing):
		return "The credential is missing: " + expected
	case errors.Is(caller.err, directory.ErrExpired):
		return "The credential has expired: " + expected
	case caller.err != nil && needs == directory.Session:
		return "The credential is unknown, or it expired more than 30 days ago: " + expected
	case caller.err != nil:
		return "The credential is unknown: " + expected
	default:
		return fmt.Sprintf("The credential is of another kind (%s): %s", caller.credential.Kind, expected)
	}
}
