package portal

import (
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type commissionsView struct {
	Tiles, Plans   []page.Tile
	Rows           []program.UserCommission
	Pager          page.Pager
	Empty          page.Empty
	Status, Plan   page.Field
	User, PayoutID string // filters that are kept
	IsFiltered     bool
	Containers     []program.EarningSubscription
	MoreContainers bool
}

// containersShown is how many containers the page of commissions has.
const containersShown = 5

func (v *visit) commissionQuery(asked program.PageQuery) program.CommissionQuery {
	query := v.r.URL.Query()
	return program.CommissionQuery{
		Status:    program.CommissionStatus(query.Get("status")),
		Plan:      program.PlanID(query.Get("plan")),
		UserID:    query.Get("user"),
		PayoutID:  query.Get("payout"),
		PageQuery: asked,
	}
}

func (v *visit) commissions() {
	asked := v.commissionQuery(v.page())
	commissions, err := v.app.Commissions(v.me(), asked)
	if err != nil {
		v.fail(err)
		return
	}
	summary, err := v.app.CommissionSummary(v.me())
	if err != nil {
		v.fail(err)
		return
	}
	containers, err := v.app.EarningSubscriptions(v.me(), program.PageQuery{Limit: containersShown})
	if err != nil {
		v.fail(err)
		return
	}
	view := commissionsView{
		Tiles:          summaryTiles(summary),
		Plans:          planTiles(summary.Subscriptions),
		Rows:           commissions.Rows,
		Pager:          page.NewPager(v.r, len(commissions.Rows), commissions.Next),
		Status:         statusField(string(asked.Status)),
		Plan:           planField(string(asked.Plan)),
		User:           asked.UserID,
		PayoutID:       asked.PayoutID,
		IsFiltered:     v.isFiltered("status", "plan", "user", "payout"),
		Containers:     containers.Rows,
		MoreContainers: containers.Next > 0,
		Empty: page.Empty{
			Icon: "percent", Title: "No commissions yet",
			Text:    "You earn one each time a user pays for a container that is billed to the user itself.",
			Actions: []page.Action{{Href: usersPath, Text: "To your users", Primary: true}},
		},
	}
	if view.IsFiltered {
		view.Empty = page.Empty{Icon: "percent", Title: "No such commissions", Text: "None of your commissions matches the filter.", Actions: []page.Action{{Href: commissionsPath, Text: "Show all commissions"}}}
	}
	v.render(http.StatusOK, "commissions", page.View{
		Title: "Commissions", Section: commissionsPath, Lead: "All of your income: what is in review, what is ready, and what each container brings.",
		Actions: []page.Action{v.csv()},
		Content: view,
	})
}

func summaryTiles(summary program.Summary) []page.Tile {
	balances := summary.Balances
	tiles := []page.Tile{
		{Label: "Monthly value", Value: page.Money(summary.MonthlyValue), Note: "Of containers for " + page.Money(summary.MonthlyReferralValue) + " a month"},
		{Label: "In review", Value: page.Money(balances.InReview), Note: "The payment is processing"},
		{Label: "Ready to payout", Value: page.Money(balances.Ready), Note: "Past the holding period", Href: payoutsPath, Lead: true},
	}
	if balances.Debt > 0 {
		tiles = append(tiles, debtTile(balances))
	}
	return append(tiles,
		page.Tile{Label: "In a payout", Value: page.Money(balances.InPayout), Note: "On its way to you"},
		page.Tile{Label: "Paid", Value: page.Money(balances.Paid), Note: "Received so far"},
		page.Tile{Label: "Total earned", Value: page.Money(balances.Earned), Note: "In review, ready, in a payout and paid, less any debt"},
	)
}

func planTiles(counts program.PlanCounts) []page.Tile {
	return []page.Tile{
		{Label: "Free", Value: number(counts.Free), Note: containersNoun(counts.Free)},
		{Label: "Pro", Value: number(counts.Pro), Note: containersNoun(counts.Pro)},
		{Label: "Business", Value: number(counts.Business), Note: containersNoun(counts.Business)},
		{Label: "Enterprise", Value: number(counts.Enterprise), Note: containersNoun(counts.Enterprise)},
	}
}

func containersNoun(count int) string {
	if count == 1 {
		return "container"
	}
	return "containers"
}

func statusField(value string) page.Field {
	field := page.Field{ID: "status", Name: "status", Label: "Status", Value: value, Options: []page.Option{{Text: "Any status"}}}
	for _, status := range []program.CommissionStatus{program.StatusInReview, program.StatusReady, program.StatusInPayout, program.StatusPaid, program.StatusVoided, program.StatusClawback} {
		field.Options = append(field.Options, page.Option{Value: string(status), Text: commissionBadge(status).Text})
	}
	return field
}

func planField(value string) page.Field {
	field := page.Field{ID: "plan", Name: "plan", Label: "Plan", Value: value, Options: []page.Option{{Text: "Any plan"}}}
	for _, plan := range []program.PlanID{program.Free, program.Pro, program.Business, program.Enterprise} {
		field.Options = append(field.Options, page.Option{Value: string(plan), Text: plan.Name()})
	}
	return field
}

type containersView struct {
	Rows  []program.EarningSubscription
	Pager page.Pager
	Empty page.Empty
}

func (v *visit) containers() {
	containers, err := v.app.EarningSubscriptions(v.me(), v.page())
	if err != nil {
		v.fail(err)
		return
	}
	v.render(http.StatusOK, "containers", page.View{
		Title: "What each container brings", Section: commissionsPath, Lead: "Every container of your users that is not canceled, with its plan and what you receive for it in a month.",
		Back:    &page.Link{Href: commissionsPath, Text: "Commissions"},
		Actions: []page.Action{v.csv()},
		Content: containersView{
			Rows:  containers.Rows,
			Pager: page.NewPager(v.r, len(containers.Rows), containers.Next),
			Empty: page.Empty{Icon: "percent", Title: "No containers yet", Text: "They appear here once your users subscribe to a plan.", Actions: []page.Action{{Href: usersPath, Text: "To your users", Primary: true}}},
		},
	})
}
