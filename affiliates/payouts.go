package affiliates

import (
	"encoding/json"
	"time"
)

// PayoutStatus is the state of a payout.
type PayoutStatus string

// The states of a payout. An admin changes them; a payout that is pending or processing can
// fail.
const (
	PayoutPending    PayoutStatus = "pending"
	PayoutProcessing PayoutStatus = "processing"
	PayoutPaid       PayoutStatus = "paid"
	PayoutFailed     PayoutStatus = "failed" // its money is ready again
)

// Payout is money that is paid to a partner, or was to be paid.
type Payout struct {
	ID            string          `json:"id"`
	Amount        Money           `json:"amount"` // all that was ready when it was requested
	Status        PayoutStatus    `json:"status"`
	Automatic     bool            `json:"automatic"` // made by the partner's schedule
	RequestedAt   time.Time       `json:"requestedAt"`
	ProcessingAt  time.Time       `json:"processingAt"`  // zero while pending
	PaidAt        time.Time       `json:"paidAt"`        // zero unless paid
	FailedAt      time.Time       `json:"failedAt"`      // zero unless failed
	FailureReason string          `json:"failureReason"` // of a failed payout, if the admin gave one
	Commissions   int             `json:"commissions"`   // commissions and clawbacks in it; list them with CommissionFilter.PayoutID
	AffiliateID   string          `json:"affiliateId"`   // the partner; only for an admin
	AffiliateCode string          `json:"affiliateCode"` // the partner's; only for an admin
	Raw           json.RawMessage `json:"-"`             // the payout as the server sent it
}

// UnmarshalJSON reads a payout and keeps the JSON in Raw.
func (p *Payout) UnmarshalJSON(data []byte) error {
	type plain Payout
	return decode(data, (*plain)(p), &p.Raw)
}

// PayoutFilter selects payouts and the page to read. The zero value selects all,
// newest first.
type PayoutFilter struct {
	Status PayoutStatus `url:"status,omitempty"` // all if empty
	Limit  int          `url:"limit,omitempty"`  // payouts in a page, 1 to 100; the server's default, 20, if 0
	Cursor string       `url:"cursor,omitempty"` // where to start: the Cursor of the page before
}

func (f *PayoutFilter) paging() (*int, *string) { return &f.Limit, &f.Cursor }
