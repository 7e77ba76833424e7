package affiliates

import (
	"encoding/json"
	"time"
)

// SubscriptionStatus is the condition of a subscription.
type SubscriptionStatus string

// The states of a subscription. It renews and is paid for in each but the last, which
// is final. Paused is a time and not a state; see [Subscription].
const (
	SubscriptionActive        SubscriptionStatus = "active"
	SubscriptionLimitExceeded SubscriptionStatus = "limit_exceeded" // more is used than the plan has
	SubscriptionError         SubscriptionStatus = "error"          // what it runs has failed
	SubscriptionCanceled      SubscriptionStatus = "canceled"
)

// Billing is who pays for a subscription.
type Billing string

// The ways to be billed. Only what is billed individually earns a commission.
const (
	BillingIndividual   Billing = "individual"   // the customer pays
	BillingConsolidated Billing = "consolidated" // someone pays for several customers
)

// PaymentMethod is whether a renewal can be charged.
type PaymentMethod string

// What comes of charging a renewal.
const (
	PaymentMethodValid    PaymentMethod = "valid"
	PaymentMethodDeclined PaymentMethod = "declined" // its invoice fails
)

// Subscription is a customer's subscription to a plan, of which it may have any number.
// It renews each month on the day of its creation, on the last day of a month that has
// no such day.
type Subscription struct {
	ID                 string             `json:"id"`
	CustomerID         string             `json:"customerId"` // in a partner's account, the user's id
	Plan               Plan               `json:"plan"`       // from the next renewal on, where it was changed
	Name               string             `json:"name"`       // to tell it from others; empty if it has none
	Status             SubscriptionStatus `json:"status"`
	Billing            Billing            `json:"billing"`
	MonthlyPrice       Money              `json:"monthlyPrice"`
	CurrentPeriodStart time.Time          `json:"currentPeriodStart"`
	CurrentPeriodEnd   time.Time          `json:"currentPeriodEnd"` // when it renews
	CreatedAt          time.Time          `json:"createdAt"`
	CanceledAt         time.Time          `json:"canceledAt"` // zero unless canceled
	PausedAt           time.Time          `json:"pausedAt"`   // zero unless paused; it does not renew meanwhile
	PaymentMethod      PaymentMethod      `json:"paymentMethod"`

	// In a partner's account: what a payment earns at the present rate. Both are zero
	// elsewhere.
	CommissionRate    Percent `json:"commissionRate"`
	MonthlyCommission Money   `json:"monthlyCommission"` // 0 for one that earns nothing

	Raw json.RawMessage `json:"-"` // the subscription as the server sent it
}

// UnmarshalJSON reads a subscription and keeps the JSON in Raw.
func (s *Subscription) UnmarshalJSON(data []byte) error {
	type plain Subscription
	return decode(data, (*plain)(s), &s.Raw)
}
