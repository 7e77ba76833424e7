package affiliates

// The paths of the API. Those marked Contract are in no public document.
const (
	routeApply             = "/v1/affiliate/apply"
	routeApplicationStatus = "/v1/affiliate/apply/status"
	routeByCustomer        = "/v1/affiliate/by-customer/{customerID}"
	routeCurrent           = "/v1/affiliate"
	routeDashboard         = "/v1/affiliate/dashboard"
	routePortalLink        = "/v1/affiliate/portal-link"
	routeTrack             = "/v1/affiliate/track"
	routeDeals             = "/v1/affiliate/deals" // Contract
	routeApplications      = "/v1/apps/{appID}/affiliates/applications"
	routeApplication       = "/v1/apps/{appID}/affiliates/applications/{applicationID}" // Contract
	routeReview            = "/v1/apps/{appID}/affiliates/applications/{applicationID}/review"
	routeSettings          = "/v1/apps/{appID}/affiliates/settings" // Contract
)
