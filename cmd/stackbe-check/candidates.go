package main

// candidates are the values that the fields of a contract may have besides the default, the
// likeliest first. They come from the vendor's other products and from other APIs. Names in snake
// case are added by code.
var candidates = map[string][]string{
	"ApplyPath":               {"/v1/affiliates/apply", "/v1/affiliate/applications"},
	"ApplicationStatusPath":   {"/v1/affiliates/apply/status", "/v1/affiliate/applications/status", "/v1/affiliate/status"},
	"AffiliateByCustomerPath": {"/v1/affiliates/by-customer/{customerID}", "/v1/customers/{customerID}/affiliate"},
	"CurrentAffiliatePath":    {"/v1/affiliates/me", "/v1/affiliate/me"},
	"DashboardPath":           {"/v1/affiliates/dashboard", "/v1/affiliate/me/dashboard"},
	"PortalLinkPath":          {"/v1/affiliates/portal-link", "/v1/affiliate/portal"},
	"TrackPath":               {"/v1/affiliates/track", "/v1/affiliate/clicks", "/v1/affiliate/track-referral"},
	"DealsPath":               {"/v1/affiliate/leads", "/v1/affiliates/deals", "/v1/affiliate/register-deal", "/v1/affiliate/deals/register", "/v1/affiliate/deal", "/v1/affiliates/leads", "/v1/affiliate/deal-registrations", "/v1/deals"},
	"ApplicationsPath":        {"/v1/apps/{appID}/affiliate/applications", "/v1/apps/{appID}/affiliate-applications"},
	"ApplicationPath":         {"/v1/apps/{appID}/affiliate/applications/{applicationID}", "/v1/apps/{appID}/affiliate-applications/{applicationID}"},
	"ReviewPath":              {"/v1/apps/{appID}/affiliate/applications/{applicationID}/review", "/v1/apps/{appID}/affiliate-applications/{applicationID}/review"},
	"SettingsPath":            {"/v1/apps/{appID}/affiliate/settings", "/v1/apps/{appID}/affiliate-settings", "/v1/apps/{appID}/affiliates/config", "/v1/apps/{appID}/affiliates/program", "/v1/apps/{appID}/settings/affiliates"},
	"UpdateSettingsMethod":    {"PUT", "POST"},

	"APIKeyHeader":      {"Authorization", "X-StackBE-Api-Key", "Api-Key", "X-API-Token", "X-StackBE-Key"},
	"SessionHeader":     {"X-Session-Token", "X-StackBE-Session", "X-Customer-Token", "X-Session", "X-StackBE-Session-Token", "X-Auth-Token"},
	"AdminHeader":       {"X-Admin-Token", "X-Auth-Token", "X-Access-Token", "X-StackBE-Admin-Token"},
	"IdempotencyHeader": {"X-Idempotency-Key", "Idempotency-Token"},
	"RequestIDHeader":   {"Request-Id", "X-Correlation-Id", "X-Trace-Id", "X-Amzn-Requestid"},
	"SignatureHeader":   {"X-Dispatch-Signature", "X-Webhook-Signature", "X-Signature", "X-Hub-Signature-256"},

	"StatusParameter": {"state", "filter[status]", "applicationStatus", "filter", "statuses"},
	"LimitParameter":  {"pageSize", "perPage", "take", "size", "count", "first", "max", "maxResults", "pageLimit"},
	"CursorParameter": {"after", "startingAfter", "pageToken", "next", "nextCursor", "nextToken", "continuation", "position", "before"},

	"ListField":       {"items", "applications", "results"},
	"DealsListField":  {"deals", "items", "leads", "results"},
	"PaginationField": {"-", "meta", "page", "paging"},
	"CursorField":     {"nextCursor", "next", "endCursor"},
	"HasMoreField":    {"hasNext", "hasNextPage", "more"},

	"TrackCodeField":      {"referralCode", "affiliateCode", "ref"},
	"TrackURLField":       {"pageUrl", "landingPage", "landingUrl", "page"},
	"ClickIDField":        {"id", "referralId"},
	"ClickCodeField":      {"referralCode", "affiliateCode"},
	"ClickExpiresAtField": {"expires", "validUntil"},

	"PortalLinkExpiresAtField": {"expires", "validUntil"},

	"ApplicationAffiliateIDField": {"partnerId"},
	"ApplicationCreatedAtField":   {"appliedAt", "submittedAt"},
	"ApplicationReviewedAtField":  {"decidedAt", "updatedAt"},

	"ReviewApplicationField": {"partnerApplication"},
	"ReviewAffiliateField":   {"partner"},

	"AffiliateCustomerIDField":     {"customer"},
	"AffiliateCommissionRateField": {"rate", "commission"},
	"AffiliatePendingBalanceField": {"balance", "pending"},
	"AffiliateCreatedAtField":      {"enrolledAt", "joinedAt"},

	"DealIDField":        {"dealId"},
	"DealLeadEmailField": {"email"},
	"DealLeadNameField":  {"name"},
	"DealNotesField":     {"note", "comment"},
	"DealStatusField":    {"state", "stage"},
	"DealCreatedAtField": {"registeredAt"},

	"DashboardReferralLinkField": {"referralUrl", "link"},
	"DashboardStatsField":        {"statistics", "counts", "metrics"},
	"DashboardClicksField":       {"visits", "totalClicks"},
	"DashboardCustomersField":    {"referrals", "signups", "totalCustomers"},
	"DashboardDealsField":        {"leads", "totalDeals"},
	"DashboardEarningsField":     {"balances", "commissions"},
	"DashboardInReviewField":     {"pending", "held"},
	"DashboardReadyField":        {"available", "payable"},
	"DashboardRecentDealsField":  {"latestDeals", "deals"},

	"SettingsLevelsField":            {"tiers"},
	"LevelNameField":                 {"title", "label"},
	"LevelMinPaidSubscriptionsField": {"minSubscriptions"},
	"LevelMinMonthlyValueField":      {"minValue"},
	"LevelCommissionRateField":       {"rate", "commission"},
}
