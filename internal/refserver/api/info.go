package api

import (
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/directory"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func infoRoutes() []route {
	const account = "/v1/affiliate/account"
	return []route{
		{http.MethodGet, account + "/info", directory.Session, nil, http.StatusOK, info},
		{http.MethodGet, account + "/badge", directory.Session, nil, http.StatusOK, getBadge},
	}
}

type infoBody struct {
	Affiliate            affiliateBody  `json:"affiliate"`
	Name                 string         `json:"name,omitempty"`
	Email                string         `json:"email"`
	ReferralLink         string         `json:"referralLink"`
	Level                *levelBody     `json:"level,omitempty"`
	NextLevel            *nextLevelBody `json:"nextLevel,omitempty"`
	PaidSubscriptions    int            `json:"paidSubscriptions"`
	MonthlyReferralValue program.Cents  `json:"monthlyReferralValue"`
	MinPayoutAmount      program.Cents  `json:"minPayoutAmount"`
}

type nextLevelBody struct {
	levelBody
	MissingPaidSubscriptions int           `json:"missingPaidSubscriptions"`
	MissingMonthlyValue      program.Cents `json:"missingMonthlyValue"`
}

func info(c *call) (any, error) {
	info, err := c.app.Info(c.credential.CustomerID)
	if err != nil {
		return nil, err
	}
	body := infoBody{
		Affiliate:            toAffiliateBody(info.Affiliate),
		Name:                 info.Name,
		Email:                info.Email,
		ReferralLink:         info.ReferralLink,
		PaidSubscriptions:    info.PaidSubscriptions,
		MonthlyReferralValue: info.MonthlyReferralValue,
		MinPayoutAmount:      info.MinPayoutAmount,
	}
	if info.Level != nil {
		level := toLevelBody(*info.Level)
		body.Level = &level
	}
	if next := info.NextLevel; next != nil {
		body.NextLevel = &nextLevelBody{toLevelBody(next.Level), next.MissingPaidSubscriptions, next.MissingMonthlyValue}
	}
	return body, nil
}
