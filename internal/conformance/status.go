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

var statusCases = []testCase{
	{"an email that has not applied is told so", documented, needKey, anUnknownEmailHasNotApplied},
	{"asking has no side effects", documented, needKey, askingHasNoSideEffects},
	{"a new application is pending", documented, needKey, aNewApplicationIsPending},
	{"an approved application is approved", documented, needKey | needAdmin, anApprovalShows},
	{"a rejected application is rejected, with its reason", documented, needKey | needAdmin, aRejectionShows},
	{"the case of the email does not matter", contract, needKey, statusIgnoresCase},
	{"a plus sign and other special characters of an email survive", documented, needKey, specialCharactersSurvive},
	{"a missing or invalid email is refused", contract, needKey, statusNeedsAnEmail},
	{"a + and an & that were not escaped are explained", contract, needKey, unescapedEmailsAreExplained},
	{"times are in UTC, and reviewedAt comes with the review", contract, needKey | needAdmin, statusHasTimes},
}

func (s *suite) status(t *testing.T, email string) *affiliates.ApplicationCheck {
	t.Helper()
	check, err := s.client.Affiliates.GetApplicationStatus(t.Context(), email)
	require.NoError(t, err)
	return check
}

func anUnknownEmailHasNotApplied(t *testing.T, s *suite) {
	check := s.status(t, newEmail())
	assert.False(t, check.Applied)
	assert.Empty(t, check.Status)
}

func askingHasNoSideEffects(t *testing.T, s *suite) {
	email := newEmail()
	for range 2 {
		assert.False(t, s.status(t, email).Applied)
	}
	s.applyAs(t, email)
}

func aNewApplicationIsPending(t *testing.T, s *suite) {
	check := s.status(t, s.apply(t).email)
	assert.True(t, check.Applied)
	assert.Equal(t, affiliates.ApplicationPending, check.Status)
	assert.Empty(t, check.RejectionReason)
}

func anApprovalShows(t *testing.T, s *suite) {
	who := s.apply(t)
	_, err := s.admin.Affiliates.Approve(t.Context(), who.id, affiliates.ApproveParams{})
	require.NoError(t, err)
	assert.Equal(t, affiliates.ApplicationApproved, s.status(t, who.email).Status)
}

func aRejectionShows(t *testing.T, s *suite) {
	who := s.apply(t)
	_, err := s.admin.Affiliates.Reject(t.Context(), who.id, affiliates.RejectParams{Reason: "Not a good fit at this time"})
	require.NoError(t, err)

	check := s.status(t, who.email)
	assert.True(t, check.Applied)
	assert.Equal(t, affiliates.ApplicationRejected, check.Status)
	assert.Equal(t, "Not a good fit at this time", check.RejectionReason)
}

func statusIgnoresCase(t *testing.T, s *suite) {
	who := s.apply(t)
	check := s.status(t, strings.ToUpper(who.email))
	assert.True(t, check.Applied)
	assert.Equal(t, who.id, check.ID)
}

func specialCharactersSurvive(t *testing.T, s *suite) {
	email := "o'hara&co=1/2%20#?" + newEmail()
	s.applyAs(t, email)
	assert.True(t, s.status(t, email).Applied)
}

func statusNeedsAnEmail(t *testing.T, s *suite) {
	for query, code := range map[string]string{
		"":                   stackbe.CodeMissingRequiredField,
		"?email=":            stackbe.CodeInvalidEmail,
		"?email=jane":        stackbe.CodeInvalidEmail,
		"?email=jane%40acme": stackbe.CodeInvalidEmail,
		"?email=a%40b.example&email=c%40d.example": stackbe.CodeValidationError,
	} {
		got := s.send(t, request{method: http.MethodGet, path: s.contract.ApplicationStatusPath + query, credential: s.asKey(s.target.APIKey)})
		s.requireProblems(t, code, got, "email")
	}
}

func unescapedEmailsAreExplained(t *testing.T, s *suite) {
	for query, hint := range map[string]string{
		"jane+x@acme.example":      "%2B",
		"jane&co@acme.example":     "%26",
		"jane%2540acme.example":    "twice",
		"jane%20x@acme.example":    "",
		"jane%2Bx%26@acme.example": "",
	} {
		got := s.send(t, request{method: http.MethodGet, path: s.contract.ApplicationStatusPath + "?email=" + query, credential: s.asKey(s.target.APIKey)})
		if hint == "" {
			assert.NotContains(t, string(got.body), "%", query)
			continue
		}
		requireStatus(t, http.StatusBadRequest, got)
		assert.Contains(t, string(got.body), hint, query)
	}
}

func statusHasTimes(t *testing.T, s *suite) {
	who := s.apply(t)
	pending := s.status(t, who.email)
	requireUTC(t, pending.Raw, s.contract.ApplicationCreatedAtField)
	assert.Zero(t, pending.ReviewedAt)

	s.approve(t, who)
	approved := s.status(t, who.email)
	requireUTC(t, approved.Raw, s.contract.ApplicationCreatedAtField, s.contract.ApplicationReviewedAtField)
	assert.Equal(t, pending.CreatedAt, approved.CreatedAt)
	assert.False(t, approved.ReviewedAt.Before(approved.CreatedAt))
}
