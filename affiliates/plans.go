package affiliates

// Plan is the id of a plan.
type Plan string

// The plans of a program. [Settings] has their prices.
const (
	PlanFree       Plan = "free"
	PlanPro        Plan = "pro"
	PlanBusiness   Plan = "business"
	PlanEnterprise Plan = "enterprise"
)

// PlanCounts has the numbers of subscriptions to each plan, without canceled ones.
type PlanCounts struct {
	Free       int `json:"free"`
	Pro        int `json:"pro"`
	Business   int `json:"business"`
	Enterprise int `json:"enterprise"`
}

// PlanTerms is a plan in the settings.
type PlanTerms struct {
	ID           Plan   `json:"id"`
	Name         string `json:"name"`         // for display, such as "Pro"
	MonthlyPrice Money  `json:"monthlyPrice"` // charged from a subscription's next renewal
}

// PlanPrice is the new price of a plan.
type PlanPrice struct {
	ID           Plan  `json:"id"`
	MonthlyPrice Money `json:"monthlyPrice"` // 0 to 1,000,000, with at most two decimals
}
