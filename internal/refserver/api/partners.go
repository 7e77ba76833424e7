package api

import (
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func partnerRoutes() []route {
	const path = "/v1/apps/{appID}/affiliates/partners"
	return []route{
		{http.MethodGet, path, directory.Admin, []string{"limit", "cursor"}, http.StatusOK, listPartners},
		{http.MethodGet, path + "/{affiliateID}", directory.Admin, nil, http.StatusOK, getPartner},
	}
}

type partnerBody struct {
	affiliateBody
	Name          string       `json:"name,omitempty"`
	Email         string       `json:"email"`
	Balances      balancesBody `json:"balances"`
	Customers     int          `json:"customers"`
	Subscriptions int          `json:"subscriptions"`
}

func toPartnerBody(partner program.PartnerView) partnerBody {
	return partnerBody{
		affiliateBody: toAffiliateBody(partner.Affiliate),
		Name:          partner.Name,
		Email:         partner.Email,
		Balances:      toBalancesBody(partner.Balances),
		Customers:     partner.Customers,
		Subscriptions: partner.Subscriptions,
	}
}

func listPartners(c *call) (any, error) {
	read := c.listQuery()
	asked := read.page()
	if err := read.check(nil); err != nil {
		return nil, err
	}
	page, err := c.app.Partners(asked)
	if err != nil {
		return nil, err
	}
	return toPageBody(c.list(), page, toPartnerBody), nil
}

func getPartner(c *call) (any, error) {
	partner, err := c.app.Partner(c.request.PathValue("affiliateID"))
	if err != nil {
		return nil, err
	}
	return toPartnerBody(partner), nil
}
