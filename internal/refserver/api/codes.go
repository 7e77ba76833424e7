package api

import (
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// Codes of the errors that come from HTTP and not from the program.
const (
	codeBadRequest           program.ErrorCode = "BAD_REQUEST"
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

// statuses has the status of every code. Every error has one of these codes.
var statuses = map[program.ErrorCode]int{
	codeBadRequest:                        http.StatusBadRequest,
	program.ErrorCodeValidation:           http.StatusBadRequest,
	program.ErrorCodeMissingRequiredField: http.StatusBadRequest,
	program.ErrorCodeInvalidEmail:         http.StatusBadRequest,
	codeUnauthorized:                      http.StatusUnauthorized,
	codeSessionExpired:                    http.StatusUnauthorized,
	codeSessionInvalid:                    http.StatusUnauthorized,
	codeForbidden:                         http.StatusForbidden,
	program.ErrorCodeLinkPeriodOver:       http.StatusForbidden,
	program.ErrorCodeOwnAccount:           http.StatusForbidden,
	program.ErrorCodeAccessNotGranted:     http.StatusForbidden,
	codeNotFound:                          http.StatusNotFound,
	program.ErrorCodeAffiliateNotFound:    http.StatusNotFound,
	program.ErrorCodeApplicationNotFound:  http.StatusNotFound,
	program.ErrorCodeReferralCodeNotFound: http.StatusNotFound,
	program.ErrorCodeCustomerNotFound:     http.StatusNotFound,
	program.ErrorCodeSubscriptionNotFound: http.StatusNotFound,
	program.ErrorCodeInvoiceNotFound:      http.StatusNotFound,
	program.ErrorCodePayoutNotFound:       http.StatusNotFound,
	program.ErrorCodeAccessNotFound:       http.StatusNotFound,
	codeMethodNotAllowed:                  http.StatusMethodNotAllowed,
	program.ErrorCodeAlreadyExists:        http.StatusConflict,
	program.ErrorCodeAlreadyReviewed:      http.StatusConflict,
	program.ErrorCodeReferralCodeInUse:    http.StatusConflict,
	program.ErrorCodeAlreadyAttributed:    http.StatusConflict,
	program.ErrorCodeAccessStatus:         http.StatusConflict,
	program.ErrorCodePayoutOpen:           http.StatusConflict,
	program.ErrorCodePayoutStatus:         http.StatusConflict,
	program.ErrorCodeSubscriptionCanceled: http.StatusConflict,
	program.ErrorCodeNotPaid:              http.StatusConflict,
	program.ErrorCodeAlreadyPaid:          http.StatusConflict,
	codeIdempotencyKeyReused:              http.StatusConflict,
	codePayloadTooLarge:                   http.StatusRequestEntityTooLarge,
	codeUnsupportedMediaType:              http.StatusUnsupportedMediaType,
	program.ErrorCodePayoutBelowMinimum:   http.StatusUnprocessableEntity,
	program.ErrorCodeRefundExceedsPayment: http.StatusUnprocessableEntity,
	codeRateLimited:                       http.StatusTooManyRequests,
	codeInternalError:                     http.StatusInternalServerError,
	codeServiceUnavailable:                http.StatusServiceUnavailable,
}
