package api

import "github.com/stackbe/stackbe-go/internal/refserver/program"

type dashboardBody struct {
	Affiliate     affiliateBody `json:"affiliate"`
	ReferralLink  string        `json:"referralLink"`
	Stats         statsBody     `json:"stats"`
	Earnings      earningsBody  `json:"earnings"`
	RecentDeals   []dealBody    `json:"recentDeals"`
	RecentUsers   []userBody    `json:"recentUsers"`
	RecentPayouts []payoutBody  `json:"recentPayouts"`
}

type statsBody struct {
	Clicks    int `json:"clicks"`
	Customers int `json:"customers"`
	Deals     int `json:"deals"`
}

type earningsBody struct {
	InReview     program.Cents `json:"inReview"`
	Ready        program.Cents `json:"ready"`
	Debt         program.Cents `json:"debt"`
	InPayout     program.Cents `json:"inPayout"`
	Paid         program.Cents `json:"paid"`
	MonthlyValue program.Cents `json:"monthlyValue"`
}

func dashboard(c *call) (any, error) {
	dashboard, err := c.app.Dashboard(c.credential.CustomerID)
	if err != nil {
		return nil, err
	}
	balances := dashboard.Balances
	return dashboardBody{
		Affiliate:    toAffiliateBody(dashboard.Affiliate),
		ReferralLink: dashboard.ReferralLink,
		Stats:        statsBody{Clicks: dashboard.Clicks, Customers: dashboard.Customers, Deals: dashboard.Deals},
		Earnings: earningsBody{
			InReview:     balances.InReview,
			Ready:        balances.Ready,
			Debt:         balances.Debt,
			InPayout:     balances.InPayout,
			Paid:         balances.Paid,
			MonthlyValue: dashboard.MonthlyValue,
		},
		RecentDeals:   bodies(dashboard.RecentDeals, toDealBody),
		RecentUsers:   bodies(dashboard.RecentUsers, toUserBody),
		RecentPayouts: bodies(dashboard.RecentPayouts, toPayoutBody),
	}, nil
}

// bodies returns the bodies of records; an empty list is [], not null.
func bodies[T, B any](records []T, toBody func(T) B) []B {
	all := make([]B, 0, len(records))
	for _, record := range records {
		all = append(all, toBody(record))
	}
	return all
}
