package api

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type entryBody struct {
	ID        string            `json:"id"`
	Sequence  int               `json:"sequence"`
	Kind      program.EntryKind `json:"kind"`
	Amount    hundredths        `json:"amount"`
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
	Earned   hundredths `json:"earned"`
	InReview hundredths `json:"inReview"`
	Ready    hundredths `json:"ready"`
	Debt     hundredths `json:"debt"`
	InPayout hundredths `json:"inPayout"`
	Paid     hundredths `json:"paid"`
}

func toBalancesBody(balances program.Balances) balancesBody {
	return balancesBody{
		Earned:   hundredths(balances.Earned),
		InReview: hundredths(balances.InReview),
		Ready:    hundredths(balances.Ready),
		Debt:     hundredths(balances.Debt),
		InPayout: hundredths(balances.InPayout),
		Paid:     hundredths(balances.Paid),
	}
}

func toEntryBody(line program.StatementLine) entryBody {
	return entryBody{
		ID:        line.ID,
		Sequence:  line.Sequence,
		Kind:      line.Kind,
		Amount:    hundredths(line.Amount),
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
