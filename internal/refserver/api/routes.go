package api

import (
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/directory"
)

func routes() []route {
	const (
		applications = "/v1/apps/{appId}/affiliates/applications"
		settings     = "/v1/apps/{appId}/affiliates/settings"
	)
	return []route{
		{"POST /v1/affiliate/apply", directory.APIKey, nil, http.StatusCreated, apply},
		{"GET /v1/affiliate/apply/status", directory.APIKey, []string{"email"}, http.StatusOK, applicationStatus},
		{"GET /v1/affiliate/by-customer/{customerId}", directory.APIKey, nil, http.StatusOK, affiliateByCustomer},
		{"POST /v1/affiliate/track", directory.APIKey, nil, http.StatusCreated, track},

		{"GET /v1/affiliate", directory.Session, nil, http.StatusOK, ownAffiliate},
		{"GET /v1/affiliate/dashboard", directory.Session, nil, http.StatusOK, dashboard},
		{"GET /v1/affiliate/portal-link", directory.Session, nil, http.StatusOK, portalLink},
		{"POST /v1/affiliate/deals", directory.Session, nil, http.StatusCreated, registerDeal},

		{"GET " + applications, directory.Admin, []string{"status", "limit", "cursor"}, http.StatusOK, listApplications},
		{"GET " + applications + "/{applicationId}", directory.Admin, nil, http.StatusOK, getApplication},
		{"POST " + applications + "/{applicationId}/review", directory.Admin, nil, http.StatusOK, review},
		{"GET " + settings, directory.Admin, nil, http.StatusOK, getSettings},
		{"PATCH " + settings, directory.Admin, nil, http.StatusOK, updateSettings},
	}
}
