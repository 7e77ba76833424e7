package api

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
	InReview     hundredths `json:"inReview"`
	Ready        hundredths `json:"ready"`
	Debt         hundredths `json:"debt"`
	InPayout     hundredths `json:"inPayout"`
	Paid         hundredths `json:"paid"`
	MonthlyValue hundredths `json:"monthlyValue"`
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
			InReview:     hundredths(balances.InReview),
			Ready:        hundredths(balances.Ready),
			Debt:         hundredths(balances.Debt),
			InPayout:     hundredths(balances.InPayout),
			Paid:         hundredths(balances.Paid),
			MonthlyValue: hundredths(dashboard.MonthlyValue),
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
