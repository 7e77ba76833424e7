package api

type dashboardBody struct {
	Affiliate    affiliateBody `json:"affiliate"`
	ReferralLink string        `json:"referralLink"`
	Stats        statsBody     `json:"stats"`
	Earnings     earningsBody  `json:"earnings"`
	RecentDeals  []dealBody    `json:"recentDeals"`
}

type statsBody struct {
	Clicks    int `json:"clicks"`
	Customers int `json:"customers"`
	Deals     int `json:"deals"`
}

type earningsBody struct {
	InReview hundredths `json:"inReview"`
	Ready    hundredths `json:"ready"`
}

func dashboard(c *call) (any, error) {
	dashboard, err := c.app.Dashboard(c.credential.CustomerID)
	if err != nil {
		return nil, err
	}
	deals := make([]dealBody, 0, len(dashboard.RecentDeals))
	for _, deal := range dashboard.RecentDeals {
		deals = append(deals, toDealBody(deal))
	}
	return dashboardBody{
		Affiliate:    toAffiliateBody(dashboard.Affiliate),
		ReferralLink: dashboard.ReferralLink,
		Stats:        statsBody{Clicks: dashboard.Clicks, Customers: dashboard.Customers, Deals: dashboard.Deals},
		Earnings:     earningsBody{InReview: hundredths(dashboard.InReview), Ready: hundredths(dashboard.Ready)},
		RecentDeals:  deals,
	}, nil
}
