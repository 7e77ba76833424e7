package console

import (
	"net/http"
	"strings"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// applicationView is an application, and the forms of its review.
type applicationView struct {
	program.Application
	Href                     string
	Badge                    page.Badge
	Pending                  bool
	PartnerHref, PartnerCode string
	Problems                 []string
	Code, RejectionField     page.Field
	// Entered is what a form had that was not saved, since the application is reviewed already.
	Entered string
}

func newApplicationView(application program.Application) applicationView {
	return applicationView{
		Application: application,
		Href:        at(applicationsPath, application.ID),
		Badge:       applicationBadge(application.Status),
		Pending:     application.Status == program.Pending,
	}
}

func applicationBadge(status program.Status) page.Badge {
	switch status {
	case program.Approved:
		return page.Badge{Text: "Approved", Tone: page.Good}
	case program.Rejected:
		return page.Badge{Text: "Rejected", Tone: page.Bad}
	default:
		return page.Badge{Text: "Pending", Tone: page.Wait}
	}
}

// applicationList is a page of applications.
type applicationList struct {
	Caption string
	Filters page.Pills
	Find    finder
	Rows    []applicationView
	Pager   page.Pager
	Empty   page.Empty
}

// allStatuses is the value of the filter of a status that leaves nothing out.
const allStatuses = "all"

func listApplications(v *visit) {
	asked, ok := v.page(applicationsPath)
	if !ok {
		return
	}
	find := finder{Action: applicationsPath, Label: "Email of the applicant", Value: v.r.URL.Query().Get("find")}
	if find.Value != "" {
		application, applied, err := v.app.ApplicationOf(strings.TrimSpace(find.Value))
		if applied {
			v.redirect(at(applicationsPath, application.ID))
			return
		}
		find.Problem = "No application is from this email."
		if err != nil {
			find.Problem = "This is not an email."
		}
	}
	status := v.r.URL.Query().Get("status")
	if status == "" {
		status = string(program.Pending)
	}
	query := program.ApplicationQuery{Status: program.Status(status), Limit: asked.Limit, Before: asked.Before}
	if status == allStatuses {
		query.Status = ""
	}
	found, err := v.app.Applications(query)
	if err != nil {
		v.fail(applicationsPath, err)
		return
	}
	counts := v.app.Overview().Applications
	list := applicationList{
		Caption: "Applications, newest first",
		Filters: pills("Status", applicationsPath, "status", status, []filter{
			{string(program.Pending), counted("Pending", counts[program.Pending])},
			{string(program.Approved), counted("Approved", counts[program.Approved])},
			{string(program.Rejected), counted("Rejected", counts[program.Rejected])},
			{allStatuses, counted("All", counts[program.Pending]+counts[program.Approved]+counts[program.Rejected])},
		}),
		Find:  find,
		Pager: page.NewPager(v.r, len(found.Applications), found.Next),
		Empty: noApplications(program.Status(status)),
	}
	for _, application := range found.Applications {
		list.Rows = append(list.Rows, newApplicationView(application))
	}
	v.render(http.StatusOK, "applications", applicationsPath, page.View{
		Title:   "Applications",
		Lead:    "Who wants to become a partner. The pending ones wait for your decision.",
		Content: list,
	})
}

func noApplications(status program.Status) page.Empty {
	empty := page.Empty{Icon: "inbox", Actions: []page.Action{{Href: applicationsPath + "?status=" + allStatuses, Text: "Show all applications"}}}
	switch status {
	case program.Pending:
		empty.Title, empty.Text = "No application waits for you", "A new one appears here when a person applies, through Affiliates.Apply or POST /v1/affiliate/apply."
	case program.Approved:
		empty.Title, empty.Text = "No application is approved yet", "Approve a pending one, and the applicant becomes a partner."
		empty.Actions = []page.Action{{Href: applicationsPath, Text: "Show the pending ones"}}
	case program.Rejected:
		empty.Title, empty.Text = "No application is rejected", "An application that you reject stays here, with its reason."
		empty.Actions = []page.Action{{Href: applicationsPath, Text: "Show the pending ones"}}
	default:
		empty.Title, empty.Text, empty.Actions = "Nobody has applied yet", "Let people apply through Affiliates.Apply or POST /v1/affiliate/apply, and review their applications here.", nil
	}
	return empty
}

func showApplication(v *visit) { v.showApplication(http.StatusOK, "", "", nil) }

func approve(v *visit) {
	form, ok := v.form()
	if !ok {
		return
	}
	code := page.Entered(form, "code")
	review, err := v.app.Approve(v.r.PathValue("id"), code)
	if err != nil {
		v.showApplication(statusOf(err), code, "", err)
		return
	}
	v.done(review.Application.Name+" is a partner now, with the code "+review.Affiliate.Code+".", at(applicationsPath, review.Application.ID))
}

func reject(v *visit) {
	form, ok := v.form()
	if !ok {
		return
	}
	reason := page.Entered(form, "rejectionReason")
	review, err := v.app.Reject(v.r.PathValue("id"), reason)
	if err != nil {
		v.showApplication(statusOf(err), "", reason, err)
		return
	}
	v.done("The application of "+review.Application.Name+" is rejected.", at(applicationsPath, review.Application.ID))
}

// showApplication shows an application with what was entered, and why it was refused.
func (v *visit) showApplication(status int, code, reason string, refusal error) {
	application, err := v.app.Application(v.r.PathValue("id"))
	if err != nil {
		v.fail(applicationsPath, err)
		return
	}
	shown := newApplicationView(application)
	ofCode, ofPage := problemsOf(refusal, "code", program.ErrorCodeReferralCodeInUse)
	ofReason, _ := problemsOf(refusal, "rejectionReason")
	if status == http.StatusConflict {
		ofReason = nil
	}
	shown.Problems = ofPage
	shown.Code = page.Field{
		ID: "code", Name: "code", Label: "Referral code", Type: "text", Optional: true, Autocomplete: "off", Value: code, Problems: ofCode,
		Hint: "3 to 32 of A-Z, 0-9, _ and -. If it is empty, one is made from the name.",
	}
	shown.RejectionField = page.Field{
		ID: "rejectionReason", Name: "rejectionReason", Label: "Reason", Type: "textarea", Optional: true, Value: reason, Problems: ofReason,
		Hint: "The applicant sees it. At most 1,000 characters.",
	}
	if !shown.Pending && refusal != nil {
		shown.Entered = code + reason
	}
	if application.AffiliateID != "" {
		shown.PartnerHref, shown.PartnerCode = v.partnerLink(application.AffiliateID)
	}
	v.render(status, "application", applicationsPath, page.View{
		Title:   application.Name,
		Back:    &page.Link{Href: applicationsPath, Text: "Applications"},
		Content: shown,
	})
}

// partnerLink is the address and the code of a partner; empty for an unknown one.
func (v *visit) partnerLink(affiliateID string) (href, code string) {
	partner, err := v.app.Partner(affiliateID)
	if err != nil {
		return "", ""
	}
	return at(partnersPath, affiliateID), partner.Code
}
