package stackbe

import (
	"cmp"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/transport"
)

// Contract holds what this SDK assumes about paths, headers and names where StackBE documents
// nothing; docs/contract.md also lists the assumptions that no field changes. The zero value of a
// field means its default, given beside it; the zero Contract is that of docs/contract.md.
//
//	client, err := stackbe.New(stackbe.Config{
//		APIKey:   os.Getenv("STACKBE_API_KEY"),
//		Contract: stackbe.Contract{DealsPath: "/v1/affiliate/leads", ListField: "items"},
//	})
//
// The calls, params and results stay the same: the SDK translates requests and responses.
// Raw keeps the JSON as the server sent it, and errors name the fields of a response as
// the server does. Calls of [Client.Do], of Client.Account and of Client.Admin are sent
// with the headers of the Contract, and are not translated otherwise: the resources of an
// account are this project's own. The one exception is the list of deals, at DealsPath.
//
// Command stackbe-mock and stackbetest.WithContract take a Contract and serve it.
type Contract struct {
	// Paths begin with a slash, and have the same names in braces as the default, once
	// each. StackBE documents all of them but DealsPath, ApplicationPath and SettingsPath.
	ApplyPath               string // POST /v1/affiliate/apply
	ApplicationStatusPath   string // GET /v1/affiliate/apply/status
	AffiliateByCustomerPath string // GET /v1/affiliate/by-customer/{customerID}
	CurrentAffiliatePath    string // GET /v1/affiliate
	DashboardPath           string // GET /v1/affiliate/dashboard
	PortalLinkPath          string // GET /v1/affiliate/portal-link
	TrackPath               string // POST /v1/affiliate/track
	DealsPath               string // POST /v1/affiliate/deals; GET lists them
	ApplicationsPath        string // GET /v1/apps/{appID}/affiliates/applications
	ApplicationPath         string // GET /v1/apps/{appID}/affiliates/applications/{applicationID}
	ReviewPath              string // POST /v1/apps/{appID}/affiliates/applications/{applicationID}/review
	SettingsPath            string // GET and UpdateSettingsMethod /v1/apps/{appID}/affiliates/settings
	UpdateSettingsMethod    string // PATCH; or PUT, or POST

	// A credential is sent as "Bearer <token>" in Authorization, and without "Bearer" in
	// any other header.
	APIKeyHeader  string // x-api-key
	SessionHeader string // Authorization: the customer's session token
	AdminHeader   string // Authorization: the admin's JWT

	IdempotencyHeader string // Idempotency-Key; Config.IdempotencyHeader wins where it is set
	RequestIDHeader   string // x-request-id, of a response

	// SignatureHeader is X-StackBE-Signature, and carries the signature of a webhook. This
	// package receives none: give the same name to webhooks.WithSignatureHeader.
	SignatureHeader string

	StatusParameter string // status: which applications are listed
	LimitParameter  string // limit: how many are in a page
	CursorParameter string // cursor: where a page starts

	// A page of a list is {"data": […], "pagination": {"cursor", "hasMore"}}. With
	// FlatPagination, it is {"data": […], "cursor", "hasMore"}. A bare array is read as
	// the only page whatever is set here.
	ListField       string // data; often items, or a name of the content such as applications
	DealsListField  string // ListField, and so data: of the list of deals, at DealsPath
	PaginationField string // pagination; or FlatPagination
	CursorField     string // cursor: where the next page starts
	HasMoreField    string // hasMore: whether there is a next page

	TrackCodeField      string // code, of the request that tracks a click
	TrackURLField       string // url, of that request
	ClickIDField        string // clickId, of its response
	ClickCodeField      string // code, of its response
	ClickExpiresAtField string // expiresAt, of its response

	PortalLinkExpiresAtField string // expiresAt

	ApplicationAffiliateIDField string // affiliateId
	ApplicationCreatedAtField   string // createdAt, of an application and of its status
	ApplicationReviewedAtField  string // reviewedAt, of both

	ReviewApplicationField string // application
	ReviewAffiliateField   string // affiliate

	AffiliateCustomerIDField     string // customerId
	AffiliateCommissionRateField string // commissionRate
	AffiliatePendingBalanceField string // pendingBalance
	AffiliateCreatedAtField      string // createdAt

	DealIDField        string // id
	DealLeadEmailField string // leadEmail, of the response; that of the request is StackBE's
	DealLeadNameField  string // leadName, as DealLeadEmailField
	DealNotesField     string // notes, as DealLeadEmailField
	DealStatusField    string // status
	DealCreatedAtField string // createdAt

	DashboardReferralLinkField string // referralLink
	DashboardStatsField        string // stats, an object with the next three
	DashboardClicksField       string // clicks
	DashboardCustomersField    string // customers
	DashboardDealsField        string // deals
	DashboardEarningsField     string // earnings, an object with the next two
	DashboardInReviewField     string // inReview
	DashboardReadyField        string // ready
	DashboardRecentDealsField  string // recentDeals

	SettingsLevelsField            string // levels, a list of objects with the next four
	LevelNameField                 string // name
	LevelMinPaidSubscriptionsField string // minPaidSubscriptions
	LevelMinMonthlyValueField      string // minMonthlyValue
	LevelCommissionRateField       string // commissionRate

	// FractionalRates says that a rate of 20 % is 0.2 in JSON, and not 20.
	FractionalRates bool
}

// FlatPagination is the [Contract.PaginationField] of a list whose cursor is beside its
// elements.
const FlatPagination = "-"

func validateContract(cfg Config) error {
	if cfg.Contract == (Contract{}) {
		return nil
	}
	c := contract.Contract(cfg.Contract)
	c.IdempotencyHeader = cmp.Or(cfg.IdempotencyHeader, c.IdempotencyHeader)
	field, err := transport.CheckContract(c)
	if err == nil {
		return nil
	}
	prefix := "Config.Contract."
	if field == "IdempotencyHeader" && cfg.IdempotencyHeader != "" {
		prefix = "Config."
	}
	return &ArgumentError{Field: prefix + field, Problem: err.Error()}
}
