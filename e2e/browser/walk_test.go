package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// A place is one page of a site.
type place struct {
	Name   string // of a file
	Path   string
	Status int64 // 200 unless it is another
}

// A walk is a person who is signed in, and the pages that the person can open.
type walk struct {
	*tab
	URL    string
	Places []place
}

// each opens each page, and calls visit.
func (w walk) each(visit func(place)) {
	w.t.Helper()
	for _, place := range w.Places {
		if place.Status == 0 {
			place.Status = 200
		}
		w.openAs(place.Status, w.URL+place.Path)
		visit(place)
	}
}

// enterPortal signs a partner in to the portal in a new tab, and logs in as a user who grants access.
func (h *host) enterPortal(t testing.TB, as look, p partner) walk {
	t.Helper()
	visitor := newTab(t, as)
	signedIn := walk{visitor, h.URL, p.places(t)}
	if user := p.granting(t); user != nil {
		login, err := p.Account.Users.LogInAs(t.Context(), user.ID, affiliates.LogInAsParams{})
		require.NoError(t, err)
		visitor.open(login.URL)
		signedIn.Places = append(signedIn.Places, place{Name: "as-user", Path: "/portal/as-user"})
	}
	visitor.open(p.link(t))
	return signedIn
}

// granting is a partner's newest user who grants access; nil if there is none.
func (p partner) granting(t testing.TB) *affiliates.User {
	t.Helper()
	for user, err := range p.Account.Users.All(t.Context(), affiliates.UserFilter{}) {
		require.NoError(t, err)
		if user.Access == affiliates.AccessGranted {
			return user
		}
	}
	return nil
}

// enterConsole signs the admin in to the console in a new tab.
func (h *host) enterConsole(t testing.TB, as look) walk {
	t.Helper()
	visitor := newTab(t, as)
	link, err := h.ConsoleLink(h.App.ID)
	require.NoError(t, err)
	visitor.open(h.URL + link)
	visitor.follow(control("Sign in"))
	return walk{visitor, h.URL, h.places(t)}
}

// places are all pages of the portal of a partner: those of lists and forms, and one for each kind of record that
// there is.
func (p partner) places(t testing.TB) []place {
	t.Helper()
	places := []place{
		{Name: "dashboard", Path: "/portal"},
		{Name: "users", Path: "/portal/users"},
		{Name: "users-limit-exceeded", Path: "/portal/users?filter=limit_exceeded"},
		{Name: "users-error", Path: "/portal/users?filter=error"},
		{Name: "create-sub-account", Path: "/portal/create-sub-account"},
		{Name: "add-user", Path: "/portal/add-user"},
		{Name: "deals", Path: "/portal/deals"},
		{Name: "register-deal", Path: "/portal/register-deal"},
		{Name: "invoices", Path: "/portal/invoices"},
		{Name: "commissions", Path: "/portal/commissions"},
		{Name: "commissions-clawback", Path: "/portal/commissions?status=clawback"},
		{Name: "containers", Path: "/portal/containers"},
		{Name: "payouts", Path: "/portal/payouts"},
		{Name: "statement", Path: "/portal/statement"},
		{Name: "info", Path: "/portal/info"},
		{Name: "api", Path: "/portal/api"},
		{Name: "missing", Path: "/portal/users/cust_missing", Status: 404},
		{Name: "unknown-filter", Path: "/portal/users?filter=unknown", Status: 400},
	}
	access := make(map[affiliates.AccessStatus]bool)
	for user, err := range p.Account.Users.All(t.Context(), affiliates.UserFilter{}) {
		require.NoError(t, err)
		if !access[user.Access] {
			access[user.Access] = true
			places = append(places,
				place{Name: "user-access-" + string(user.Access), Path: "/portal/users/" + user.ID},
				place{Name: "commissions-of-user-" + string(user.Access), Path: "/portal/commissions?user=" + user.ID},
			)
		}
	}
	invoices := make(map[affiliates.InvoiceStatus]bool)
	for invoice, err := range p.Account.Invoices.All(t.Context(), affiliates.InvoiceFilter{}) {
		require.NoError(t, err)
		if invoices[invoice.Status] {
			continue
		}
		invoices[invoice.Status] = true
		places = append(places, place{Name: "invoice-" + string(invoice.Status), Path: "/portal/invoices/" + invoice.ID})
		receipt := place{Name: "receipt-" + string(invoice.Status), Path: "/portal/invoices/" + invoice.ID + "/receipt"}
		if invoice.Status == affiliates.InvoiceFailed {
			receipt.Status = 409
		}
		places = append(places, receipt)
	}
	payouts := make(map[affiliates.PayoutStatus]bool)
	for payout, err := range p.Account.Payouts.All(t.Context(), affiliates.PayoutFilter{}) {
		require.NoError(t, err)
		if !payouts[payout.Status] {
			payouts[payout.Status] = true
			places = append(places,
				place{Name: "payout-" + string(payout.Status), Path: "/portal/payouts/" + payout.ID},
				place{Name: "commissions-of-payout-" + string(payout.Status), Path: "/portal/commissions?payout=" + payout.ID},
			)
		}
	}
	return places
}

