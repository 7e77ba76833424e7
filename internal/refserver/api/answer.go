package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// An answer is the response: a status and a JSON body, ready to be sent once or more often.
type answer struct {
	status int
	body   []byte
}

func (a *answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a caller that has gone away needs no response
}

// httpError is a refusal that has to do with HTTP rather than with the program.
type httpError struct {
	code    program.ErrorCode
	message string
}

func (e *httpError) Error() string { return e.message }

type errorBody struct {
	StatusCode int               `json:"statusCode"`
	Code       program.ErrorCode `json:"code"`
	Message    any               `json:"message"` // a string, or the strings of a failed validation
	Error      string            `json:"error"`
}

// refuse responds with an error, under the status of its code.
func refuse(code program.ErrorCode, message any) *answer {
	status := statuses[code]
	body, _ := json.Marshal(errorBody{status, code, message, http.StatusText(status)}) // strings always encode
	return &answer{status: status, body: body}
}

// refusal is the response that an error gets.
func (h *Handler) refusal(r *http.Request, err error) *answer {
	var (
		refused  *httpError
		invalid  *program.Invalid
		conflict *program.Conflict
		missing  *program.NotFound
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

// result is the response to a request that succeeded.
func (h *Handler) result(r *http.Request, status int, body any) *answer {
	encoded, err := json.Marshal(body)
	if err != nil {
		return h.refusal(r, err)
	}
	return &answer{status: status, body: encoded}
}
