package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// A response is a status and a JSON body. It can be sent more than once.
type response struct {
	status int
	body   []byte
}

func (r *response) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // a disconnected caller needs no response
}

// httpError is a refusal because of HTTP, not of the program.
type httpError struct {
	code    program.ErrorCode
	message string
}

func (e *httpError) Error() string { return e.message }

type errorBody struct {
	StatusCode int               `json:"statusCode"`
	Code       program.ErrorCode `json:"code"`
	Message    any               `json:"message"` // a string, or an array of them for a failed validation
	Error      string            `json:"error"`
}

// refuse returns the response for an error code, with the status of the code.
func refuse(code program.ErrorCode, message any) *response {
	status := statuses[code]
	body, _ := json.Marshal(errorBody{status, code, message, http.StatusText(status)}) // strings always encode
	return &response{status: status, body: body}
}

// refusal returns the response for an error.
func (h *Handler) refusal(r *http.Request, err error) *response {
	var (
		refused  *httpError
		invalid  *program.Invalid
		conflict *program.Conflict
		missing  *program.NotFound
		denied   *program.Forbidden
		short    *program.Unprocessable
	)
	switch {
	case errors.As(err, &refused):
		return refuse(refused.code, refused.message)
	case errors.As(err, &invalid):
		return refuse(invalid.Code(), texts(invalid.Problems))
	case errors.As(err, &conflict):
		return refuse(conflict.Code, conflict.Message)
	case errors.As(err, &missing):
		return refuse(missing.Code, missing.Message)
	case errors.As(err, &denied):
		return refuse(denied.Code, denied.Message)
	case errors.As(err, &short):
		return refuse(short.Code, short.Message)
	}
	h.Logger.ErrorContext(r.Context(), "unexpected error", "route", r.Pattern, "error", err)
	return refuse(codeInternalError, "The server failed; its log says why")
}

func texts(problems []program.Problem) []string {
	all := make([]string, len(problems))
	for i, problem := range problems {
		all[i] = problem.String()
	}
	return all
}

// result returns the response to a successful request.
func (h *Handler) result(r *http.Request, status int, body any) *response {
	encoded, err := json.Marshal(body)
	if err != nil {
		return h.refusal(r, err)
	}
	return &response{status: status, body: encoded}
}
