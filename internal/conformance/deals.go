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
	{"a customer who is not a partner registers and lists none", contract, needControl, noDealsWithoutPartner},
	{"an invalid deal is refused", contract, needSession, anInvalidDealIsRefused},
	{"deals are listed newest first, page by page, all or those of a status", contract, needSession, dealsAreListed},
	{"a list of deals with an unknown parameter, status or cursor is refused", contract, needSession, anInvalidDealListIsRefused},
}

func dealsAreListed(t *testing.T, s *suite) {
	partner := s.partner(t)
	deals := partner.client.Account.Deals
	older, newer := partner.registerDeal(t), partner.registerDeal(t)
	first, err := deals.List(t.Context(), affiliates.DealFilter{Limit: 1})
	require.NoError(t, err)
	require.Len(t, first.Data, 1)
	assert.Equal(t, newer.ID, first.Data[0].ID)
	require.True(t, first.HasMore)
	second, err := deals.List(t.Context(), affiliates.DealFilter{Limit: 1, Cursor: first.Cursor, Status: affiliates.DealRegistered})
	require.NoError(t, err)
	require.Len(t, second.Data, 1)
	assert.Equal(t, older.ID, second.Data[0].ID)
	won, err := deals.List(t.Context(), affiliates.DealFilter{Limit: 100, Status: affiliates.DealWon})
	require.NoError(t, err)
	for _, deal := range won.Data {
		assert.Equal(t, affiliates.DealWon, deal.Status)
	}
}

func (p partner) registerDeal(t *testing.T) *affiliates.Deal {
	t.Helper()
	deal, err := p.client.Affiliates.RegisterDeal(t.Context(), affiliates.DealParams{LeadEmail: newEmail(), LeadName: testName})
	require.NoError(t, err)
	return deal
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
	client := s.signUp(t, Customer{}).client
	_, err := client.Affiliates.RegisterDeal(t.Context(), affiliates.DealParams{LeadEmail: newEmail(), LeadName: testName})
	s.requireErrorIs(t, err, stackbe.ErrNotFound, stackbe.CodeAffiliateNotFound)
	_, err = client.Account.Deals.List(t.Context(), affiliates.DealFilter{})
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

func anInvalidDealListIsRefused(t *testing.T, s *suite) {
	partner := s.partner(t)
	for parameter, value := range map[string]string{
		s.contract.StatusParameter: "open",
		s.contract.LimitParameter:  "101",
		s.contract.CursorParameter: "nowhere",
		"sort":                     "asc",
	} {
		got := s.send(t, request{method: http.MethodGet, path: s.contract.DealsPath + "?" + parameter + "=" + value, credential: s.asSession(partner.token)})
		s.requireProblems(t, stackbe.CodeValidationError, got, parameter)
	}
}
