package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// Codes of the errors that the program knows nothing of.
const (
	codeBadRequest           program.ErrorCode = "BAD_REQUEST"
	codeValidationError      program.ErrorCode = "VALIDATION_ERROR"
	codeMissingRequiredField program.ErrorCode = "MISSING_REQUIRED_FIELD"
	codeInvalidEmail         program.ErrorCode = "INVALID_EMAIL"
	codeUnauthorized         program.ErrorCode = "UNAUTHORIZED"
	codeSessionExpired       program.ErrorCode = "SESSION_EXPIRED"
	codeSessionInvalid       program.ErrorCode = "SESSION_INVALID"
	codeForbidden            program.ErrorCode = "FORBIDDEN"
	codeNotFound             program.ErrorCode = "NOT_FOUND"
	codeMethodNotAllowed     program.ErrorCode = "METHOD_NOT_ALLOWED"
	codeIdempotencyKeyReused program.ErrorCode = "IDEMPOTENCY_KEY_REUSED"
	codePayloadTooLarge      program.ErrorCode = "PAYLOAD_TOO_LARGE"
	codeUnsupportedMediaType program.ErrorCode = "UNSUPPORTED_MEDIA_TYPE"
	codeRateLimited          program.ErrorCode = "RATE_LIMITED"
	codeInternalError        program.ErrorCode = "INTERNAL_ERROR"
	codeServiceUnavailable   program.ErrorCode = "SERVICE_UNAVAILABLE"
)

// statuses has the status of every code. No error is sent without one of these.
var statuses = map[program.ErrorCode]int{
	codeBadRequest:                        http.StatusBadRequest,
	codeValidationError:                   http.StatusBadRequest,
	codeMissingRequiredField:              http.StatusBadRequest,
	codeInvalidEmail:                      http.StatusBadRequest,
	codeUnauthorized:                      http.StatusUnauthorized,
	codeSessionExpired:                    http.StatusUnauthorized,
	codeSessionInvalid:                    http.StatusUnauthorized,
	codeForbidden:                         http.StatusForbidden,
	codeNotFound:                          http.StatusNotFound,
	program.ErrorCodeAffiliateNotFound:    http.StatusNotFound,
	program.ErrorCodeApplicationNotFound:  http.StatusNotFound,
	program.ErrorCodeReferralCodeNotFound: http.StatusNotFound,
	codeMethodNotAllowed:                  http.StatusMethodNotAllowed,
	program.ErrorCodeAlreadyExists:        http.StatusConflict,
	program.ErrorCodeAlreadyReviewed:      http.StatusConflict,
	program.ErrorCodeReferralCodeInUse:    http.StatusConflict,
	codeIdempotencyKeyReused:              http.StatusConflict,
	codePayloadTooLarge:                   http.StatusRequestEntityTooLarge,
	codeUnsupportedMediaType:              http.StatusUnsupportedMediaType,
	codeRateLimited:                       http.StatusTooManyRequests,
	codeInternalError:                     http.StatusInternalServerError,
	codeServiceUnavailable:                http.StatusServiceUnavailable,
}

// validationCode is the code of a failed validation: of what is wrong with the form of the fields,
// and with their values. given reports whether the request has a field or parameter.
func validationCode(form, values []string, given func(name string) bool) program.ErrorCode {
	field := func(problem string) string {
		path, _, _ := strings.Cut(problem, " ")
		name, _, _ := strings.Cut(path, ".")
		return name
	}
	empty := func(problem string) bool { return strings.HasSuffix(problem, " should not be empty") }
	missing := func(problem string) bool { return empty(problem) || !given(field(problem)) }
	ofEmail := func(problem string) bool { return field(problem) == "email" || field(problem) == "leadEmail" }
	switch {
	case all(form, empty) && all(values, missing):
		return codeMissingRequiredField
	case len(form) == 0 && all(values, ofEmail):
		return codeInvalidEmail
	default:
		return codeValidationError
	}
}

func all(problems []string, are func(problem string) bool) bool {
	return !slices.ContainsFunc(problems, func(problem string) bool { return !are(problem) })
}
