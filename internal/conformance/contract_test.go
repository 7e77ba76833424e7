package conformance_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/conformance"
	"github.com/stackbe/stackbe-go/internal/contract"
)

// changed has another value in every field. Some names are those of another field in the
// default contract: a translator that went by names alone would mix them up.
func changed() stackbe.Contract {
	return stackbe.Contract{
		ApplyPath:               "/api/partners/applications",
		ApplicationStatusPath:   "/api/partners/applications/mine",
		AffiliateByCustomerPath: "/api/customers/{customerID}/partner",
		CurrentAffiliatePath:    "/api/partners/me",
		DashboardPath:           "/api/partners/me/overview",
		PortalLinkPath:          "/api/partners/me/portal",
		TrackPath:               "/api/clicks",
		DealsPath:               "/v1/affiliate/track",
		ApplicationsPath:        "/api/apps/{appID}/applications",
		ApplicationPath:         "/api/apps/{appID}/application/{applicationID}",
		ReviewPath:              "/api/reviews/{applicationID}/of/{appID}",
		SettingsPath:            "/api/apps/{appID}/config",
		UpdateSettingsMethod:    "PUT",

		APIKeyHeader:      "Authorization",
		SessionHeader:     "X-Session-Token",
		AdminHeader:       "X-Api-Key",
		IdempotencyHeader: "Request-Key",
		RequestIDHeader:   "X-Trace",
		SignatureHeader:   "X-Dispatch-Signature",

		StatusParameter: "filter[status]",
		LimitParameter:  "cursor",
		CursorParameter: "limit",

		ListField:       "applications",
		DealsListField:  "deals",
		PaginationField: "page",
		CursorField:     "next",
		HasMoreField:    "more",

		TrackCodeField:      "url",
		TrackURLField:       "code",
		ClickIDField:        "code",
		ClickCodeField:      "clickId",
		ClickExpiresAtField: "valid_until",

		PortalLinkExpiresAtField: "expires",

		ApplicationAffiliateIDField: "affiliate_id",
		ApplicationCreatedAtField:   "reviewedAt",
		ApplicationReviewedAtField:  "createdAt",

		ReviewApplicationField: "affiliate",
		ReviewAffiliateField:   "application",

		AffiliateCustomerIDField:     "customer",
		AffiliateCommissionRateField: "rate",
		AffiliatePendingBalanceField: "balance",
		AffiliateCreatedAtField:      "since",

		DealIDField:        "dealId",
		DealLeadEmailField: "email",
		DealLeadNameField:  "name",
		DealNotesField:     "comment",
		DealStatusField:    "state",
		DealCreatedAtField: "registeredAt",

		DashboardReferralLinkField: "link",
		DashboardStatsField:        "counts",
		DashboardClicksField:       "visits",
		DashboardCustomersField:    "sales",
		DashboardDealsField:        "leads",
		DashboardEarningsField:     "money",
		DashboardInReviewField:     "held",
		DashboardReadyField:        "payable",
		DashboardRecentDealsField:  "deals",

		SettingsLevelsField:            "tiers",
		LevelNameField:                 "title",
		LevelMinPaidSubscriptionsField: "subscriptions",
		LevelMinMonthlyValueField:      "value",
		LevelCommissionRateField:       "percent",

		FractionalRates: true,
	}
}

func TestReferenceServerWithChangedContract(t *testing.T) {
	fields, standard := reflect.ValueOf(changed()), reflect.ValueOf(contract.Default())
	for i := range fields.NumField() {
		assert.False(t, fields.Field(i).IsZero(), fields.Type().Field(i).Name)
		assert.NotEqual(t, standard.Field(i).Interface(), fields.Field(i).Interface(), fields.Type().Field(i).Name)
	}
	conformance.Run(t, referenceServer(t, changed()))
}

func TestReferenceServerWithFlatPagination(t *testing.T) {
	conformance.Run(t, referenceServer(t, stackbe.Contract{ListField: "items", PaginationField: stackbe.FlatPagination, CursorField: "nextCursor"}))
}