// places are all pages of the console, like those of the portal.
func (h *host) places(t testing.TB) []place {
	t.Helper()
	places := []place{
		{Name: "overview", Path: "/console"},
		{Name: "applications", Path: "/console/applications"},
		{Name: "partners", Path: "/console/partners"},
		{Name: "payouts", Path: "/console/payouts"},
		{Name: "customers", Path: "/console/customers"},
		{Name: "invoices", Path: "/console/invoices"},
		{Name: "webhooks", Path: "/console/webhooks"},
		{Name: "requests", Path: "/console/requests"},
		{Name: "settings", Path: "/console/settings"},
		{Name: "missing", Path: "/console/partners/missing", Status: 404},
		{Name: "find-nobody", Path: "/console/partners?find=NOBODY"},
	}
	admin, ctx := h.Admin, t.Context()
	applications := make(map[affiliates.ApplicationStatus]bool)
	for application, err := range admin.Affiliates.Applications(ctx, affiliates.ApplicationFilter{}) {
		require.NoError(t, err)
		if !applications[application.Status] {
			applications[application.Status] = true
			places = append(places, place{Name: "application-" + string(application.Status), Path: "/console/applications/" + application.ID})
		}
	}
	partners, err := admin.Admin.Partners.List(ctx, affiliates.PartnerFilter{Limit: 100})
	require.NoError(t, err)
	for i, partner := range partners.Data {
		if i == 0 || i == len(partners.Data)-1 {
			places = append(places, place{Name: fmt.Sprint("partner-", len(partners.Data)-i), Path: "/console/partners/" + partner.ID})
		}
	}
	payouts := make(map[affiliates.PayoutStatus]bool)
	for payout, err := range admin.Admin.Payouts.All(ctx, affiliates.PayoutFilter{}) {
		require.NoError(t, err)
		if !payouts[payout.Status] {
			payouts[payout.Status] = true
			places = append(places, place{Name: "payout-" + string(payout.Status), Path: "/console/payouts/" + payout.ID})
		}
	}
	customers, err := admin.Admin.Customers.List(ctx, affiliates.CustomerFilter{Limit: 1})
	require.NoError(t, err)
	for _, customer := range customers.Data {
		places = append(places, place{Name: "customer", Path: "/console/customers/" + customer.ID})
	}
	invoices := make(map[affiliates.InvoiceStatus]bool)
	for invoice, err := range admin.Admin.Invoices.All(ctx, affiliates.AdminInvoiceFilter{}) {
		require.NoError(t, err)
		if !invoices[invoice.Status] {
			invoices[invoice.Status] = true
			places = append(places, place{Name: "invoice-" + string(invoice.Status), Path: "/console/invoices/" + invoice.ID})
		}
	}
	for _, request := range h.Requests.All() {
		if strings.HasPrefix(request.Path, "/v1/") {
			places = append(places, place{Name: "request", Path: fmt.Sprint("/console/requests/", request.Sequence)})
			break
		}
	}
	for i, endpoint := range h.Webhooks.App(h.App.ID).Endpoints() {
		at := "/console/webhooks/" + endpoint.ID
		places = append(places, place{Name: fmt.Sprint("webhook-", i+1), Path: at})
		for _, delivery := range h.Webhooks.App(h.App.ID).Deliveries(delivery.DeliveryQuery{EndpointID: endpoint.ID, PageQuery: program.PageQuery{Limit: 1}}).Rows {
			places = append(places, place{Name: fmt.Sprint("delivery-", i+1), Path: at + "/deliveries/" + delivery.EventID})
		}
	}
	return places
}

// addWebhooks adds a webhook whose receiver acknowledges, and one whose receiver fails, and has both receive events.
func (h *host) addWebhooks(t testing.TB) {
	t.Helper()
	for _, status := range []int{http.StatusOK, http.StatusServiceUnavailable} {
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = fmt.Fprintln(w, http.StatusText(status))
		}))
		t.Cleanup(receiver.Close)
		_, err := h.Webhooks.AddEndpoint(h.App.ID, delivery.EndpointParams{URL: receiver.URL + "/stackbe", Secret: "whsec_c2VjcmV0IG9mIHRoZSBicm93c2VyJ3MgdGVzdHM="})
		require.NoError(t, err)
	}
	customer, err := h.App.Program.CreateCustomer(program.CustomerParams{Email: "pia.lang@langdesign.example", Name: "Pia Lang"})
	require.NoError(t, err)
	_, err = h.App.Program.RecordPayment(customer.ID, 49_00)
	require.NoError(t, err)
}
