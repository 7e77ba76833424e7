package api

import (
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/directory"
)

// moneyRoutes returns the routes for what customers pay and what partners earn. They are decisions of
// this project: no configured contract changes them.
func moneyRoutes() []route {
	const (
		account = "/v1/affiliate/account/"
		app     = "/v1/apps/{appID}/"
	)
	page := []string{"limit", "cursor"}
	with := func(names ...string) []string { return append(names, page...) }
	return []route{
		{http.MethodGet, account + "invoices", directory.Session, with("userId"), http.StatusOK, listUserInvoices},
		{http.MethodGet, account + "invoices/{invoiceID}", directory.Session, nil, http.StatusOK, getUserInvoice},
		{http.MethodGet, account + "invoices/{invoiceID}/receipt", directory.Session, nil, http.StatusOK, getReceipt},
		{http.MethodGet, account + "invoices/{invoiceID}/refunds", directory.Session, page, http.StatusOK, listUserRefunds},
		{http.MethodGet, account + "commissions", directory.Session, with("status", "userId", "plan", "payoutId", "from", "to"), http.StatusOK, listCommissions},
		{http.MethodGet, account + "commissions/summary", directory.Session, nil, http.StatusOK, commissionSummary},
		{http.MethodGet, account + "commissions/subscriptions", directory.Session, page, http.StatusOK, listEarningSubscriptions},
		{http.MethodGet, account + "payouts", directory.Session, with("status"), http.StatusOK, listPayouts},
		{http.MethodPost, account + "payouts", directory.Session, nil, http.StatusCreated, requestPayout},
		{http.MethodGet, account + "payouts/{payoutID}", directory.Session, nil, http.StatusOK, getPayout},
		{http.MethodGet, account + "payouts/schedule", directory.Session, nil, http.StatusOK, getPayoutSchedule},
		{http.MethodPatch, account + "payouts/schedule", directory.Session, nil, http.StatusOK, setPayoutSchedule},
		{http.MethodGet, account + "statement", directory.Session, page, http.StatusOK, statement},

		{http.MethodGet, app + "affiliates/payouts", directory.Admin, with("status"), http.StatusOK, listAllPayouts},
		{http.MethodGet, app + "affiliates/payouts/{payoutID}", directory.Admin, nil, http.StatusOK, getAnyPayout},
		{http.MethodPost, app + "affiliates/payouts/{payoutID}/status", directory.Admin, nil, http.StatusOK, movePayout},
		{http.MethodGet, app + "subscriptions", directory.Admin, with("customerId"), http.StatusOK, listSubscriptions},
		{http.MethodPost, app + "subscriptions", directory.Admin, nil, http.StatusCreated, createSubscription},
		{http.MethodGet, app + "subscriptions/{subscriptionID}", directory.Admin, nil, http.StatusOK, getSubscription},
		{http.MethodPatch, app + "subscriptions/{subscriptionID}", directory.Admin, nil, http.StatusOK, updateSubscription},
		{http.MethodGet, app + "invoices", directory.Admin, with("customerId", "subscriptionId"), http.StatusOK, listInvoices},
		{http.MethodPost, app + "invoices", directory.Admin, nil, http.StatusCreated, createInvoice},
		{http.MethodGet, app + "invoices/{invoiceID}", directory.Admin, nil, http.StatusOK, getInvoice},
		{http.MethodPost, app + "invoices/{invoiceID}/pay", directory.Admin, nil, http.StatusOK, payInvoice},
		{http.MethodPost, app + "invoices/{invoiceID}/refunds", directory.Admin, nil, http.StatusCreated, refundInvoice},
		{http.MethodGet, app + "invoices/{invoiceID}/refunds", directory.Admin, page, http.StatusOK, listRefunds},
	}
}
