package program

import "strings"

// Invalid says that the input cannot be used. It names every problem, not only the first.
type Invalid struct {
	Code     ErrorCode // set by the API, which knows what was left out
	Problems []string
}

func (e *Invalid) Error() string { return strings.Join(e.Problems, "; ") }

// ErrorCode tells errors of one type apart, for a caller of the API. It is empty where no endpoint
// fails with the error.
type ErrorCode string

// What [Conflict] and [NotFound] may carry.
const (
	ErrorCodeAlreadyExists        ErrorCode = "ALREADY_EXISTS"
	ErrorCodeAlreadyReviewed      ErrorCode = "ALREADY_REVIEWED"
	ErrorCodeReferralCodeInUse    ErrorCode = "REFERRAL_CODE_IN_USE"
	ErrorCodeAffiliateNotFound    ErrorCode = "AFFILIATE_NOT_FOUND"
	ErrorCodeApplicationNotFound  ErrorCode = "APPLICATION_NOT_FOUND"
	ErrorCodeReferralCodeNotFound ErrorCode = "REFERRAL_CODE_NOT_FOUND"
)

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

// Expired says that what the input names has existed, and is no longer valid.
type Expired struct {
	Message string
}

func (e *Expired) Error() string { return e.Message }

func invalid(problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	return &Invalid{Problems: problems}
}
