package api

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type dealBody struct {
	ID        string             `json:"id"`
	LeadEmail string             `json:"leadEmail"`
	LeadName  string             `json:"leadName"`
	Notes     string             `json:"notes,omitempty"`
	Status    program.DealStatus `json:"status"`
	CreatedAt time.Time          `json:"createdAt"`
}

func toDealBody(deal program.Deal) dealBody {
	return dealBody{
		ID:        deal.ID,
		LeadEmail: deal.LeadEmail,
		LeadName:  deal.LeadName,
		Notes:     deal.Notes,
		Status:    deal.Status,
		CreatedAt: deal.CreatedAt,
	}
}

func listDeals(c *call) (any, error) {
	read := c.listQuery()
	query := program.DealQuery{Status: program.DealStatus(read.text("status")), PageQuery: read.page()}
	if err := read.check(query.Problems()); err != nil {
		return nil, err
	}
	page, err := c.app.Deals(c.credential.CustomerID, query)
	if err != nil {
		return nil, err
	}
	return toPageBody(c.list(), page, toDealBody), nil
}

func registerDeal(c *call) (any, error) {
	body, err := c.fields()
	if err != nil {
		return nil, err
	}
	params := program.DealParams{
		LeadEmail: body.text("leadEmail"),
		LeadName:  body.text("leadName"),
		Notes:     body.text("notes"),
	}
	if err := body.check(params.Problems()); err != nil {
		return nil, err
	}
	deal, err := c.app.RegisterDeal(c.credential.CustomerID, params)
	if err != nil {
		return nil, err
	}
	return toDealBody(deal), nil
}
