package conformance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var applyingCases = []testCase{
	{"an application is pending", documented, needKey, anApplicationIsPending},
	{"an application takes company, website and reason", documented, needKey, anApplicationTakesAllFields},
	{"a second application from the email is refused", documented, needKey, aSecondApplicationIsRefused},
	{"a second application is refused whatever the email's case", contract, needKey, theCaseOfAnEmailDoesNotMatter},
	{"a second application is refused after an approval and after a rejection", contract, needKey | needAdmin, aDecidedApplicationIsADuplicate},
	{"the email of a partner of another app may apply", contract, needKey | needForeign, appsDoNotShareApplications},
	{"an invalid email is refused", documented, needKey, anInvalidEmailIsRefused},
	{"emails that only Unicode folds into one are different", contract, needKey, emailsFoldASCIIOnly},
	{"an email or URL with a character that cannot be seen is refused", contract, needKey, hiddenCharactersAreRefused},
	{"an optional text that is empty counts as left out", contract, needKey, anEmptyTextIsLeftOut},
	{"each invalid field is named", contract, needKey, eachInvalidFieldIsNamed},
	{"fields may be as long as the contract says and no longer", contract, needKey, fieldsHaveBounds},
}

func anApplicationIsPending(t *testing.T, s *suite) {
	result, err := s.client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: newEmail(), Name: testName})
	require.NoError(t, err)
	assert.NotEmpty(t, result.ID)
	assert.Equal(t, affiliates.ApplicationPending, result.Status)
	assert.NotEmpty(t, result.Message)
}

func anApplicationTakesAllFields(t *testing.T, s *suite) {
	result, err := s.client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{
		Email:   newEmail(),
		Name:    testName,
		Company: "Acme Inc",
		Website: "https://acme.com",
		Reason:  "I have a large audience in the SaaS space",
	})
	require.NoError(t, err)
	assert.Equal(t, affiliates.ApplicationPending, result.Status)
}

func (s *suite) requireDuplicate(t *testing.T, email string) {
	t.Helper()
	_, err := s.client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: email, Name: testName})
	s.requireErrorIs(t, err, stackbe.ErrConflict, stackbe.CodeAlreadyExists)
}

func aSecondApplicationIsRefused(t *testing.T, s *suite) {
	s.requireDuplicate(t, s.apply(t).email)
}

func theCaseOfAnEmailDoesNotMatter(t *testing.T, s *suite) {
	s.requireDuplicate(t, strings.ToUpper(s.apply(t).email))
}

func aDecidedApplicationIsADuplicate(t *testing.T, s *suite) {
	approved, rejected := s.apply(t), s.apply(t)
	s.approve(t, approved)
	_, err := s.admin.Affiliates.Reject(t.Context(), rejected.id, affiliates.RejectParams{})
	require.NoError(t, err)

	s.requireDuplicate(t, approved.email)
	s.requireDuplicate(t, rejected.email)
}

func appsDoNotShareApplications(t *testing.T, s *suite) {
	email := s.apply(t).email
	foreign := s.clientOf(t, s.target.Foreign.APIKey, s.target.Foreign.AppID)

	check, err := foreign.Affiliates.GetApplicationStatus(t.Context(), email)
	require.NoError(t, err)
	assert.False(t, check.Applied)

	_, err = foreign.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: email, Name: testName})
	assert.NoError(t, err)
}

func (s *suite) applyByHand(t *testing.T, fields map[string]any) response {
	t.Helper()
	return s.send(t, request{
		method:     http.MethodPost,
		path:       s.contract.ApplyPath,
		credential: s.asKey(s.target.APIKey),
		body:       encode(t, fields),
	})
}

func anInvalidEmailIsRefused(t *testing.T, s *suite) {
	for _, email := range []string{"", "jane", "jane@", "@acme.com", "a b@acme.com", "jane@acme@com"} {
		s.requireRefused(t, http.StatusBadRequest, stackbe.CodeInvalidEmail, s.applyByHand(t, map[string]any{"email": email, "name": testName}))
	}
}

