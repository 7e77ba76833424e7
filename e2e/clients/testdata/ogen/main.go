// The partner program through the client that ogen generates.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/stackbe/stackbe-go/e2e/clients/testdata/ogen/client"
)

func main() {
	log.SetFlags(0)
	played, err := play(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(played); err != nil {
		log.Fatal(err)
	}
}

// credentials gives each operation the one that it asks for.
type credentials struct{}

func (credentials) ApiKey(context.Context, client.OperationName) (client.ApiKey, error) {
	return client.ApiKey{APIKey: os.Getenv("STACKBE_API_KEY")}, nil
}

func (credentials) Session(context.Context, client.OperationName) (client.Session, error) {
	return client.Session{Token: os.Getenv("STACKBE_SESSION_TOKEN")}, nil
}

func (credentials) Admin(context.Context, client.OperationName) (client.Admin, error) {
	return client.Admin{Token: os.Getenv("STACKBE_ADMIN_TOKEN")}, nil
}

func play(ctx context.Context) (map[string]any, error) {
	api, err := client.NewClient(os.Getenv("STACKBE_BASE_URL"), credentials{})
	if err != nil {
		return nil, err
	}
	appID := client.ID(os.Getenv("STACKBE_APP_ID"))
	played := map[string]any{}

	application := client.ApplicationRequest{Email: "é@x.com", Name: "Zoë", Website: client.NewOptOptionalWebURL("http://acme.com/é")}
	applied, err := as[*client.ApplyResultHeaders](api.Apply(ctx, &application, client.ApplyParams{}))
	if err != nil {
		return nil, err
	}
	played["applied"] = applied.Response.Status

	duplicate, err := as[*client.ConflictHeaders](api.Apply(ctx, &application, client.ApplyParams{}))
	if err != nil {
		return nil, err
	}
	played["duplicate"] = duplicate.Response.StatusCode
	played["refusal"] = duplicate.Response.Code.Value

	invalid, err := as[*client.BadRequestHeaders](api.Apply(ctx, &client.ApplicationRequest{}, client.ApplyParams{}))
	if err != nil {
		return nil, err
	}
	problems, _ := invalid.Response.Message.GetStringArray()
	played["problems"] = len(problems)

	status, err := as[*client.ApplicationCheckHeaders](api.GetApplicationStatus(ctx, client.GetApplicationStatusParams{Email: application.Email}))
	if err != nil {
		return nil, err
	}
	check, _ := status.Response.GetApplied()
	played["status"] = check.Status

	page, err := as[*client.ApplicationPageHeaders](api.ListApplications(ctx, client.ListApplicationsParams{
		AppId: appID, Status: client.NewOptApplicationStatus(client.ApplicationStatusPending),
	}))
	if err != nil {
		return nil, err
	}
	played["website"] = page.Response.Data[0].Website.Value

	approval := client.NewApprovalReviewRequest(client.Approval{Action: "approve", Code: client.NewOptString("ZOE20")})
	review, err := as[*client.ReviewHeaders](api.ReviewApplication(ctx, approval, client.ReviewApplicationParams{
		AppId: appID, ApplicationId: applied.Response.ID,
	}))
	if err != nil {
		return nil, err
	}
	played["code"] = review.Response.Affiliate.Value.Code

	looked, err := as[*client.PartnerFoundHeaders](api.GetAffiliate(ctx, client.GetAffiliateParams{CustomerId: review.Response.Affiliate.Value.CustomerId}))
	if err != nil {
		return nil, err
	}
	partner, _ := looked.Response.GetAffiliate()
	played["enrolled"] = partner.Enrolled

	dashboard, err := as[*client.DashboardHeaders](api.GetDashboard(ctx))
	if err != nil {
		return nil, err
	}
	played["pendingBalance"] = dashboard.Response.Affiliate.PendingBalance

	link, err := as[*client.PortalLinkHeaders](api.GetPortalLink(ctx))
	if err != nil {
		return nil, err
	}
	noRedirects := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	portal, err := noRedirects.Get(string(link.Response.URL))
	if err != nil {
		return nil, err
	}
	played["portal"] = portal.StatusCode

	for range 2 {
		click, err := as[*client.ClickHeaders](api.TrackReferral(ctx, &client.TrackRequest{Code: "zoe20"}, client.TrackReferralParams{
			IdempotencyKey: client.NewOptString("click-1"),
		}))
		if err != nil {
			return nil, err
		}
		played["click"] = click.Response.Code
		played["replayed"] = click.IdempotencyReplayed.Value
	}

	deal, err := as[*client.DealHeaders](api.RegisterDeal(ctx, &client.DealRequest{LeadEmail: "lead@company.com", LeadName: "John Smith"}, client.RegisterDealParams{}))
	if err != nil {
		return nil, err
	}
	played["deal"] = deal.Response.Status

	settings, err := as[*client.AllSettingsHeaders](api.UpdateSettings(ctx, &client.SettingsChange{
		MinPayoutAmount:    client.NewOptMoney(19.99),
		CookieDurationDays: client.NewOptCookieDurationDays(14),
		Levels:             client.Levels{{Name: "Gold", MinPaidSubscriptions: 5, MinMonthlyValue: 4.35, CommissionRate: 12.07}},
	}, client.UpdateSettingsParams{AppId: appID}))
	if err != nil {
		return nil, err
	}
	played["settings"] = &settings.Response
	return played, nil
}

// as is a response of the wanted type.
func as[T any](response any, err error) (T, error) {
	wanted, ok := response.(T)
	if err == nil && !ok {
		err = fmt.Errorf("the response is a %T: %+v", response, response)
	}
	return wanted, err
}
