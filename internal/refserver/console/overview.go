package console

import (
	"net/http"
	"strconv"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// overviewView is what waits for the administrator.
type overviewView struct {
	Tiles          []page.Tile
	Applications   []applicationView
	NoApplications page.Empty
	Payouts        []payoutView
	NoPayouts      page.Empty
	Now, NextDue   time.Time
}

// recent is how many rows a page has of what is listed on another.
const recent = 5

func overview(v *visit) {
	counts := v.app.Overview()
	open := counts.Payouts[program.PayoutPending] + counts.Payouts[program.PayoutProcessing]
	shown := overviewView{
		Tiles: []page.Tile{
			{Label: "Applications to review", Value: strconv.Itoa(counts.Applications[program.Pending]), Href: applicationsPath, Lead: counts.Applications[program.Pending] > 0},
			{Label: "Payouts to move on", Value: strconv.Itoa(open), Href: payoutsPath, Lead: open > 0},
			{Label: "Partners", Value: strconv.Itoa(counts.Partners), Href: partnersPath},
			{Label: "Customers", Value: strconv.Itoa(counts.Customers), Href: customersPath},
		},
		NoApplications: page.Empty{Icon: "check", Title: "All applications are reviewed", Text: "A new one appears here when a person applies."},
		NoPayouts:      page.Empty{Icon: "check", Title: "No payout is waiting", Text: "One appears here when a partner requests it, or its schedule does."},
		Now:            v.console.config.Now(),
	}
	shown.NextDue, _ = v.app.NextDue()
	first, err := v.app.Applications(program.ApplicationQuery{Status: program.Pending, Limit: recent})
	if err != nil {
		v.fail(home, err)
		return
	}
	for _, application := range first.Applications {
		shown.Applications = append(shown.Applications, newApplicationView(application))
	}
	for _, status := range []program.PayoutStatus{program.PayoutPending, program.PayoutProcessing} {
		payouts, err := v.app.Payouts(program.PayoutQuery{Status: status, PageQuery: program.PageQuery{Limit: recent - len(shown.Payouts)}})
		if err != nil {
			v.fail(home, err)
			return
		}
		for _, payout := range payouts.Rows {
			shown.Payouts = append(shown.Payouts, newPayoutView(payout))
		}
	}
	v.render(http.StatusOK, "overview", home, page.View{Title: "Overview", Lead: "What waits for you in the partner program of " + v.appID + ".", Content: shown})
}
