package delivery

import (
	"encoding/json"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// The data of StackBE's general events, which is in camelCase.
type (
	subscriptionData struct {
		Subscription subscription `json:"subscription"`
		Customer     customer     `json:"customer"`
		Plan         plan         `json:"plan"`
	}

	customerData struct {
		Customer customer `json:"customer"`
	}

	paymentData struct {
		Payment  payment  `json:"payment"`
		Customer customer `json:"customer"`
	}

	entitlementsData struct {
		Customer       customer `json:"customer"`
		Plan           plan     `json:"plan"`
		SubscriptionID string   `json:"subscriptionId"`
	}
)

type subscription struct {
	ID                string     `json:"id"`
	CustomerID        string     `json:"customerId"`
	PlanID            string     `json:"planId"`
	Status            string     `json:"status"`
	CurrentPeriodEnd  time.Time  `json:"currentPeriodEnd"`
	CancelAtPeriodEnd bool       `json:"cancelAtPeriodEnd"` // always false: a cancellation is at once
	TrialEnd          *time.Time `json:"trialEnd"`          // always null
	PausedAt          *time.Time `json:"pausedAt"`
	ResumesAt         *time.Time `json:"resumesAt"` // always null
}

type customer struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
}

type plan struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Entitlements struct{} `json:"entitlements"`
}

type payment struct {
	ID             string      `json:"id"` // the invoice's
	CustomerID     string      `json:"customerId"`
	SubscriptionID string      `json:"subscriptionId,omitempty"`
	Amount         json.Number `json:"amount"`
	Status         string      `json:"status"`
}

func (d subscriptionData) withID(id string) data { d.Subscription.ID = id; return d }

func (d customerData) withID(id string) data { d.Customer.ID = id; return d }

func (d paymentData) withID(id string) data { d.Payment.ID = id; return d }

func (d entitlementsData) withID(id string) data { d.SubscriptionID = id; return d }

func newSubscription(happened program.Event) subscriptionData {
	s := happened.Subscription
	made := subscriptionData{
		Subscription: subscription{
			ID:               s.ID,
			CustomerID:       s.CustomerID,
			PlanID:           string(s.Plan),
			Status:           string(s.Status),
			CurrentPeriodEnd: s.CurrentPeriodEnd(),
		},
		Customer: newCustomer(*happened.Customer),
		Plan:     plan{ID: string(s.Plan), Name: s.Plan.Name()},
	}
	if !s.PausedAt.IsZero() {
		pausedAt := s.PausedAt.UTC()
		made.Subscription.PausedAt = &pausedAt
	}
	return made
}

func newPayment(happened program.Event) paymentData {
	invoice := happened.Invoice
	amount, _ := invoice.Amount.MarshalJSON() // never fails
	return paymentData{
		Payment: payment{
			ID:             invoice.ID,
			CustomerID:     invoice.CustomerID,
			SubscriptionID: invoice.SubscriptionID,
			Amount:         json.Number(amount),
			Status:         string(invoice.Status),
		},
		Customer: newCustomer(*happened.Customer),
	}
}

func newCustomer(c program.Customer) customer {
	return customer{ID: c.ID, Email: c.Email, Name: c.Name}
}
