package console

import (
	"errors"
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// payoutView is a payout, and the forms that move it on.
type payoutView struct {
	program.Payout
	Href, Code, PartnerHref string
	Badge                   page.Badge
	Open                    bool
	Step                    program.PayoutStatus
	StepText, StepHint      string
	Problems                []string
	FailureField            page.Field
	// Entered is what a form had that was not saved, since the payout is at its end already.
	Entered string
}

func newPayoutView(payout program.PartnerPayout) payoutView {
	shown := payoutView{
		Payout:      payout.Payout,
		Href:        at(payoutsPath, payout.ID),
		Code:        payout.AffiliateCode,
		PartnerHref: at(partnersPath, payout.AffiliateID),
		Badge:       page.PayoutBadge(payout.Status),
	}
	switch payout.Status {
	case program.PayoutPending:
		shown.Open, shown.Step = true, program.PayoutProcessing
		shown.StepText, shown.StepHint = "Mark as processing", "You have begun to send the money."
	case program.PayoutProcessing:
		shown.Open, shown.Step = true, program.PayoutPaid
		shown.StepText, shown.StepHint = "Mark as paid", "The money has arrived. This cannot be undone."
	}
	return shown
}

// payoutList is a page of payouts.
type payoutList struct {
	Caption string
	Filters page.Pills
	Rows    []payoutView
	Pager   page.Pager
	Empty   page.Empty
}

func listPayouts(v *visit) {
	asked, ok := v.page(payoutsPath)
	if !ok {
		return
	}
	status := v.r.URL.Query().Get("status")
	if status == "" {
		status = string(program.PayoutPending)
	}
	query := program.PayoutQuery{Status: program.PayoutStatus(status), PageQuery: asked}
	if status == allStatuses {
		query.Status = ""
	}
	found, err := v.app.Payouts(query)
	if err != nil {
		v.fail(payoutsPath, err)
		return
	}
	counts := v.app.Overview().Payouts
	all := 0
	for _, count := range counts {
		all += count
	}
	list := payoutList{
		Caption: "Payouts, newest first",
		Filters: pills("Status", payoutsPath, "status", status, []filter{
			{string(program.PayoutPending), counted("Pending", counts[program.PayoutPending])},
			{string(program.PayoutProcessing), counted("Processing", counts[program.PayoutProcessing])},
			{string(program.PayoutPaid), counted("Paid", counts[program.PayoutPaid])},
			{string(program.PayoutFailed), counted("Failed", counts[program.PayoutFailed])},
			{allStatuses, counted("All", all)},
		}),
		Pager: page.NewPager(v.r, len(found.Rows), found.Next),
		Empty: noPayouts(program.PayoutStatus(status), counts),
	}
	for _, payout := range found.Rows {
		list.Rows = append(list.Rows, newPayoutView(payout))
	}
	v.render(http.StatusOK, "payouts", payoutsPath, page.View{
		Title:   "Payouts",
		Lead:    "What partners are to be paid. Move each one on, from pending to processing to paid.",
		Content: list,
	})
}

func noPayouts(status program.PayoutStatus, counts map[program.PayoutStatus]int) page.Empty {
	empty := page.Empty{Icon: "wallet", Actions: []page.Action{{Href: payoutsPath + "?status=" + allStatuses, Text: "Show all payouts"}}}
	switch status {
	case program.PayoutPending:
		empty.Title, empty.Text = "No payout is pending", "One appears here when a partner requests it, or its schedule does."
		if counts[program.PayoutProcessing] > 0 {
			empty.Text = "Some are processing. Mark them as paid once the money has arrived."
			empty.Actions = []page.Action{{Href: payoutsPath + "?status=processing", Text: "Show the processing ones", Primary: true}}
		}
	case program.PayoutProcessing:
		empty.Title, empty.Text = "No payout is processing", "Move a pending one on when you begin to send its money."
		empty.Actions = []page.Action{{Href: payoutsPath, Text: "Show the pending ones"}}
	case program.PayoutPaid:
		empty.Title, empty.Text = "No payout is paid yet", "Mark a processing one as paid once its money has arrived."
	case program.PayoutFailed:
		empty.Title, empty.Text = "No payout has failed", "If one fails, its money is ready again, and the partner can request another."
	default:
		empty.Title, empty.Text, empty.Actions = "There are no payouts yet", "A partner requests one in its portal, or sets a schedule, once enough is ready.", nil
	}
	return empty
}

func showPayout(v *visit) { v.showPayout(http.StatusOK, program.PayoutStep{}, nil) }

func movePayout(v *visit) {
	form, ok := v.form()
	if !ok {
		return
	}
	step := program.PayoutStep{
		Status:        program.PayoutStatus(page.Entered(form, "status")),
		FailureReason: page.Entered(form, "failureReason"),
	}
	payout, err := v.app.MovePayout(v.r.PathValue("id"), step)
	if err != nil {
		v.showPayout(statusOf(err), step, err)
		return
	}
	v.done("The payout of "+page.Money(payout.Amount)+" to "+payout.AffiliateCode+" is "+string(payout.Status)+".", at(payoutsPath, payout.ID))
}

// showPayout shows a payout with what was entered, and why it was refused.
func (v *visit) showPayout(status int, step program.PayoutStep, refusal error) {
	payout, err := v.app.Payout(v.r.PathValue("id"))
	if err != nil {
		v.fail(payoutsPath, err)
		return
	}
	shown := newPayoutView(payout)
	ofReason, ofPage := problemsOf(refusal, "failureReason")
	if invalid := new(program.Invalid); errors.As(refusal, &invalid) {
		for _, problem := range invalid.Problems {
			if problem.Field == "status" {
				ofPage = append(ofPage, page.Sentence("the status "+problem.Text))
			}
		}
	}
	shown.Problems = ofPage
	shown.FailureField = page.Field{
		ID: "failureReason", Name: "failureReason", Label: "Reason", Type: "textarea", Optional: true, Value: step.FailureReason, Problems: ofReason,
		Hint: "The partner sees it. At most 1,000 characters.",
	}
	if !shown.Open && refusal != nil {
		shown.Entered = step.FailureReason
	}
	v.render(status, "payout", payoutsPath, page.View{
		Title:   page.Money(payout.Amount) + " to " + payout.AffiliateCode,
		Back:    &page.Link{Href: payoutsPath, Text: "Payouts"},
		Content: shown,
	})
}
