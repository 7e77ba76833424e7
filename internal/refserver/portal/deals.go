package portal

import (
	"net/http"
	"net/url"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type dealsView struct {
	Rows  []program.Deal
	Pills page.Pills
	Pager page.Pager
	Empty page.Empty
}

func (v *visit) dealQuery(asked program.PageQuery) program.DealQuery {
	return program.DealQuery{Status: program.DealStatus(v.r.URL.Query().Get("status")), PageQuery: asked}
}

func (v *visit) deals() {
	deals, err := v.app.Deals(v.me(), v.dealQuery(v.page()))
	if err != nil {
		v.fail(err)
		return
	}
	register := page.Action{Href: newDealPath, Text: "Register a deal", Icon: "plus", Primary: true}
	empty := page.Empty{Icon: "deal", Title: "No deals yet", Text: "Register a lead that you are talking to. If it signs up, it becomes your user, even without your link.", Actions: []page.Action{register}}
	if v.isFiltered("status") {
		empty = page.Empty{Icon: "deal", Title: "No such deals", Text: "None of your deals is in this state.", Actions: []page.Action{{Href: dealsPath, Text: "Show all deals"}}}
	}
	v.render(http.StatusOK, "deals", page.View{
		Title: "Deals", Section: dealsPath, Lead: "The leads that you have registered. A deal is won once its lead signs up.",
		Actions: []page.Action{v.csv(), register},
		Content: dealsView{
			Rows: deals.Rows,
			Pills: v.pills("Filter the deals", "status",
				page.Option{Text: "All"}, page.Option{Value: "registered", Text: "Registered"}, page.Option{Value: "won", Text: "Won"}),
			Pager: page.NewPager(v.r, len(deals.Rows), deals.Next),
			Empty: empty,
		},
	})
}

var newDeal = formPage{
	title: "Register a deal", section: dealsPath,
	lead:   "A lead can be registered once, by the partner who comes first.",
	back:   page.Link{Href: dealsPath, Text: "Deals"},
	action: newDealPath, submit: "Register the deal",
	fields: func(form url.Values) []page.Field {
		return []page.Field{
			{ID: "lead-email", Name: "leadEmail", Label: "Lead's email", Type: "email", Value: page.Entered(form, "leadEmail"), Required: true, Autocomplete: "off"},
			{ID: "lead-name", Name: "leadName", Label: "Lead's name", Type: "text", Value: page.Entered(form, "leadName"), Required: true, Autocomplete: "off"},
			{ID: "notes", Name: "notes", Label: "Notes", Type: "textarea", Value: page.Entered(form, "notes"), Optional: true, Hint: "What the lead needs, and where you met."},
		}
	},
}

func (v *visit) dealForm() { newDeal.show(v, nil, nil) }

func (v *visit) registerDeal(form url.Values) {
	deal, err := v.app.RegisterDeal(v.me(), program.DealParams{
		LeadEmail: page.Entered(form, "leadEmail"), LeadName: page.Entered(form, "leadName"), Notes: page.Entered(form, "notes"),
	})
	if err != nil {
		newDeal.show(v, form, err)
		return
	}
	v.done("The deal with "+deal.LeadName+" is registered.", dealsPath)
}
