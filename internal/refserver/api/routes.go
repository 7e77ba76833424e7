package api

import (
	"net/http"
	"slices"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/refserver/directory"
)

// routes returns those of the default contract, except those of the money: see moneyRoutes.
func routes() []route {
	return slices.Concat(
		documentedRoutes(),
		userRoutes(),
		accessRoutes(),
		infoRoutes(),
		customerRoutes(),
		partnerRoutes(),
	)
}

// documentedRoutes returns the routes that a configured contract may rename.
func documentedRoutes() []route {
	d := contract.Default()
	return []route{
		{http.MethodPost, d.ApplyPath, directory.APIKey, nil, http.StatusCreated, apply},
		{http.MethodGet, d.ApplicationStatusPath, directory.APIKey, []string{"email"}, http.StatusOK, applicationStatus},
		{http.MethodGet, d.AffiliateByCustomerPath, directory.APIKey, nil, http.StatusOK, affiliateByCustomer},
		{http.MethodPost, d.TrackPath, directory.APIKey, nil, http.StatusCreated, track},

		{http.MethodGet, d.CurrentAffiliatePath, directory.Session, nil, http.StatusOK, ownAffiliate},
		{http.MethodGet, d.DashboardPath, directory.Session, nil, http.StatusOK, dashboard},
		{http.MethodGet, d.PortalLinkPath, directory.Session, nil, http.StatusOK, portalLink},
		{http.MethodGet, d.DealsPath, directory.Session, []string{"status", "limit", "cursor"}, http.StatusOK, listDeals},
		{http.MethodPost, d.DealsPath, directory.Session, nil, http.StatusCreated, registerDeal},

		{http.MethodGet, d.ApplicationsPath, directory.Admin, []string{"status", "limit", "cursor"}, http.StatusOK, listApplications},
		{http.MethodGet, d.ApplicationPath, directory.Admin, nil, http.StatusOK, getApplication},
		{http.MethodPost, d.ReviewPath, directory.Admin, nil, http.StatusOK, review},
		{http.MethodGet, d.SettingsPath, directory.Admin, nil, http.StatusOK, getSettings},
		{d.UpdateSettingsMethod, d.SettingsPath, directory.Admin, nil, http.StatusOK, updateSettings},
	}
}
