package conformance

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var applicationCases = []testCase{
	{"an application reads as it was made", contract, needKey | needAdmin, anApplicationReadsAsMade},
	{"an unknown application is not found", contract, needAdmin, anUnknownApplication},
	{"a list shows an application as it is alone", contract, needKey | needAdmin, listAndApplicationAgree},
}

func anApplicationReadsAsMade(t *testing.T, s *suite) {
	params := affiliates.ApplyParams{
		Email:   newEmail(),
		Name:    testName,
		Company: "Acme & Söhne <GmbH> 株式会社",
		Website: "https://acme.com/?a=1&b=2",
		Reason:  "Line one\nline \"two\" \u2028 \\ 🙂",
	}
	applied, err := s.client.Affiliates.Apply(t.Context(), params)
	require.NoError(t, err)

	application, err := s.admin.Affiliates.GetApplication(t.Context(), applied.ID)
	require.NoError(t, err)
	assert.Equal(t, params, affiliates.ApplyParams{
		Email:   application.Email,
		Name:    application.Name,
		Company: application.Company,
		Website: application.Website,
		Reason:  application.Reason,
	})
	assert.Equal(t, applied.ID, application.ID)
	assert.Equal(t, affiliates.ApplicationPending, application.Status)
	assert.Zero(t, application.ReviewedAt)
	assert.Empty(t, application.AffiliateID)
	requireUTC(t, application.Raw, s.contract.ApplicationCreatedAtField)
}

func anUnknownApplication(t *testing.T, s *suite) {
	_, err := s.admin.Affiliates.GetApplication(t.Context(), "conformance-nothing")
	s.requireErrorIs(t, err, stackbe.ErrNotFound, stackbe.CodeApplicationNotFound)
}

func listAndApplicationAgree(t *testing.T, s *suite) {
	who := s.apply(t)
	s.approve(t, who)
	alone, err := s.admin.Affiliates.GetApplication(t.Context(), who.id)
	require.NoError(t, err)
	for application, err := range s.admin.Affiliates.Applications(t.Context(), affiliates.ApplicationFilter{}) {
		require.NoError(t, err)
		if application.ID == who.id {
			assert.JSONEq(t, string(alone.Raw), string(application.Raw))
			return
		}
	}
	t.Error("the application is not in the list")
}
