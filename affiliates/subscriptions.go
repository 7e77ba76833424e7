package affiliates

import (
	"encoding/json"
	"time"
)

// SubscriptionStatus is the state of a subscription.
type SubscriptionStatus string

// The states of a subscription. It renews and is paid for in each except the last,
// which is final. A pause is a time, not a state; see [Subscription].
const (
	SubscriptionActive        SubscriptionStatus = "active"
	SubscriptionLimitExceeded SubscriptionStatus = "limit_exceeded" // the usage exceeds the plan
	SubscriptionError         SubscriptionStatus = "error"          // what it runs has failed
	SubscriptionCanceled      SubscriptionStatus = "canceled"
)

// Billing is who pays for a subscription.
type Billing string

// The ways of billing. Only payments billed individually earn a commission.
const (
	BillingIndividual   Billing = "individual"   // the customer pays
	BillingConsolidated Billing = "consolidated" // someone else pays for several customers
)

// PaymentMethod says whether a subscription can be charged: each time, the first included.
type PaymentMethod string

// The results of a charge.
const (
	PaymentMethodValid    PaymentMethod = "valid"
	PaymentMethodDeclined PaymentMethod = "declined" // each charge fails, the first included
)

// Subscription is a customer's subscription to a plan. A customer may have any number. A
// subscription renews each month on the day of its creation, or on the last day of a month
// that has no such day.
type Subscription struct {
	ID                 string             `json:"id"`
	CustomerID         string             `json:"customerId"` // in a partner's account, the user's id
	Plan               Plan               `json:"plan"`       // a change is charged from the next renewal on
	Name               string             `json:"name"`       // for display; empty if it has none
	Status             SubscriptionStatus `json:"status"`
	Billing            Billing            `json:"billing"`
	MonthlyPrice       Money              `json:"monthlyPrice"` // of the plan at present: what the next renewal costs
	CurrentPeriodStart time.Time          `json:"currentPeriodStart"`
	CurrentPeriodEnd   time.Time          `json:"currentPeriodEnd"` // when it renews
	CreatedAt          time.Time          `json:"createdAt"`
	CanceledAt         time.Time          `json:"canceledAt"` // zero unless canceled
	PausedAt           time.Time          `json:"pausedAt"`   // zero unless paused; a paused subscription does not renew
	PaymentMethod      PaymentMethod      `json:"paymentMethod"`

	// In a partner's account: what a payment earns at the present rate. Both are zero
	// elsewhere.
	CommissionRate    Percent `json:"commissionRate"`
	MonthlyCommission Money   `json:"monthlyCommission"` // 0 if it earns nothing, such as while its payment method is declined

	Raw json.RawMessage `json:"-"` // the subscription as the server sent it
}

// UnmarshalJSON reads a subscription and keeps the JSON in Raw.
func (s *Subscription) UnmarshalJSON(data []byte) error {
	type plain Subscription
	return decode(data, (*plain)(s), &s.Raw)
}
