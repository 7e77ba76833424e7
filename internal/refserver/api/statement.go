package api

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type entryBody struct {
	ID        string            `json:"id"`
	Sequence  int               `json:"sequence"`
	Kind      program.EntryKind `json:"kind"`
	Amount    program.Cents     `json:"amount"`
	From      string            `json:"from"`
	To        string            `json:"to"`
	Cause     causeBody         `json:"cause"`
	CreatedAt time.Time         `json:"createdAt"`
	Balances  balancesBody      `json:"balances"`
}

type causeBody struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

type balancesBody struct {
	Earned   program.Cents `json:"earned"`
	InReview program.Cents `json:"inReview"`
	Ready    program.Cents `json:"ready"`
	Debt     program.Cents `json:"debt"`
	InPayout program.Cents `json:"inPayout"`
	Paid     program.Cents `json:"paid"`
}

func toBalancesBody(balances program.Balances) balancesBody {
	return balancesBody{
		Earned:   balances.Earned,
		InReview: balances.InReview,
		Ready:    balances.Ready,
		Debt:     balances.Debt,
		InPayout: balances.InPayout,
		Paid:     balances.Paid,
	}
}

func toEntryBody(line program.StatementLine) entryBody {
	return entryBody{
		ID:        line.ID,
		Sequence:  line.Sequence,
		Kind:      line.Kind,
		Amount:    line.Amount,
		From:      line.From,
		To:        line.To,
		Cause:     causeBody{line.CauseType, line.Cause},
		CreatedAt: line.At,
		Balances:  toBalancesBody(line.Balances),
	}
}

func statement(c *call) (any, error) {
	read := c.listQuery()
	asked := read.page()
	if err := read.check(nil); err != nil {
		return nil, err
	}
	page, err := c.app.Statement(c.credential.CustomerID, asked)
	if err != nil {
		return nil, err
	}
	return toPageBody(c.list(), page, toEntryBody), nil
}
