package affiliates

// The paths of the API. StackBE does not document those marked Contract.
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

// The paths of a partner's account. Contract.
const (
	routeUsers                   = "/v1/affiliate/account/users"
	routeUser                    = "/v1/affiliate/account/users/{userID}"
	routeUserLink                = "/v1/affiliate/account/users/link"
	routeUserSubscriptions       = "/v1/affiliate/account/users/{userID}/subscriptions"
	routeUserAccess              = "/v1/affiliate/account/users/{userID}/access"
	routeUserLogin               = "/v1/affiliate/account/users/{userID}/login"
	routeInvoices                = "/v1/affiliate/account/invoices"
	routeInvoice                 = "/v1/affiliate/account/invoices/{invoiceID}"
	routeReceipt                 = "/v1/affiliate/account/invoices/{invoiceID}/receipt"
	routeInvoiceRefunds          = "/v1/affiliate/account/invoices/{invoiceID}/refunds"
	routeCommissions             = "/v1/affiliate/account/commissions"
	routeCommissionSummary       = "/v1/affiliate/account/commissions/summary"
	routeCommissionSubscriptions = "/v1/affiliate/account/commissions/subscriptions"
	routePayouts                 = "/v1/affiliate/account/payouts"
	routePayout                  = "/v1/affiliate/account/payouts/{payoutID}"
	routePayoutSchedule          = "/v1/affiliate/account/payouts/schedule"
	routeStatement               = "/v1/affiliate/account/statement"
	routeInfo                    = "/v1/affiliate/account/info"
	routeBadge                   = "/v1/affiliate/account/badge"
	routeAccesses                = "/v1/affiliate/access"
	routeAccess                  = "/v1/affiliate/access/{accessID}"
)

// The paths of an app's admin. Contract.
const (
	routeAdminPartners       = "/v1/apps/{appID}/affiliates/partners"
	routeAdminPartner        = "/v1/apps/{appID}/affiliates/partners/{affiliateID}"
	routeAdminPayouts        = "/v1/apps/{appID}/affiliates/payouts"
	routeAdminPayout         = "/v1/apps/{appID}/affiliates/payouts/{payoutID}"
	routeAdminPayoutStatus   = "/v1/apps/{appID}/affiliates/payouts/{payoutID}/status"
	routeAdminCustomers      = "/v1/apps/{appID}/customers"
	routeAdminCustomer       = "/v1/apps/{appID}/customers/{customerID}"
	routeAdminSessions       = "/v1/apps/{appID}/customers/{customerID}/sessions"
	routeAdminSubscriptions  = "/v1/apps/{appID}/subscriptions"
	routeAdminSubscription   = "/v1/apps/{appID}/subscriptions/{subscriptionID}"
	routeAdminInvoices       = "/v1/apps/{appID}/invoices"
	routeAdminInvoice        = "/v1/apps/{appID}/invoices/{invoiceID}"
	routeAdminInvoicePayment = "/v1/apps/{appID}/invoices/{invoiceID}/pay"
	routeAdminInvoiceRefunds = "/v1/apps/{appID}/invoices/{invoiceID}/refunds"
)
