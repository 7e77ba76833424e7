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

var reviewCases = []testCase{
	{"an approval makes a partner with the given code", documented, needKey | needAdmin, anApprovalMakesAPartner},
	{"the response to an approval has the application and the partner", contract, needKey | needAdmin, theResponseToAnApproval},
	{"a code is generated where none is given", documented, needKey | needAdmin, aCodeIsGenerated},
	{"a code is shown in upper case", contract, needKey | needAdmin, aCodeIsShownInUpperCase},
	{"the response to a rejection has the application alone", contract, needKey | needAdmin, theResponseToARejection},
	{"a rejection needs no reason", contract, needKey | needAdmin, aRejectionNeedsNoReason},
	{"a rejected applicant is not a customer", contract, needKey | needAdmin | needSession, aRejectedApplicantIsNoCustomer},
	{"a second review is refused, whatever it says", contract, needKey | needAdmin, aSecondReviewIsRefused},
	{"a code in use is refused whatever its case, and the application stays pending", contract, needKey | needAdmin, aCodeInUseIsRefused},
	{"an applicant who is a customer already stays the same customer", documented, needControl | needAdmin, aCustomerStaysTheSame},
	{"an unknown application is not found", contract, needAdmin, reviewOfNothing},
	{"an application of another app is not found", contract, needAdmin | needForeign, reviewOfAForeignApplication},
	{"an invalid review is refused and decides nothing", contract, needKey | needAdmin, anInvalidReviewIsRefused},
}

func anApprovalMakesAPartner(t *testing.T, s *suite) {
	code := newCode()
	review, err := s.admin.Affiliates.Approve(t.Context(), s.apply(t).id, affiliates.ApproveParams{Code: code})
	require.NoError(t, err)
	require.NotNil(t, review.Affiliate)

	partner, err := s.client.Affiliates.Get(t.Context(), review.Affiliate.CustomerID)
	require.NoError(t, err)
	assert.True(t, partner.Enrolled)
	assert.Equal(t, affiliates.AffiliateActive, partner.Status)
	assert.Equal(t, code, partner.Code)
}

func theResponseToAnApproval(t *testing.T, s *suite) {
	who := s.apply(t)
	review, err := s.admin.Affiliates.Approve(t.Context(), who.id, affiliates.ApproveParams{})
	require.NoError(t, err)

	assert.Equal(t, who.id, review.Application.ID)
	assert.Equal(t, who.email, review.Application.Email)
	assert.Equal(t, affiliates.ApplicationApproved, review.Application.Status)
	assert.Equal(t, review.Affiliate.ID, review.Application.AffiliateID)
	assert.NotEmpty(t, review.Affiliate.CustomerID)
	assert.Equal(t, affiliates.AffiliateTypePartner, review.Affiliate.Type)
	assert.True(t, review.Affiliate.TotalEarned.IsZero())
	assert.True(t, review.Affiliate.PendingBalance.IsZero())
}

func aCodeIsGenerated(t *testing.T, s *suite) {
	first, second := s.enroll(t), s.enroll(t)
	assert.Regexp(t, `^[A-Z0-9_-]{3,32}$`, first.Code)
	assert.Regexp(t, `^[A-Z0-9_-]{3,32}$`, second.Code)
	assert.NotEqual(t, first.Code, second.Code)
}

func aCodeIsShownInUpperCase(t *testing.T, s *suite) {
	code := newCode()
	review, err := s.admin.Affiliates.Approve(t.Context(), s.apply(t).id, affiliates.ApproveParams{Code: strings.ToLower(code)})
	require.NoError(t, err)
	assert.Equal(t, code, review.Affiliate.Code)
}

func theResponseToARejection(t *testing.T, s *suite) {
	who := s.apply(t)
	review, err := s.admin.Affiliates.Reject(t.Context(), who.id, affiliates.RejectParams{Reason: "Not a good fit"})
	require.NoError(t, err)

	assert.Equal(t, who.id, review.Application.ID)
	assert.Equal(t, affiliates.ApplicationRejected, review.Application.Status)
	assert.Equal(t, "Not a good fit", review.Application.RejectionReason)
	assert.Zero(t, review.Affiliate, "a rejection makes no partner")
}

func aRejectionNeedsNoReason(t *testing.T, s *suite) {
	review, err := s.admin.Affiliates.Reject(t.Context(), s.apply(t).id, affiliates.RejectParams{})
	require.NoError(t, err)
	assert.Equal(t, affiliates.ApplicationRejected, review.Application.Status)
	assert.Empty(t, review.Application.RejectionReason)
}

