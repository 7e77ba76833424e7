package program

import "strings"

// A Problem is one problem of an input. Its text completes a sentence that begins
// with the field, in the wording of NestJS's validator.
type Problem struct {
	Kind ProblemKind
	// Field is the path of the field, such as "levels.0.name"; empty if it is about no field.
	Field string
	Text  string
}

// ProblemKind is the kind of a problem, for a caller that does not read its text.
type ProblemKind int

// The kinds of problems.
const (
	ProblemValue   ProblemKind = iota // the value of the field is invalid
	ProblemMissing                    // the field is required, and empty
	ProblemEmail                      // the field is an email, and not a valid one
	ProblemUnknown                    // there is no such field
)

func (p Problem) String() string {
	switch {
	case p.Field == "":
		return p.Text
	case p.Kind == ProblemUnknown:
		return "property " + p.Field + " " + p.Text
	default:
		return p.Field + " " + p.Text
	}
}

// ErrorCode distinguishes errors of one type for callers of the API. It is empty if no endpoint
// returns the error.
type ErrorCode string

// The codes of a failed validation.
const (
	ErrorCodeValidation           ErrorCode = "VALIDATION_ERROR"
	ErrorCodeMissingRequiredField ErrorCode = "MISSING_REQUIRED_FIELD"
	ErrorCodeInvalidEmail         ErrorCode = "INVALID_EMAIL"
)

// The codes of [Conflict], [NotFound] and [Unprocessable].
const (
	ErrorCodeAlreadyExists        ErrorCode = "ALREADY_EXISTS"
	ErrorCodeAlreadyReviewed      ErrorCode = "ALREADY_REVIEWED"
	ErrorCodeReferralCodeInUse    ErrorCode = "REFERRAL_CODE_IN_USE"
	ErrorCodePayoutOpen           ErrorCode = "PAYOUT_OPEN"
	ErrorCodePayoutStatus         ErrorCode = "PAYOUT_STATUS"
	ErrorCodeSubscriptionCanceled ErrorCode = "SUBSCRIPTION_CANCELED"
	ErrorCodeNotPaid              ErrorCode = "NOT_PAID"
	ErrorCodeAlreadyPaid          ErrorCode = "ALREADY_PAID"
	ErrorCodeAffiliateNotFound    ErrorCode = "AFFILIATE_NOT_FOUND"
	ErrorCodeApplicationNotFound  ErrorCode = "APPLICATION_NOT_FOUND"
	ErrorCodeReferralCodeNotFound ErrorCode = "REFERRAL_CODE_NOT_FOUND"
	ErrorCodeCustomerNotFound     ErrorCode = "CUSTOMER_NOT_FOUND"
	ErrorCodeSubscriptionNotFound ErrorCode = "SUBSCRIPTION_NOT_FOUND"
	ErrorCodeInvoiceNotFound      ErrorCode = "INVOICE_NOT_FOUND"
	ErrorCodePayoutNotFound       ErrorCode = "PAYOUT_NOT_FOUND"
	ErrorCodeAccessNotFound       ErrorCode = "ACCESS_NOT_FOUND"
	ErrorCodeAlreadyAttributed    ErrorCode = "ALREADY_ATTRIBUTED"
	ErrorCodeAccessStatus         ErrorCode = "ACCESS_STATUS"
	ErrorCodePayoutBelowMinimum   ErrorCode = "PAYOUT_BELOW_MINIMUM"
	ErrorCodeRefundExceedsPayment ErrorCode = "REFUND_EXCEEDS_PAYMENT"
)

// The codes of [Forbidden].
const (
	ErrorCodeLinkPeriodOver   ErrorCode = "LINK_PERIOD_OVER"
	ErrorCodeOwnAccount       ErrorCode = "OWN_ACCOUNT"
	ErrorCodeAccessNotGranted ErrorCode = "ACCESS_NOT_GRANTED"
)

// Invalid says that the input is invalid. It has every problem, not only the first.
type Invalid struct {
	Problems []Problem
}

func (e *Invalid) Error() string {
	texts := make([]string, len(e.Problems))
	for i, problem := range e.Problems {
		texts[i] = problem.String()
	}
	return strings.Join(texts, "; ")
}

// Code returns the code of the problems if all are of a kind that has one.
func (e *Invalid) Code() ErrorCode {
	code := ErrorCode("")
	for _, problem := range e.Problems {
		if code != "" && problem.Kind.code() != code {
			return ErrorCodeValidation
		}
		code = problem.Kind.code()
	}
	return code
}

func (k ProblemKind) code() ErrorCode {
	switch k {
	case ProblemMissing:
		return ErrorCodeMissingRequiredField
	case ProblemEmail:
		return ErrorCodeInvalidEmail
	default:
		return ErrorCodeValidation
	}
}

// Conflict says that the input is valid, but conflicts with the state of the program.
type Conflict struct {
	Code    ErrorCode
	Message string
}

func (e *Conflict) Error() string { return e.Message }

// NotFound says that what the input names does not exist.
type NotFound struct {
	Code    ErrorCode
	Message string
}

func (e *NotFound) Error() string { return e.Message }

// Forbidden says that the request is not allowed in the present state.
type Forbidden struct {
	Code    ErrorCode
	Message string
}

func (e *Forbidden) Error() string { return e.Message }

// Unprocessable says that there is too little money for the request. The message says how much there
// is.
type Unprocessable struct {
	Code    ErrorCode
	Message string
}

func (e *Unprocessable) Error() string { return e.Message }

// Expired says that what the input names existed but is no longer valid.
type Expired struct {
	Message string
}

func (e *Expired) Error() string { return e.Message }

func invalid(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return &Invalid{Problems: problems}
}

func invalidField(field, text string) error {
	return &Invalid{Problems: []Problem{{Field: field, Text: text}}}
}
