package api

import (
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/directory"
)

func infoRoutes() []route {
	const account = "/v1/affiliate/account"
	return []route{
		{http.MethodGet, account + "/info", directory.Session, nil, http.StatusOK, info},
		{http.MethodGet, account + "/badge", directory.Session, nil, http.StatusOK, badge},
	}
}

type infoBody struct {
	Affiliate       affiliateBody `json:"affiliate"`
	Name            string        `json:"name,omitempty"`
	Email           string        `json:"email"`
	ReferralLink    string        `json:"referralLink"`
	MinPayoutAmount hundredths    `json:"minPayoutAmount"`
}

func info(c *call) (any, error) {
	info, err := c.app.Info(c.credential.CustomerID)
	if err != nil {
		return nil, err
	}
	return infoBody{
		Affiliate:       toAffiliateBody(info.Affiliate),
		Name:            info.Name,
		Email:           info.Email,
		ReferralLink:    info.ReferralLink,
		MinPayoutAmount: hundredths(info.MinPayoutAmount),
	}, nil
}
