// Package contract translates between the default contract of docs/contract.md, which the SDK and
// the reference server are written in, and one that a [Contract] describes.
package contract

import (
	"cmp"
	"reflect"
)

// Contract is stackbe.Contract, which documents it. The end of a field's name says what it holds:
// a Path, a Method, a Header, a Parameter of a query, or the name of a Field in JSON.
type Contract struct {
	ApplyPath               string
	ApplicationStatusPath   string
	AffiliateByCustomerPath string
	CurrentAffiliatePath    string
	DashboardPath           string
	PortalLinkPath          string
	TrackPath               string
	DealsPath               string
	ApplicationsPath        string
	ApplicationPath         string
	ReviewPath              string
	SettingsPath            string
	UpdateSettingsMethod    string

	APIKeyHeader      string
	SessionHeader     string
	AdminHeader       string
	IdempotencyHeader string
	RequestIDHeader   string
	SignatureHeader   string

	StatusParameter string
	LimitParameter  string
	CursorParameter string

	ListField       string
	DealsListField  string
	PaginationField string
	CursorField     string
	HasMoreField    string

	TrackCodeField      string
	TrackURLField       string
	ClickIDField        string
	ClickCodeField      string
	ClickExpiresAtField string

	PortalLinkExpiresAtField string

	ApplicationAffiliateIDField string
	ApplicationCreatedAtField   string
	ApplicationReviewedAtField  string

	ReviewApplicationField string
	ReviewAffiliateField   string

	AffiliateCustomerIDField     string
	AffiliateCommissionRateField string
	AffiliatePendingBalanceField string
	AffiliateCreatedAtField      string

	DealIDField        string
	DealLeadEmailField string
	DealLeadNameField  string
	DealNotesField     string
	DealStatusField    string
	DealCreatedAtField string

	DashboardReferralLinkField string
	DashboardStatsField        string
	DashboardClicksField       string
	DashboardCustomersField    string
	DashboardDealsField        string
	DashboardEarningsField     string
	DashboardInReviewField     string
	DashboardReadyField        string
	DashboardRecentDealsField  string

	SettingsLevelsField            string
	LevelNameField                 string
	LevelMinPaidSubscriptionsField string
	LevelMinMonthlyValueField      string
	LevelCommissionRateField       string

	FractionalRates bool
}

// FlatPagination is the PaginationField of a list whose cursor is beside its elements.
const FlatPagination = "-"

// Default is the contract of docs/contract.md.
func Default() Contract {
	return Contract{
		ApplyPath:               "/v1/affiliate/apply",
		ApplicationStatusPath:   "/v1/affiliate/apply/status",
		AffiliateByCustomerPath: "/v1/affiliate/by-customer/{customerID}",
		CurrentAffiliatePath:    "/v1/affiliate",
		DashboardPath:           "/v1/affiliate/dashboard",
		PortalLinkPath:          "/v1/affiliate/portal-link",
		TrackPath:               "/v1/affiliate/track",
		DealsPath:               "/v1/affiliate/deals",
		ApplicationsPath:        "/v1/apps/{appID}/affiliates/applications",
		ApplicationPath:         "/v1/apps/{appID}/affiliates/applications/{applicationID}",
		ReviewPath:              "/v1/apps/{appID}/affiliates/applications/{applicationID}/review",
		SettingsPath:            "/v1/apps/{appID}/affiliates/settings",
		UpdateSettingsMethod:    "PATCH",

		APIKeyHeader:      "x-api-key",
		SessionHeader:     "Authorization",
		AdminHeader:       "Authorization",
		IdempotencyHeader: "Idempotency-Key",
		RequestIDHeader:   "x-request-id",
		SignatureHeader:   "X-StackBE-Signature",

		StatusParameter: "status",
		LimitParameter:  "limit",
		CursorParameter: "cursor",

		ListField:       "data",
		DealsListField:  "data",
		PaginationField: "pagination",
		CursorField:     "cursor",
		HasMoreField:    "hasMore",

		TrackCodeField:      "code",
		TrackURLField:       "url",
		ClickIDField:        "clickId",
		ClickCodeField:      "code",
		ClickExpiresAtField: "expiresAt",

		PortalLinkExpiresAtField: "expiresAt",

		ApplicationAffiliateIDField: "affiliateId",
		ApplicationCreatedAtField:   "createdAt",
		ApplicationReviewedAtField:  "reviewedAt",

		ReviewApplicationField: "application",
		ReviewAffiliateField:   "affiliate",

		AffiliateCustomerIDField:     "customerId",
		AffiliateCommissionRateField: "commissionRate",
		AffiliatePendingBalanceField: "pendingBalance",
		AffiliateCreatedAtField:      "createdAt",

		DealIDField:        "id",
		DealLeadEmailField: "leadEmail",
		DealLeadNameField:  "leadName",
		DealNotesField:     "notes",
		DealStatusField:    "status",
		DealCreatedAtField: "createdAt",

		DashboardReferralLinkField: "referralLink",
		DashboardStatsField:        "stats",
		DashboardClicksField:       "clicks",
		DashboardCustomersField:    "customers",
		DashboardDealsField:        "deals",
		DashboardEarningsField:     "earnings",
		DashboardInReviewField:     "inReview",
		DashboardReadyField:        "ready",
		DashboardRecentDealsField:  "recentDeals",

		SettingsLevelsField:            "levels",
		LevelNameField:                 "name",
		LevelMinPaidSubscriptionsField: "minPaidSubscriptions",
		LevelMinMonthlyValueField:      "minMonthlyValue",
		LevelCommissionRateField:       "commissionRate",
	}
}

// Complete returns c with the default of each field that is zero.
func (c Contract) Complete() Contract {
	c.DealsListField = cmp.Or(c.DealsListField, c.ListField)
	complete, standard := reflect.ValueOf(&c).Elem(), reflect.ValueOf(Default())
	for i := range complete.NumField() {
		if complete.Field(i).IsZero() {
			complete.Field(i).Set(standard.Field(i))
		}
	}
	return c
}
