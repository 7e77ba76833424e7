package program

import "strings"

// A Problem is one thing that is wrong with an input. Its text completes a sentence that begins
// with the field, in the wording of NestJS's validator.
type Problem struct {
	Kind ProblemKind
	// Field is the path of the field, such as "levels.0.name"; empty where it is about no field.
	Field string
	Text  string
}

// ProblemKind is what is wrong, for a caller that reads no text.
type ProblemKind int

// The kinds of problems.
const (
	ProblemValue   ProblemKind = iota // the value of the field is unusable
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

// ErrorCode tells errors of one type apart, for a caller of the API. It is empty where no endpoint
// fails with the error.
type ErrorCode string

// The codes of a failed validation.
const (
	ErrorCodeValidation           ErrorCode = "VALIDATION_ERROR"
	ErrorCodeMissingRequiredField ErrorCode = "MISSING_REQUIRED_FIELD"
	ErrorCodeInvalidEmail         ErrorCode = "INVALID_EMAIL"
)

// What [Conflict], [NotFound] and [Unprocessable] may carry.
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
	ErrorCodePayoutBelowMinimum   ErrorCode = "PAYOUT_BELOW_MINIMUM"
	ErrorCodeRefundExceedsPayment ErrorCode = "REFUND_EXCEEDS_PAYMENT"
)

// Invalid says that the input cannot be used. It names every problem, not only the first.
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

// Code is that of the problems where they are all of a kind that has one.
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

// Conflict says that the input is fine by itself, but not with what the program already holds.
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

// Unprocessable says that there is not the money for what is asked. The message says how much there
// is.
type Unprocessable struct {
	Code    ErrorCode
	Message string
}

func (e *Unprocessable) Error() string { return e.Message }

// Expired says that what the input names has existed, and is no longer valid.
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
