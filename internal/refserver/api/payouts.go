package api

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type payoutBody struct {
	ID            string               `json:"id"`
	Amount        program.Cents        `json:"amount"`
	Status        program.PayoutStatus `json:"status"`
	Automatic     bool                 `json:"automatic"`
	RequestedAt   time.Time            `json:"requestedAt"`
	ProcessingAt  time.Time            `json:"processingAt,omitzero"`
	PaidAt        time.Time            `json:"paidAt,omitzero"`
	FailedAt      time.Time            `json:"failedAt,omitzero"`
	FailureReason string               `json:"failureReason,omitempty"`
	Commissions   int                  `json:"commissions"`
	AffiliateID   string               `json:"affiliateId,omitempty"` // for an admin
	AffiliateCode string               `json:"affiliateCode,omitempty"`
}

func toPayoutBody(payout program.Payout) payoutBody {
	return payoutBody{
		ID:            payout.ID,
		Amount:        payout.Amount,
		Status:        payout.Status,
		Automatic:     payout.Automatic,
		RequestedAt:   payout.RequestedAt,
		ProcessingAt:  payout.ProcessingAt,
		PaidAt:        payout.PaidAt,
		FailedAt:      payout.FailedAt,
		FailureReason: payout.FailureReason,
		Commissions:   payout.Commissions,
	}
}

func toPartnerPayoutBody(payout program.PartnerPayout) payoutBody {
	body := toPayoutBody(payout.Payout)
	body.AffiliateID, body.AffiliateCode = payout.AffiliateID, payout.AffiliateCode
	return body
}

func payoutQuery(c *call) (program.PayoutQuery, error) {
	read := c.listQuery()
	asked := program.PayoutQuery{Status: program.PayoutStatus(read.text("status")), PageQuery: read.page()}
	return asked, read.check(asked.Problems())
}

func listPayouts(c *call) (any, error) {
	asked, err := payoutQuery(c)
	if err != nil {
		return nil, err
	}
	page, err := c.app.PartnerPayouts(c.credential.CustomerID, asked)
	if err != nil {
		return nil, err
	}
	return toPageBody(c.list(), page, toPayoutBody), nil
}

func getPayout(c *call) (any, error) {
	payout, err := c.app.PartnerPayout(c.credential.CustomerID, c.request.PathValue("payoutID"))
	if err != nil {
		return nil, err
	}
	return toPayoutBody(payout), nil
}

func requestPayout(c *call) (any, error) {
	if err := c.noFields(); err != nil {
		return nil, err
	}
	payout, err := c.app.RequestPayout(c.credential.CustomerID)
	if err != nil {
		return nil, err
	}
	return toPayoutBody(payout), nil
}

func listAllPayouts(c *call) (any, error) {
	asked, err := payoutQuery(c)
	if err != nil {
		return nil, err
	}
	page, err := c.app.Payouts(asked)
	if err != nil {
		return nil, err
	}
	return toPageBody(c.list(), page, toPartnerPayoutBody), nil
}

func getAnyPayout(c *call) (any, error) {
	payout, err := c.app.Payout(c.request.PathValue("payoutID"))
	if err != nil {
		return nil, err
	}
	return toPartnerPayoutBody(payout), nil
}

func movePayout(c *call) (any, error) {
	body, err := c.fields()
	if err != nil {
		return nil, err
	}
	step := program.PayoutStep{Status: program.PayoutStatus(body.text("status")), FailureReason: body.text("failureReason")}
	if err := body.check(step.Problems()); err != nil {
		return nil, err
	}
	payout, err := c.app.MovePayout(c.request.PathValue("payoutID"), step)
	if err != nil {
		return nil, err
	}
	return toPartnerPayoutBody(payout), nil
}
