package api

import (
	"errors"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// Codes of errors, for other handlers of the server that respond in the form of the API.
const (
	CodeBadRequest           = codeBadRequest
	CodeForbidden            = codeForbidden
	CodeNotFound             = codeNotFound
	CodeMethodNotAllowed     = codeMethodNotAllowed
	CodePayloadTooLarge      = codePayloadTooLarge
	CodeUnsupportedMediaType = codeUnsupportedMediaType
	CodeInternalError        = codeInternalError
)

// Refuse responds with an error, whose message is a string, or an array of strings.
func Refuse(w http.ResponseWriter, code program.ErrorCode, message any) {
	refuse(code, message).write(w)
}

// RefuseInvalid responds with the problems of a request, if that is what err has. It reports whether it
// is.
func RefuseInvalid(w http.ResponseWriter, err error) bool {
	invalid := new(program.Invalid)
	if !errors.As(err, &invalid) {
		return false
	}
	refuse(invalid.Code(), texts(invalid.Problems)).write(w)
	return true
}