// emailsFoldASCIIOnly applies as those whose address a Kelvin sign, a long s, a dotted I and
// other letters fold into, besides them.
func emailsFoldASCIIOnly(t *testing.T, s *suite) {
	for _, pair := range [][2]string{{"k", "\u212a"}, {"s", "\u017f"}, {"i", "\u0130"}, {"\u00e9", "\u00c9"}, {"\u00e9", "e\u0301"}} {
		email := newEmail()
		first := s.applyAs(t, pair[0]+email)
		assert.False(t, s.status(t, pair[1]+email).Applied, "%q is not %q", pair[1], pair[0])
		second := s.applyAs(t, pair[1]+email)
		assert.NotEqual(t, first.id, second.id)
	}
}

func hiddenCharactersAreRefused(t *testing.T, s *suite) {
	for _, hidden := range []string{"\u00a0", "\u00ad", "\u200b", "\u200d", "\u2028", "\u202e", "\u3000", "\ufeff", "\uffff"} {
		email := "ja" + hidden + "ne" + newEmail()
		s.requireProblems(t, stackbe.CodeInvalidEmail, s.applyByHand(t, map[string]any{"email": email, "name": testName}), "email")
		asked := request{method: http.MethodGet, path: s.contract.ApplicationStatusPath + "?email=" + url.QueryEscape(email), credential: s.asKey(s.target.APIKey)}
		s.requireProblems(t, stackbe.CodeInvalidEmail, s.send(t, asked), "email")
		_, err := s.client.Affiliates.GetApplicationStatus(t.Context(), email)
		assert.ErrorIs(t, err, stackbe.ErrInvalidArgument, "the SDK has the same rule")

		website := "https://acme.com/" + hidden
		s.requireProblems(t, stackbe.CodeValidationError, s.applyByHand(t, map[string]any{"email": newEmail(), "name": testName, "website": website}), "website")
		s.requireProblems(t, stackbe.CodeValidationError, s.send(t, request{method: http.MethodPost, path: s.contract.TrackPath, credential: s.asKey(s.target.APIKey), body: encode(t, map[string]any{s.contract.TrackCodeField: "ANY", s.contract.TrackURLField: website})}), s.contract.TrackURLField)
	}
}

func eachInvalidFieldIsNamed(t *testing.T, s *suite) {
	s.requireProblems(t, stackbe.CodeMissingRequiredField, s.applyByHand(t, map[string]any{}), "email", "name")
	s.requireProblems(t, stackbe.CodeMissingRequiredField, s.applyByHand(t, map[string]any{"email": newEmail(), "name": " "}), "name")
	s.requireProblems(t, stackbe.CodeValidationError, s.applyByHand(t, map[string]any{"email": 1, "name": " ", "website": "ftp://acme.com"}), "email", "name", "website")
	s.requireProblems(t, stackbe.CodeValidationError, s.applyByHand(t, map[string]any{"email": newEmail(), "name": testName, "company": nil, "phone": "1"}), "company", "phone")
}

func fieldsHaveBounds(t *testing.T, s *suite) {
	longest := func() map[string]any {
		email := newEmail()
		return map[string]any{
			"email":   strings.Repeat("e", 64-strings.IndexByte(email, '@')) + email,
			"name":    strings.Repeat("ä", 200),
			"company": strings.Repeat("ä", 200),
			"website": "https://acme.com/" + strings.Repeat("w", 2048-len("https://acme.com/")),
			"reason":  strings.Repeat("ä", 5000),
		}
	}
	requireStatus(t, http.StatusCreated, s.applyByHand(t, longest()))

	for _, field := range []string{"name", "company", "website", "reason"} {
		tooLong := longest()
		tooLong[field] = tooLong[field].(string) + "x"
		s.requireProblems(t, stackbe.CodeValidationError, s.applyByHand(t, tooLong), field)
	}
	tooLong := longest()
	tooLong["email"] = strings.Repeat("e", 255-len("@stackbe-go.example")) + "@stackbe-go.example"
	s.requireProblems(t, stackbe.CodeInvalidEmail, s.applyByHand(t, tooLong), "email")
}

func anEmptyTextIsLeftOut(t *testing.T, s *suite) {
	requireStatus(t, http.StatusCreated, s.applyByHand(t, map[string]any{
		"email": newEmail(), "name": testName, "company": "", "website": "", "reason": "",
	}))
}
