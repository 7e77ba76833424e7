package refserver_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/refserver"
)

func TestCheckContractNamesUnsupportedField(t *testing.T) {
	for name, c := range map[string]struct {
		contract contract.Contract
		want     string
	}{
		"a relative path":                 {contract.Contract{DealsPath: "deals"}, "DealsPath"},
		"a path of the portal":            {contract.Contract{AffiliateByCustomerPath: "/portal/{customerID}"}, "/portal/"},
		"the path of the document":        {contract.Contract{DashboardPath: "/openapi.yaml"}, "/openapi.yaml"},
		"a signature as Standard Webhook": {contract.Contract{SignatureHeader: "webhook-signature"}, "SignatureHeader"},
	} {
		assert.ErrorContains(t, refserver.CheckContract(c.contract), c.want, name)
	}
	assert.NoError(t, refserver.CheckContract(contract.Contract{}))
	assert.NoError(t, refserver.CheckContract(contract.Contract{DealsPath: "/leads", SignatureHeader: "X-Signature"}))
}
