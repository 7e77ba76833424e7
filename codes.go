package stackbe

import "strings"

// Codes of errors, for [Error.Code]. The set is open: StackBE may send others,
// or none. Handle an error with an unknown code by its status, with [ErrNotFound]
// and similar.
//
// The reference server sends these codes, each with one status. StackBE marks the
// codes in the types of its official TypeScript SDK, which do not give their
// statuses: a missing customer was seen as 400. Contract marks the codes that this
// project named. docs/contract.md says when each is sent.
const (
	CodeBadRequest           = "BAD_REQUEST"             // Contract: 400, the request cannot be read
	CodeValidationError      = "VALIDATION_ERROR"        // StackBE: 400, fields or parameters are invalid; see Error.Details
	CodeMissingRequiredField = "MISSING_REQUIRED_FIELD"  // StackBE: 400, required fields are missing or empty, and nothing else is wrong
	CodeInvalidEmail         = "INVALID_EMAIL"           // StackBE: 400, an email is invalid, and nothing else is wrong
	CodeUnauthorized         = "UNAUTHORIZED"            // StackBE: 401, the credential is missing or unknown
	CodeSessionExpired       = "SESSION_EXPIRED"         // StackBE: 401, the customer has to sign in again
	CodeSessionInvalid       = "SESSION_INVALID"         // StackBE: 401, the token is not a session's
	CodeForbidden            = "FORBIDDEN"               // Contract: 403, the credential or the customer is of another app
	CodeLinkPeriodOver       = "LINK_PERIOD_OVER"        // Contract: 403, the customer signed up more than 7 days ago
	CodeOwnAccount           = "OWN_ACCOUNT"             // Contract: 403, the email is the partner's own
	CodeAccessNotGranted     = "ACCESS_NOT_GRANTED"      // Contract: 403, the user grants the partner no access
	CodeNotFound             = "NOT_FOUND"               // StackBE: 404, the API has no such path
	CodeAffiliateNotFound    = "AFFILIATE_NOT_FOUND"     // Contract: 404, the customer is not a partner, or the app has no such partner
	CodeApplicationNotFound  = "APPLICATION_NOT_FOUND"   // Contract: 404, the app has no such application
	CodeReferralCodeNotFound = "REFERRAL_CODE_NOT_FOUND" // Contract: 404, no partner has the referral code
	CodeCustomerNotFound     = "CUSTOMER_NOT_FOUND"      // StackBE: 404, the app, or the partner, has no such customer
	CodeSubscriptionNotFound = "SUBSCRIPTION_NOT_FOUND"  // StackBE: 404, the app has no such subscription
	CodeInvoiceNotFound      = "INVOICE_NOT_FOUND"       // Contract: 404, the app, or the partner's users, have no such invoice
	CodePayoutNotFound       = "PAYOUT_NOT_FOUND"        // Contract: 404, the app, or the partner, has no such payout
	CodeAccessNotFound       = "ACCESS_NOT_FOUND"        // Contract: 404, the customer was not asked for such access
	CodeMethodNotAllowed     = "METHOD_NOT_ALLOWED"      // Contract: 405, the path exists, the method does not
	CodeAlreadyExists        = "ALREADY_EXISTS"          // Contract: 409, the email has applied, the lead is known, or the email is a customer's, already
	CodeAlreadyReviewed      = "ALREADY_REVIEWED"        // Contract: 409, the application is approved or rejected already
	CodeReferralCodeInUse    = "REFERRAL_CODE_IN_USE"    // Contract: 409, another partner has the referral code
	CodeAlreadyAttributed    = "ALREADY_ATTRIBUTED"      // Contract: 409, the customer is a partner's already
	CodeAccessStatus         = "ACCESS_STATUS"           // Contract: 409, the step does not follow where the access stands
	CodePayoutOpen           = "PAYOUT_OPEN"             // Contract: 409, another payout is pending or processing
	CodePayoutStatus         = "PAYOUT_STATUS"           // Contract: 409, the step does not follow where the payout stands
	CodeSubscriptionCanceled = "SUBSCRIPTION_CANCELED"   // Contract: 409, a canceled subscription does not change
	CodeNotPaid              = "NOT_PAID"                // Contract: 409, the invoice was never paid
	CodeAlreadyPaid          = "ALREADY_PAID"            // Contract: 409, the invoice is paid, or was and is refunded
	CodeIdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED"  // Contract: 409, the key was used for another request
	CodePayloadTooLarge      = "PAYLOAD_TOO_LARGE"       // Contract: 413, the body is larger than 1 MiB
	CodeUnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE"  // Contract: 415, the body is not JSON
	CodePayoutBelowMinimum   = "PAYOUT_BELOW_MINIMUM"    // Contract: 422, too little is ready to be paid out; the message says how much is missing
	CodeRefundExceedsPayment = "REFUND_EXCEEDS_PAYMENT"  // Contract: 422, more than is left of the payment; the message says how much that is
	CodeRateLimited          = "RATE_LIMITED"            // Contract: 429; see Error.RetryAfter
	CodeInternalError        = "INTERNAL_ERROR"          // Contract: 500, the server failed
	CodeServiceUnavailable   = "SERVICE_UNAVAILABLE"     // Contract: 503, the request was canceled before it was carried out
)

const maxCode = 64 // bytes

// asCode returns code if it is one: short, and without characters that need
// escaping in a log or a label of a metric. A part of a code would be another
// code, so anything else is "".
func asCode(code string) string {
	if len(code) > maxCode || strings.ContainsFunc(code, notInCode) {
		return ""
	}
	return code
}

func notInCode(r rune) bool {
	letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	digit := '0' <= r && r <= '9'
	return !letter && !digit && !strings.ContainsRune("_-.", r)
}
