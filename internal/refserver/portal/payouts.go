package portal

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type payoutsView struct {
	Balances  program.Balances
	Refusal   string // why no payout can be requested now; empty if one can
	Problem   string // why the last request was refused
	Minimum   program.Cents
	Schedule  program.PayoutSchedule
	Intervals []interval
	Rows      []program.Payout
	Pills     page.Pills
	Pager     page.Pager
	Empty     page.Empty
}

// An interval is a choice of automatic payouts.
type interval struct {
	Value      program.PayoutInterval
	Name, Text string
	Chosen     bool
}

func (v *visit) payoutQuery(asked program.PageQuery) program.PayoutQuery {
	return program.PayoutQuery{Status: program.PayoutStatus(v.r.URL.Query().Get("status")), PageQuery: asked}
}

func (v *visit) payouts() { v.showPayouts(http.StatusOK, "") }

// showPayouts responds with the page of payouts, and the problem of a form of it.
func (v *visit) showPayouts(status int, problem string) {
	payouts, err := v.app.PartnerPayouts(v.me(), v.payoutQuery(v.page()))
	if err != nil {
		v.fail(err)
		return
	}
	summary, err := v.app.CommissionSummary(v.me())
	if err != nil {
		v.fail(err)
		return
	}
	schedule, err := v.app.PayoutSchedule(v.me())
	if err != nil {
		v.fail(err)
		return
	}
	view := payoutsView{
		Balances:  summary.Balances,
		Problem:   problem,
		Minimum:   v.profile.MinPayoutAmount,
		Schedule:  schedule,
		Intervals: intervals(schedule.Interval),
		Rows:      payouts.Rows,
		Pills: v.pills("Filter the payouts", "status", page.Option{Text: "All"}, page.Option{Value: "pending", Text: "Pending"},
			page.Option{Value: "processing", Text: "Processing"}, page.Option{Value: "paid", Text: "Paid"}, page.Option{Value: "failed", Text: "Failed"}),
		Pager: page.NewPager(v.r, len(payouts.Rows), payouts.Next),
		Empty: page.Empty{Icon: "wallet", Title: "No payouts yet", Text: "Request one once enough is ready, or switch automatic payouts on."},
	}
	if v.isFiltered("status") {
		view.Empty = page.Empty{Icon: "wallet", Title: "No such payouts", Text: "None of your payouts is in this state.", Actions: []page.Action{{Href: payoutsPath, Text: "Show all payouts"}}}
	}
	if err := v.app.PayoutRefusal(v.me()); err != nil {
		view.Refusal = v.whyNoPayout(err, summary.Balances)
	}
	v.render(status, "payouts", page.View{
		Title: "Payouts", Section: payoutsPath, Lead: "What was paid out to you, and what can be.",
		Actions: []page.Action{v.csv()},
		Content: view,
	})
}

// whyNoPayout says what is missing for a payout.
func (v *visit) whyNoPayout(err error, balances program.Balances) string {
	if short := new(program.Unprocessable); errors.As(err, &short) {
		least := v.profile.MinPayoutAmount
		missing := max(least, 1) - balances.Ready + balances.Debt
		if least == 0 {
			return "A payout needs more than " + page.Money(least) + ". " + page.Money(missing) + " is missing."
		}
		return "A payout needs " + page.Money(least) + ". " + page.Money(missing) + " is missing."
	}
	return page.Sentence(err.Error())
}

func intervals(chosen program.PayoutInterval) []interval {
	return []interval{
		{program.PayoutsOff, "Off", "You request each payout.", chosen == program.PayoutsOff},
		{program.PayoutsWeekly, "Weekly", "Every Monday at 00:00 UTC, if enough is ready.", chosen == program.PayoutsWeekly},
		{program.PayoutsMonthly, "Monthly", "On the first of each month at 00:00 UTC, if enough is ready.", chosen == program.PayoutsMonthly},
	}
}

func (v *visit) requestPayout(url.Values) {
	payout, err := v.app.RequestPayout(v.me())
	var (
		open  *program.Conflict
		short *program.Unprocessable
	)
	switch {
	case errors.As(err, &open):
		v.showPayouts(http.StatusConflict, "No payout was requested. "+page.Sentence(open.Message))
	case errors.As(err, &short):
		v.showPayouts(http.StatusUnprocessableEntity, "No payout was requested. Too little is ready.")
	case err != nil:
		v.fail(err)
	default:
		v.done("A payout of "+page.Money(payout.Amount)+" is requested.", payoutsPath)
	}
}

func (v *visit) setSchedule(form url.Values) {
	schedule, err := v.app.SetPayoutSchedule(v.me(), program.PayoutInterval(page.Entered(form, "interval")))
	if invalid := new(program.Invalid); errors.As(err, &invalid) {
		v.r.URL.Path, v.r.URL.RawQuery = payoutsPath, "" // the page of the form
		v.showPayouts(http.StatusUnprocessableEntity, "Automatic payouts were not changed. Choose off, weekly or monthly.")
		return
	}
	if err != nil {
		v.fail(err)
		return
	}
	message := "Automatic payouts are off."
	if schedule.Interval != program.PayoutsOff {
		message = "Automatic payouts are " + string(schedule.Interval) + ". The next one is due on " + page.UTC(schedule.NextAt) + "."
	}
	v.done(message, payoutsPath)
}

func (v *visit) payout() {
	payout, err := v.app.PartnerPayout(v.me(), v.r.PathValue("payoutID"))
	if err != nil {
		v.fail(err)
		return
	}
	v.render(http.StatusOK, "payout", page.View{
		Title: "Payout of " + page.Money(payout.Amount), Section: payoutsPath,
		Back:    &page.Link{Href: payoutsPath, Text: "Payouts"},
		Content: payout,
	})
}
