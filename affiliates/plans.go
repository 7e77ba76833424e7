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

// PlanCounts counts the subscriptions to each plan that are not canceled.
type PlanCounts struct {
	Free       int `json:"free"`
	Pro        int `json:"pro"`
	Business   int `json:"business"`
	Enterprise int `json:"enterprise"`
}

// PlanTerms is a plan as the settings have it.
type PlanTerms struct {
	ID           Plan   `json:"id"`
	Name         string `json:"name"`         // for people, such as "Pro"
	MonthlyPrice Money  `json:"monthlyPrice"` // of a subscription, from its next renewal on
}

// PlanPrice is the price that a plan is to have.
type PlanPrice struct {
	ID           Plan  `json:"id"`
	MonthlyPrice Money `json:"monthlyPrice"` // 0 to 1,000,000, with at most two decimals
}
