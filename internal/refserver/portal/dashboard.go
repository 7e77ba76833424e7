package portal

import (
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// monthsOfChart is how many months the chart of commissions has.
const monthsOfChart = 12

type dashboardView struct {
	program.Dashboard
	Info  program.Info
	Tiles []page.Tile
	Reach []page.Tile
	Link  page.Copy
	Chart page.Chart
	IsNew bool // nothing has happened yet
}

func (v *visit) dashboard() {
	dashboard, err := v.app.Dashboard(v.me())
	if err != nil {
		v.fail(err)
		return
	}
	chart, err := v.chart()
	if err != nil {
		v.fail(err)
		return
	}
	balances := dashboard.Balances
	tiles := []page.Tile{
		{Label: "Total earned", Value: page.Money(dashboard.Affiliate.TotalEarned), Note: "Since you joined on " + page.Date(dashboard.Affiliate.CreatedAt)},
		{Label: "Ready to payout", Value: page.Money(balances.Ready), Note: "Past the holding period", Href: payoutsPath, Lead: true},
		{Label: "In review", Value: page.Money(balances.InReview), Note: "Within the holding period", Href: commissionsPath + "?status=in_review"},
		{Label: "Monthly value", Value: page.Money(dashboard.MonthlyValue), Note: "What your users bring in a month"},
	}
	if balances.Debt > 0 {
		tiles = append(tiles, debtTile(balances))
	}
	tiles = append(tiles,
		page.Tile{Label: "In a payout", Value: page.Money(balances.InPayout), Note: "On its way to you", Href: payoutsPath},
		page.Tile{Label: "Paid", Value: page.Money(balances.Paid), Note: "Received so far", Href: payoutsPath + "?status=paid"},
	)
	v.render(http.StatusOK, "dashboard", page.View{
		Title:   "Dashboard",
		Lead:    "What you earn, and whom you have brought.",
		Section: homePath,
		Actions: []page.Action{
			{Href: addUserPath, Text: "Add user", Icon: "link"},
			{Href: subAccountPath, Text: "Create sub account", Icon: "plus", Primary: true},
		},
		Content: dashboardView{
			Dashboard: dashboard,
			Info:      v.profile,
			Tiles:     tiles,
			Reach: []page.Tile{
				{Label: "Clicks", Value: number(dashboard.Clicks)},
				{Label: "Users", Value: number(dashboard.Customers), Href: usersPath},
				{Label: "Deals", Value: number(dashboard.Deals), Href: dealsPath},
			},
			Link:  v.referralLink(),
			Chart: chart,
			IsNew: dashboard.Customers == 0 && dashboard.Affiliate.TotalEarned == 0,
		},
	})
}

func debtTile(balances program.Balances) page.Tile {
	return page.Tile{Label: "Debt", Value: page.Money(balances.Debt), Note: "Taken back by refunds; later commissions pay it off first"}
}

func (v *visit) referralLink() page.Copy {
	return page.Copy{ID: "referral-link", Label: "Your referral link", Value: v.profile.ReferralLink, Hint: "Whoever signs up after a click on it becomes your user."}
}

func (v *visit) chart() (page.Chart, error) {
	months, err := v.app.EarningsByMonth(v.me(), monthsOfChart)
	if err != nil {
		return page.Chart{}, err
	}
	figures := make([]page.Figure, 0, len(months))
	for _, month := range months {
		figures = append(figures, page.Figure{Label: month.Month.Format("January 2006"), Short: month.Month.Format("Jan"), Amount: month.Amount})
	}
	return page.NewChart("commissions-by-month", "Commissions by month", "Month (UTC)", "Commissions", figures), nil
}