func aRejectedApplicantIsNoCustomer(t *testing.T, s *suite) {
	who := s.apply(t)
	_, err := s.admin.Affiliates.Reject(t.Context(), who.id, affiliates.RejectParams{})
	require.NoError(t, err)

	_, err = s.partner(t).client.Affiliates.RegisterDeal(t.Context(), affiliates.DealParams{LeadEmail: who.email, LeadName: testName})
	assert.NoError(t, err, "a customer could not be registered as a lead")
}

func aSecondReviewIsRefused(t *testing.T, s *suite) {
	approved, rejected := s.apply(t), s.apply(t)
	s.approve(t, approved)
	_, err := s.admin.Affiliates.Reject(t.Context(), rejected.id, affiliates.RejectParams{Reason: "first"})
	require.NoError(t, err)

	for _, who := range []applicant{approved, rejected} {
		_, err := s.admin.Affiliates.Approve(t.Context(), who.id, affiliates.ApproveParams{})
		s.requireErrorIs(t, err, stackbe.ErrConflict, stackbe.CodeAlreadyReviewed)
		_, err = s.admin.Affiliates.Reject(t.Context(), who.id, affiliates.RejectParams{Reason: "second"})
		s.requireErrorIs(t, err, stackbe.ErrConflict, stackbe.CodeAlreadyReviewed)
	}
	assert.Equal(t, affiliates.ApplicationApproved, s.status(t, approved.email).Status)
	assert.Equal(t, "first", s.status(t, rejected.email).RejectionReason)
}

func aCodeInUseIsRefused(t *testing.T, s *suite) {
	taken := s.enroll(t).Code
	who := s.apply(t)
	for _, code := range []string{taken, strings.ToLower(taken)} {
		_, err := s.admin.Affiliates.Approve(t.Context(), who.id, affiliates.ApproveParams{Code: code})
		s.requireErrorIs(t, err, stackbe.ErrConflict, stackbe.CodeReferralCodeInUse)
	}
	assert.Equal(t, affiliates.ApplicationPending, s.status(t, who.email).Status)
	s.approve(t, who)
}

func aCustomerStaysTheSame(t *testing.T, s *suite) {
	jane := s.signUp(t, Customer{})
	partner := s.approve(t, s.applyAs(t, strings.ToUpper(jane.email)))
	assert.Equal(t, jane.id, partner.CustomerID)
}

func reviewOfNothing(t *testing.T, s *suite) {
	_, err := s.admin.Affiliates.Approve(t.Context(), "conformance-nothing", affiliates.ApproveParams{})
	s.requireErrorIs(t, err, stackbe.ErrNotFound, stackbe.CodeApplicationNotFound)
}

func reviewOfAForeignApplication(t *testing.T, s *suite) {
	foreign := s.clientOf(t, s.target.Foreign.APIKey, s.target.Foreign.AppID)
	applied, err := foreign.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: newEmail(), Name: testName})
	require.NoError(t, err)

	_, err = s.admin.Affiliates.Approve(t.Context(), applied.ID, affiliates.ApproveParams{})
	s.requireErrorIs(t, err, stackbe.ErrNotFound, stackbe.CodeApplicationNotFound)
	_, err = s.admin.Affiliates.GetApplication(t.Context(), applied.ID)
	s.requireErrorIs(t, err, stackbe.ErrNotFound, stackbe.CodeApplicationNotFound)
}

func anInvalidReviewIsRefused(t *testing.T, s *suite) {
	who := s.apply(t)
	for _, invalid := range []struct {
		body  map[string]any
		field string
	}{
		{map[string]any{}, "action"},
		{map[string]any{"action": "postpone"}, "action"},
		{map[string]any{"action": true}, "action"},
		{map[string]any{"action": "approve", "code": "J"}, "code"},
		{map[string]any{"action": "approve", "code": strings.Repeat("J", 33)}, "code"},
		{map[string]any{"action": "approve", "code": "JANE 20"}, "code"},
		{map[string]any{"action": "approve", "rejectionReason": "no"}, "rejectionReason"},
		{map[string]any{"action": "reject", "code": "JANE20"}, "code"},
		{map[string]any{"action": "reject", "rejectionReason": strings.Repeat("n", 1001)}, "rejectionReason"},
	} {
		got := s.send(t, request{
			method:     http.MethodPost,
			path:       fill(s.contract.ReviewPath, s.target.AppID, who.id),
			credential: s.asAdmin(s.target.AdminToken),
			body:       encode(t, invalid.body),
		})
		code := stackbe.CodeValidationError
		if len(invalid.body) == 0 {
			code = stackbe.CodeMissingRequiredField
		}
		s.requireRefused(t, http.StatusBadRequest, code, got)
		assert.Contains(t, string(got.body), invalid.field)
	}
	assert.Equal(t, affiliates.ApplicationPending, s.status(t, who.email).Status)
}
