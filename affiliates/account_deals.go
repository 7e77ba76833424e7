package affiliates

import (
	"context"
	"io"
	"iter"
	"time"

	"github.com/stackbe/stackbe-go/internal/csvtable"
	"github.com/stackbe/stackbe-go/internal/transport"
)

// AccountDeals reads the leads that a partner has registered with [Service.RegisterDeal].
type AccountDeals struct{ service *Service }

// DealFilter selects deals and the page to read. The zero value selects all, newest
// first.
type DealFilter struct {
	Status DealStatus `url:"status,omitempty"` // all if empty
	Limit  int        `url:"limit,omitempty"`  // deals in a page, 1 to 100; the server's default, 20, if 0
	Cursor string     `url:"cursor,omitempty"` // where to start: the Cursor of the page before
}

func (f *DealFilter) paging() (*int, *string) { return &f.Limit, &f.Cursor }

// List returns one page of the partner's deals, newest first. Use [AccountDeals.All] to go
// through all pages. Its path and names are those of stackbe.Contract. For an unknown Status
// it returns an error matching stackbe.ErrBadRequest, with Details.
//
// Contract: GET /v1/affiliate/deals (session)
func (d AccountDeals) List(ctx context.Context, filter DealFilter) (*Page[Deal], error) {
	to := transport.Call{Route: routeDeals, Credential: transport.Session}
	return list[Deal](ctx, d.service, to, filter, token("Status", string(filter.Status)))
}

// All goes through all deals that filter selects, as [Service.Applications] does.
//
// Contract: GET /v1/affiliate/deals (session)
func (d AccountDeals) All(ctx context.Context, filter DealFilter) iter.Seq2[*Deal, error] {
	return all(ctx, d.service, routeDeals, filter, d.List)
}

// WriteCSV writes all deals that filter selects to w, as [AccountCommissions.WriteCSV] does.
//
// Contract: GET /v1/affiliate/deals (session)
func (d AccountDeals) WriteCSV(ctx context.Context, w io.Writer, filter DealFilter) error {
	return writeCSV(ctx, d.service, w, dealColumns, routeDeals, filter, d.List)
}

var dealColumns = []csvtable.Column[Deal]{
	csvtable.Text("ID", func(d *Deal) string { return d.ID }),
	csvtable.Text("Lead email", func(d *Deal) string { return d.LeadEmail }),
	csvtable.Text("Lead name", func(d *Deal) string { return d.LeadName }),
	csvtable.Text("Notes", func(d *Deal) string { return d.Notes }),
	csvtable.Text("Status", func(d *Deal) string { return string(d.Status) }),
	csvtable.Time("Created at", func(d *Deal) time.Time { return d.CreatedAt }),
}
