package conformance

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var lookupCases = []testCase{
	{"a partner is found by customer", documented, needKey | needSession, aPartnerIsFound},
	{"a customer finds itself", documented, needSession, aPartnerFindsItself},
	{"a customer who is not a partner is not enrolled", documented, needControl, aCustomerIsNotEnrolled},
	{"an unknown customer is not enrolled", contract, needKey, anUnknownCustomerIsNotEnrolled},
	{"a customer of another app is forbidden", contract, needKey | needForeign, aForeignCustomerIsForbidden},
	{"a partner has the default rate", contract, needKey | needAdmin | alone, aPartnerHasTheDefaultRate},
}

func aPartnerIsFound(t *testing.T, s *suite) {
	partner := s.partner(t)
	found, err := s.client.Affiliates.Get(t.Context(), partner.CustomerID)
	require.NoError(t, err)
	assert.True(t, found.Enrolled)
	assert.Equal(t, partner.ID, found.ID)
	assert.Equal(t, partner.Code, found.Code)
	assert.Equal(t, affiliates.AffiliateActive, found.Status)
	assert.NotEmpty(t, found.Type)
}

func aPartnerFindsItself(t *testing.T, s *suite) {
	partner := s.partner(t)
	current, err := partner.client.Affiliates.GetCurrent(t.Context())
	require.NoError(t, err)
	assert.True(t, current.Enrolled)
	assert.Equal(t, partner.ID, current.ID)
	assert.Equal(t, partner.Code, current.Code)
}

func aCustomerIsNotEnrolled(t *testing.T, s *suite) {
	customer := s.signUp(t, Customer{})
	for name, look := range map[string]func() (*affiliates.Affiliate, error){
		"by customer": func() (*affiliates.Affiliate, error) { return s.client.Affiliates.Get(t.Context(), customer.id) },
		"itself":      func() (*affiliates.Affiliate, error) { return customer.client.Affiliates.GetCurrent(t.Context()) },
	} {
		found, err := look()
		require.NoError(t, err, name)
		assert.False(t, found.Enrolled, name)
		assert.JSONEq(t, `{"enrolled": false}`, string(found.Raw), name)
	}
}

func anUnknownCustomerIsNotEnrolled(t *testing.T, s *suite) {
	found, err := s.client.Affiliates.Get(t.Context(), "conformance-nobody")
	require.NoError(t, err)
	assert.False(t, found.Enrolled)
}

func aForeignCustomerIsForbidden(t *testing.T, s *suite) {
	foreign := s.foreignPartner(t)
	_, err := s.client.Affiliates.Get(t.Context(), foreign.CustomerID)
	s.requireErrorIs(t, err, stackbe.ErrForbidden, stackbe.CodeForbidden)
}

// foreignPartner makes a partner of the other app.
func (s *suite) foreignPartner(t *testing.T) *affiliates.Affiliate {
	t.Helper()
	client := s.clientOf(t, s.target.Foreign.APIKey, s.target.Foreign.AppID)
	return enroll(t, client.AsAdmin(s.target.Foreign.AdminToken))
}

func aPartnerHasTheDefaultRate(t *testing.T, s *suite) {
	settings, err := s.admin.Affiliates.GetSettings(t.Context())
	require.NoError(t, err)
	partner := s.enroll(t)
	assert.Zero(t, settings.DefaultCommissionRate.Cmp(partner.CommissionRate))
	requireUTC(t, partner.Raw, s.contract.AffiliateCreatedAtField)
}
