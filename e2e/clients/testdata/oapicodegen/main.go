// The partner program through the client that oapi-codegen generates.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/stackbe/stackbe-go/e2e/clients/testdata/oapicodegen/client"
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

func header(name, value string) client.RequestEditorFn {
	return func(_ context.Context, request *http.Request) error {
		request.Header.Set(name, value)
		return nil
	}
}

func play(ctx context.Context) (map[string]any, error) {
	api, err := client.NewClientWithResponses(os.Getenv("STACKBE_BASE_URL"))
	if err != nil {
		return nil, err
	}
	appID := os.Getenv("STACKBE_APP_ID")
	key := header("x-api-key", os.Getenv("STACKBE_API_KEY"))
	session := header("Authorization", "Bearer "+os.Getenv("STACKBE_SESSION_TOKEN"))
	admin := header("Authorization", "Bearer "+os.Getenv("STACKBE_ADMIN_TOKEN"))
	played := map[string]any{}

	website := "http://acme.com/é"
	application := client.ApplicationRequest{Email: "é@x.com", Name: "Zoë", Website: &website}
	applied, err := api.ApplyWithResponse(ctx, nil, application, key)
	if err != nil || applied.JSON201 == nil {
		return nil, unexpected(applied, err)
	}
	played["applied"] = applied.JSON201.Status

	again, err := api.ApplyWithResponse(ctx, nil, application, key)
	if err != nil || again.JSON409 == nil {
		return nil, unexpected(again, err)
	}
	played["duplicate"] = again.JSON409.StatusCode
	played["refusal"] = again.JSON409.Code

	invalid, err := api.ApplyWithResponse(ctx, nil, client.ApplicationRequest{}, key)
	if err != nil || invalid.JSON400 == nil {
		return nil, unexpected(invalid, err)
	}
	problems, err := invalid.JSON400.Message.AsErrorMessage1()
	if err != nil {
		return nil, err
	}
	played["problems"] = len(problems)

	status, err := api.GetApplicationStatusWithResponse(ctx, &client.GetApplicationStatusParams{Email: application.Email}, key)
	if err != nil || status.JSON200 == nil {
		return nil, unexpected(status, err)
	}
	check, err := status.JSON200.AsApplied()
	if err != nil {
		return nil, err
	}
	played["status"] = check.Status

	pending := client.ApplicationStatusPending
	page, err := api.ListApplicationsWithResponse(ctx, appID, &client.ListApplicationsParams{Status: &pending}, admin)
	if err != nil || page.JSON200 == nil {
		return nil, unexpected(page, err)
	}
	played["website"] = page.JSON200.Data[0].Website

	var approval client.ReviewRequest
	code := "ZOE20"
	if err := approval.FromApproval(client.Approval{Action: client.Approve, Code: &code}); err != nil {
		return nil, err
	}
	review, err := api.ReviewApplicationWithResponse(ctx, appID, applied.JSON201.Id, nil, approval, admin)
	if err != nil || review.JSON200 == nil {
		return nil, unexpected(review, err)
	}
	played["code"] = review.JSON200.Affiliate.Code

	looked, err := api.GetAffiliateWithResponse(ctx, review.JSON200.Affiliate.CustomerId, key)
	if err != nil || looked.JSON200 == nil {
		return nil, unexpected(looked, err)
	}
	partner, err := looked.JSON200.AsAffiliate()
	if err != nil {
		return nil, err
	}
	played["enrolled"] = partner.Enrolled

	dashboard, err := api.GetDashboardWithResponse(ctx, session)
	if err != nil || dashboard.JSON200 == nil {
		return nil, unexpected(dashboard, err)
	}
	played["pendingBalance"] = dashboard.JSON200.Affiliate.PendingBalance

	link, err := api.GetPortalLinkWithResponse(ctx, session)
	if err != nil || link.JSON200 == nil {
		return nil, unexpected(link, err)
	}
	noRedirects := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	portal, err := noRedirects.Get(link.JSON200.Url)
	if err != nil {
		return nil, err
	}
	played["portal"] = portal.StatusCode

	idempotencyKey := "click-1"
	for range 2 {
		click, err := api.TrackReferralWithResponse(ctx, &client.TrackReferralParams{IdempotencyKey: &idempotencyKey}, client.TrackRequest{Code: "zoe20"}, key)
		if err != nil || click.JSON201 == nil {
			return nil, unexpected(click, err)
		}
		played["click"] = click.JSON201.Code
		played["replayed"] = click.Headers201.IdempotencyReplayed
	}

	deal, err := api.RegisterDealWithResponse(ctx, nil, client.DealRequest{LeadEmail: "lead@company.com", LeadName: "John Smith"}, session)
	if err != nil || deal.JSON201 == nil {
		return nil, unexpected(deal, err)
	}
	played["deal"] = deal.JSON201.Status

	least, days := 19.99, 14
	levels := client.Levels{{Name: "Gold", MinPaidSubscriptions: 5, MinMonthlyValue: 4.35, CommissionRate: 12.07}}
	settings, err := api.UpdateSettingsWithResponse(ctx, appID, nil, client.SettingsChange{MinPayoutAmount: &least, CookieDurationDays: &days, Levels: &levels}, admin)
	if err != nil || settings.JSON200 == nil {
		return nil, unexpected(settings, err)
	}
	played["settings"] = settings.JSON200
	return played, nil
}

func unexpected(response interface{ Status() string }, err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("%T: %s", response, response.Status())
}
