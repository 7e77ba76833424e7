package portal

import (
	"net/http"
	"strings"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
)

// A source is where to get the data of a page.
type source struct{ Page, Path, Call, Endpoint string }

const accountAPI = "/v1/affiliate/account/"

func (v *visit) sources() []source {
	return []source{
		{"Dashboard", homePath, "Affiliates.GetDashboard", "GET " + v.config.Contract.DashboardPath},
		{"Users", usersPath, "Account.Users.List", "GET " + accountAPI + "users"},
		{"A user's containers", usersPath, "Account.Users.Subscriptions", "GET " + accountAPI + "users/{userId}/subscriptions"},
		{"Create sub account", subAccountPath, "Account.Users.CreateSubAccount", "POST " + accountAPI + "users"},
		{"Add user", addUserPath, "Account.Users.AddExisting", "POST " + accountAPI + "users/link"},
		{"Request access", usersPath, "Account.Users.RequestAccess", "POST " + accountAPI + "users/{userId}/access"},
		{"Login as user", usersPath, "Account.Users.LogInAs", "POST " + accountAPI + "users/{userId}/login"},
		{"Deals", dealsPath, "Account.Deals.List", "GET " + v.config.Contract.DealsPath},
		{"Customer invoices", invoicesPath, "Account.Invoices.List", "GET " + accountAPI + "invoices"},
		{"Receipt", invoicesPath, "Account.Invoices.Receipt", "GET " + accountAPI + "invoices/{invoiceId}/receipt"},
		{"Commissions", commissionsPath, "Account.Commissions.List", "GET " + accountAPI + "commissions"},
		{"Monthly value, In review, Ready to payout", commissionsPath, "Account.Commissions.Summary", "GET " + accountAPI + "commissions/summary"},
		{"What each container brings", containersPath, "Account.Commissions.Subscriptions", "GET " + accountAPI + "commissions/subscriptions"},
		{"Payouts", payoutsPath, "Account.Payouts.List", "GET " + accountAPI + "payouts"},
		{"Request a payout", payoutsPath, "Account.Payouts.Request", "POST " + accountAPI + "payouts"},
		{"Automatic payouts", payoutsPath, "Account.Payouts.SetSchedule", "PATCH " + accountAPI + "payouts/schedule"},
		{"Statement", statementPath, "Account.Statement.List", "GET " + accountAPI + "statement"},
		{"Partner info", infoPath, "Account.Info.Get", "GET " + accountAPI + "info"},
		{"Badge", infoPath, "Account.Info.Badge", "GET " + accountAPI + "badge"},
	}
}

type apiView struct {
	Sources []source
	Sample  page.Copy
}

func (v *visit) api() {
	v.render(http.StatusOK, "api", page.View{
		Title: "API", Section: apiPath, Lead: "Everything that these pages show is also available in a structured format, with one of your session tokens.",
		Actions: []page.Action{{Href: "/openapi.yaml", Text: "OpenAPI document", Icon: "code", Primary: true}},
		Content: apiView{
			Sources: v.sources(),
			Sample: page.Copy{ID: "sample", Label: "Try it", Value: "curl -H \"" + v.sessionHeader() + "\" " +
				page.Origin(v.config.PublicURL, v.r) + accountAPI + "commissions/summary"},
		},
	})
}

// sessionHeader is the header that a session token is sent in.
func (v *visit) sessionHeader() string {
	if header := v.config.Contract.SessionHeader; !strings.EqualFold(header, "Authorization") {
		return header + ": $SESSION_TOKEN"
	}
	return "Authorization: Bearer $SESSION_TOKEN"
}
