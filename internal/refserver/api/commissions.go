package api

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type commissionBody struct {
	ID             string                   `json:"id"`
	UserID         string                   `json:"userId"`
	UserEmail      string                   `json:"userEmail"`
	SubscriptionID string                   `json:"subscriptionId,omitempty"`
	InvoiceID      string                   `json:"invoiceId"`
	Plan           program.PlanID           `json:"plan,omitempty"`
	Payment        program.Cents            `json:"payment"`
	Rate           program.BasisPoints      `json:"rate"`
	Amount         program.Cents            `json:"amount"`
	Status         program.CommissionStatus `json:"status"`
	CreatedAt      time.Time                `json:"createdAt"`
	ReadyAt        time.Time                `json:"readyAt,omitzero"`
	PayoutID       string                   `json:"payoutId,omitempty"`
	Reverses       string                   `json:"reverses,omitempty"`
}

func toCommissionBody(commission program.UserCommission) commissionBody {
	return commissionBody{
		ID:             commission.ID,
		UserID:         commission.CustomerID,
		UserEmail:      commission.UserEmail,
		SubscriptionID: commission.SubscriptionID,
		InvoiceID:      commission.InvoiceID,
		Plan:           commission.Plan,
		Payment:        commission.Payment,
		Rate:           commission.Rate,
		Amount:         commission.Amount,
		Status:         commission.Status,
		CreatedAt:      commission.CreatedAt,
		ReadyAt:        commission.ReadyAt,
		PayoutID:       commission.PayoutID,
		Reverses:       commission.Reverses,
	}
}

func listCommissions(c *call) (any, error) {
	read := c.listQuery()
	asked := program.CommissionQuery{
		Status:    program.CommissionStatus(read.text("status")),
		UserID:    read.text("userId"),
		Plan:      program.PlanID(read.text("plan")),
		PayoutID:  read.text("payoutId"),
		From:      read.time("from"),
		To:        read.time("to"),
		PageQuery: read.page(),
	}
	if err := read.check(asked.Problems()); err != nil {
		return nil, err
	}
	page, err := c.app.Commissions(c.credential.CustomerID, asked)
	if err != nil {
		return nil, err
	}
	return toPageBody(c.list(), page, toCommissionBody), nil
}

type summaryBody struct {
	MonthlyValue         program.Cents  `json:"monthlyValue"`
	MonthlyReferralValue program.Cents  `json:"monthlyReferralValue"`
	InReview             program.Cents  `json:"inReview"`
	Ready                program.Cents  `json:"ready"`
	Debt                 program.Cents  `json:"debt"`
	InPayout             program.Cents  `json:"inPayout"`
	Paid                 program.Cents  `json:"paid"`
	TotalEarned          program.Cents  `json:"totalEarned"`
	Subscriptions        planCountsBody `json:"subscriptions"`
}

type planCountsBody struct {
	Free       int `json:"free"`
	Pro        int `json:"pro"`
	Business   int `json:"business"`
	Enterprise int `json:"enterprise"`
}

func commissionSummary(c *call) (any, error) {
	summary, err := c.app.CommissionSummary(c.credential.CustomerID)
	if err != nil {
		return nil, err
	}
	return summaryBody{
		MonthlyValue:         summary.MonthlyValue,
		MonthlyReferralValue: summary.MonthlyReferralValue,
		InReview:             summary.Balances.InReview,
		Ready:                summary.Balances.Ready,
		Debt:                 summary.Balances.Debt,
		InPayout:             summary.Balances.InPayout,
		Paid:                 summary.Balances.Paid,
		TotalEarned:          summary.Balances.Earned,
		Subscriptions:        planCountsBody(summary.Subscriptions),
	}, nil
}

type earningSubscriptionBody struct {
	SubscriptionID    string                     `json:"subscriptionId"`
	Name              string                     `json:"name,omitempty"`
	UserID            string                     `json:"userId"`
	UserEmail         string                     `json:"userEmail"`
	Plan              program.PlanID             `json:"plan"`
	Status            program.SubscriptionStatus `json:"status"`
	Billing           program.Billing            `json:"billing"`
	MonthlyPrice      program.Cents              `json:"monthlyPrice"`
	CommissionRate    program.BasisPoints        `json:"commissionRate"`
	MonthlyCommission program.Cents              `json:"monthlyCommission"`
	Earned            program.Cents              `json:"earned"`
}

func toEarningSubscriptionBody(subscription program.EarningSubscription) earningSubscriptionBody {
	return earningSubscriptionBody{
		SubscriptionID:    subscription.ID,
		Name:              subscription.Name,
		UserID:            subscription.CustomerID,
		UserEmail:         subscription.UserEmail,
		Plan:              subscription.Plan,
		Status:            subscription.Status,
		Billing:           subscription.Billing,
		MonthlyPrice:      subscription.MonthlyPrice,
		CommissionRate:    subscription.CommissionRate,
		MonthlyCommission: subscription.MonthlyCommission,
		Earned:            subscription.Earned,
	}
}

func listEarningSubscriptions(c *call) (any, error) {
	read := c.listQuery()
	asked := read.page()
	if err := read.check(nil); err != nil {
		return nil, err
	}
	page, err := c.app.EarningSubscriptions(c.credential.CustomerID, asked)
	if err != nil {
		return nil, err
	}
	return toPageBody(c.list(), page, toEarningSubscriptionBody), nil
}
