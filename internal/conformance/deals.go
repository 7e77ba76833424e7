package conformance

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var dealCases = []testCase{
	{"a deal is registered", contract, needSession, aDealIsRegistered},
	{"a lead that is registered is refused, whatever its case and whoever asks", contract, needKey | needControl, aRegisteredLeadIsRefused},
	{"a lead that the partner has registered is refused", contract, needSession, aDealIsADuplicate},
	{"a lead that is a customer is refused", contract, needKey | needAdmin | needSession, aCustomerIsNoLead},
	{"a customer who is not a partner registers none", contract, needControl, noDealsWithoutPartner},
	{"an invalid deal is refused", contract, needSession, anInvalidDealIsRefused},
}

func aDealIsRegistered(t *testing.T, s *suite) {
	params := affiliates.DealParams{LeadEmail: newEmail(), LeadName: "John Smith", Notes: "Met at conference"}
	deal, err := s.partner(t).client.Affiliates.RegisterDeal(t.Context(), params)
	require.NoError(t, err)
	assert.NotEmpty(t, deal.ID)
	assert.Equal(t, params, affiliates.DealParams{LeadEmail: deal.LeadEmail, LeadName: deal.LeadName, Notes: deal.Notes})
	assert.Equal(t, affiliates.DealRegistered, deal.Status)
	requireUTC(t, deal.Raw, s.contract.DealCreatedAtField)
}

func (s *suite) requireLeadRefused(t *testing.T, partner partner, leadEmail string) {
	t.Helper()
	_, err := partner.client.Affiliates.RegisterDeal(t.Context(), affiliates.DealParams{LeadEmail: leadEmail, LeadName: testName})
	s.requireErrorIs(t, err, stackbe.ErrConflict, stackbe.CodeAlreadyExists)
}

func aRegisteredLeadIsRefused(t *testing.T, s *suite) {
	first, second := s.partner(t), s.partner(t)
	lead := newEmail()
	s.registerDeal(t, first, lead)
	s.requireLeadRefused(t, second, lead)
	s.requireLeadRefused(t, second, strings.ToUpper(lead))
}

func aDealIsADuplicate(t *testing.T, s *suite) {
	partner, lead := s.partner(t), newEmail()
	s.registerDeal(t, partner, lead)
	s.requireLeadRefused(t, partner, lead)
}

func aCustomerIsNoLead(t *testing.T, s *suite) {
	who := s.apply(t)
	s.approve(t, who)
	s.requireLeadRefused(t, s.partner(t), strings.ToUpper(who.email))
}

func noDealsWithoutPartner(t *testing.T, s *suite) {
	_, err := s.signUp(t, Customer{}).client.Affiliates.RegisterDeal(t.Context(), affiliates.DealParams{LeadEmail: newEmail(), LeadName: testName})
	s.requireErrorIs(t, err, stackbe.ErrNotFound, stackbe.CodeAffiliateNotFound)
}

func anInvalidDealIsRefused(t *testing.T, s *suite) {
	partner := s.partner(t)
	before := partner.dashboard(t).Stats.Deals
	for _, invalid := range []struct {
		code   string
		body   map[string]any
		fields []string
	}{
		{stackbe.CodeMissingRequiredField, map[string]any{}, []string{"leadEmail", "leadName"}},
		{stackbe.CodeValidationError, map[string]any{"leadEmail": "john", "leadName": "\t"}, []string{"leadEmail", "leadName"}},
		{stackbe.CodeInvalidEmail, map[string]any{"leadEmail": "john", "leadName": testName}, []string{"leadEmail"}},
		{stackbe.CodeValidationError, map[string]any{"leadEmail": newEmail(), "leadName": testName, "notes": strings.Repeat("n", 5001)}, []string{"notes"}},
	} {
		got := s.send(t, request{method: http.MethodPost, path: s.contract.DealsPath, credential: s.asSession(partner.token), body: encode(t, invalid.body)})
		s.requireProblems(t, invalid.code, got, invalid.fields...)
	}
	assert.Equal(t, before, partner.dashboard(t).Stats.Deals)
}
