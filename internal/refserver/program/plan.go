package program

import (
	"fmt"
	"slices"
)

// PlanID names a plan.
type PlanID string

// The plans of a program.
const (
	Free       PlanID = "free"
	Pro        PlanID = "pro"
	Business   PlanID = "business"
	Enterprise PlanID = "enterprise"
)

// A Plan is what a customer can subscribe to.
type Plan struct {
	ID           PlanID `json:"id"`
	Name         string `json:"name"`
	MonthlyPrice Cents  `json:"monthlyPrice"`
}

// A PlanPrice is the new price of a plan.
type PlanPrice struct {
	ID           PlanID
	MonthlyPrice Cents
}

func defaultPlans() []Plan {
	return []Plan{
		{Free, "Free", 0},
		{Pro, "Pro", 20 * oneUnit},
		{Business, "Business", 100 * oneUnit},
		{Enterprise, "Enterprise", 250 * oneUnit},
	}
}

const onePlan = "must be one of the following values: free, pro, business, enterprise"

// known reports whether the plan exists.
func (id PlanID) known() bool {
	return slices.ContainsFunc(defaultPlans(), func(plan Plan) bool { return plan.ID == id })
}

// Name returns the name of a plan, which must exist.
func (id PlanID) Name() string { return Settings{Plans: defaultPlans()}.plan(id).Name }

// PlanProblems returns the problems of the id of a plan; none if the plan exists.
func PlanProblems(field string, id PlanID) []Problem {
	var p problems
	p.choice(field, id.known(), onePlan)
	return p
}

// planPrices checks the new prices of plans.
func (p *problems) planPrices(prices []PlanPrice) {
	seen := map[PlanID]bool{}
	for i, price := range prices {
		field := func(name string) string { return fmt.Sprintf("plans.%d.%s", i, name) }
		switch {
		case !price.ID.known():
			p.add(ProblemValue, field("id"), onePlan)
		case seen[price.ID]:
			p.add(ProblemValue, field("id"), "must be unique")
		}
		seen[price.ID] = true
		between(p, field("monthlyPrice"), price.MonthlyPrice, 0, maxSetAmount, oneUnit)
	}
}

// plan returns one of the plans, which exists.
func (s Settings) plan(id PlanID) Plan {
	return s.Plans[slices.IndexFunc(s.Plans, func(plan Plan) bool { return plan.ID == id })]
}

// withPrices returns the plans with the new prices.
func withPrices(plans []Plan, prices []PlanPrice) []Plan {
	plans = slices.Clone(plans)
	for _, price := range prices {
		for i := range plans {
			if plans[i].ID == price.ID {
				plans[i].MonthlyPrice = price.MonthlyPrice
			}
		}
	}
	return plans
}

func prices(plans []Plan) []PlanPrice {
	var all []PlanPrice
	for _, plan := range plans {
		all = append(all, PlanPrice{plan.ID, plan.MonthlyPrice})
	}
	return all
}

// PlanCounts counts subscriptions by their plan.
type PlanCounts struct{ Free, Pro, Business, Enterprise int }
