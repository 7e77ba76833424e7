package api

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type subscriptionBody struct {
	ID                 string                     `json:"id"`
	CustomerID         string                     `json:"customerId"`
	Plan               program.PlanID             `json:"plan"`
	Name               string                     `json:"name,omitempty"`
	Status             program.SubscriptionStatus `json:"status"`
	Billing            program.Billing            `json:"billing"`
	MonthlyPrice       program.Cents              `json:"monthlyPrice"`
	CurrentPeriodStart time.Time                  `json:"currentPeriodStart"`
	CurrentPeriodEnd   time.Time                  `json:"currentPeriodEnd"`
	CreatedAt          time.Time                  `json:"createdAt"`
	CanceledAt         time.Time                  `json:"canceledAt,omitzero"`
	PausedAt           time.Time                  `json:"pausedAt,omitzero"`
	PaymentMethod      program.PaymentMethod      `json:"paymentMethod"`
}

func toSubscriptionBody(subscription program.PricedSubscription) subscriptionBody {
	return subscriptionBody{
		ID:                 subscription.ID,
		CustomerID:         subscription.CustomerID,
		Plan:               subscription.Plan,
		Name:               subscription.Name,
		Status:             subscription.Status,
		Billing:            subscription.Billing,
		MonthlyPrice:       subscription.MonthlyPrice,
		CurrentPeriodStart: subscription.CurrentPeriodStart(),
		CurrentPeriodEnd:   subscription.CurrentPeriodEnd(),
		CreatedAt:          subscription.CreatedAt,
		CanceledAt:         subscription.CanceledAt,
		PausedAt:           subscription.PausedAt,
		PaymentMethod:      subscription.PaymentMethod,
	}
}

func listSubscriptions(c *call) (any, error) {
	read := c.listQuery()
	asked := program.SubscriptionQuery{CustomerID: read.text("customerId"), PageQuery: read.page()}
	if err := read.check(nil); err != nil {
		return nil, err
	}
	page, err := c.app.Subscriptions(asked)
	if err != nil {
		return nil, err
	}
	return toPageBody(c.list(), page, toSubscriptionBody), nil
}

func getSubscription(c *call) (any, error) {
	subscription, err := c.app.Subscription(c.request.PathValue("subscriptionID"))
	if err != nil {
		return nil, err
	}
	return toSubscriptionBody(subscription), nil
}

func createSubscription(c *call) (any, error) {
	body, err := c.fields()
	if err != nil {
		return nil, err
	}
	params := program.SubscriptionParams{
		CustomerID:    body.text("customerId"),
		Plan:          program.PlanID(body.text("plan")),
		Billing:       program.Billing(body.text("billing")),
		Name:          body.text("name"),
		PaymentMethod: program.PaymentMethod(body.text("paymentMethod")),
	}
	if err := body.check(params.Problems()); err != nil {
		return nil, err
	}
	subscription, err := c.app.Subscribe(params)
	if err != nil {
		return nil, err
	}
	return toSubscriptionBody(subscription), nil
}

func updateSubscription(c *call) (any, error) {
	body, err := c.fields()
	if err != nil {
		return nil, err
	}
	change := program.SubscriptionChange{
		Plan:          program.PlanID(body.text("plan")),
		Status:        program.SubscriptionStatus(body.text("status")),
		Billing:       program.Billing(body.text("billing")),
		PaymentMethod: program.PaymentMethod(body.text("paymentMethod")),
		Paused:        body.boolean("paused"),
	}
	if err := body.check(change.Problems()); err != nil {
		return nil, err
	}
	subscription, err := c.app.UpdateSubscription(c.request.PathValue("subscriptionID"), change)
	if err != nil {
		return nil, err
	}
	return toSubscriptionBody(subscription), nil
}

type userSubscriptionBody struct {
	subscriptionBody
	CommissionRate    program.BasisPoints `json:"commissionRate"`
	MonthlyCommission program.Cents       `json:"monthlyCommission"`
}

func toUserSubscriptionBody(subscription program.EarningSubscription) userSubscriptionBody {
	return userSubscriptionBody{
		subscriptionBody:  toSubscriptionBody(subscription.PricedSubscription),
		CommissionRate:    subscription.CommissionRate,
		MonthlyCommission: subscription.MonthlyCommission,
	}
}

func listUserSubscriptions(c *call) (any, error) {
	read := c.listQuery()
	asked := read.page()
	if err := read.check(nil); err != nil {
		return nil, err
	}
	page, err := c.app.UserSubscriptions(c.credential.CustomerID, c.request.PathValue("userID"), asked)
	if err != nil {
		return nil, err
	}
	return toPageBody(c.list(), page, toUserSubscriptionBody), nil
}
