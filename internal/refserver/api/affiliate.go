package api

import (
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type affiliateBody struct {
	Enrolled       bool                `json:"enrolled"`
	ID             string              `json:"id"`
	CustomerID     string              `json:"customerId"`
	Code           string              `json:"code"`
	Type           string              `json:"type"`
	Status         string              `json:"status"`
	CommissionRate program.BasisPoints `json:"commissionRate"`
	TotalEarned    program.Cents       `json:"totalEarned"`
	PendingBalance program.Cents       `json:"pendingBalance"`
	CreatedAt      time.Time           `json:"createdAt"`
}

type notEnrolledBody struct {
	Enrolled bool `json:"enrolled"` // always false
}

func toAffiliateBody(affiliate program.Affiliate) affiliateBody {
	return affiliateBody{
		Enrolled:       true,
		ID:             affiliate.ID,
		CustomerID:     affiliate.CustomerID,
		Code:           affiliate.Code,
		Type:           "partner",
		Status:         "active",
		CommissionRate: affiliate.CommissionRate,
		TotalEarned:    affiliate.TotalEarned,
		PendingBalance: affiliate.PendingBalance,
		CreatedAt:      affiliate.CreatedAt,
	}
}

func affiliateByCustomer(c *call) (any, error) {
	customerID := c.request.PathValue("customerID")
	if c.belongsToAnotherApp(customerID) {
		return nil, &httpError{codeForbidden, "This customer belongs to another app"}
	}
	return lookUp(c, customerID), nil
}

func (c *call) belongsToAnotherApp(customerID string) bool {
	if c.app.HasCustomer(customerID) {
		return false
	}
	for app := range c.directory.Apps() {
		if app.Program.HasCustomer(customerID) {
			return true
		}
	}
	return false
}

func ownAffiliate(c *call) (any, error) {
	return lookUp(c, c.credential.CustomerID), nil
}

func lookUp(c *call, customerID string) any {
	affiliate, enrolled := c.app.Affiliate(customerID)
	if !enrolled {
		return notEnrolledBody{}
	}
	return toAffiliateBody(affiliate)
}
