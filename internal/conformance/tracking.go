package conformance

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var trackingCases = []testCase{
	{"a click on a partner's code is tracked", documented, needKey | needSession, aClickIsTracked},
	{"a click attributes for the cookie's duration", contract, needKey | needAdmin | alone, aClickLasts},
	{"the case of the code does not matter", contract, needKey | needSession, theCaseOfACodeDoesNotMatter},
	{"an unknown code is not found", contract, needKey, anUnknownCode},
	{"a code of another app is not found", contract, needKey | needForeign, aForeignCode},
	{"an invalid click is refused", contract, needKey | needSession, anInvalidClickIsRefused},
}

func aClickIsTracked(t *testing.T, s *suite) {
	code := s.partner(t).Code
	_, err := s.client.Affiliates.TrackReferral(t.Context(), affiliates.TrackParams{Code: code, URL: "https://yoursite.com?ref=" + code})
	assert.NoError(t, err)
}

func aClickLasts(t *testing.T, s *suite) {
	settings, err := s.admin.Affiliates.GetSettings(t.Context())
	require.NoError(t, err)
	partner := s.enroll(t)
	click, err := s.client.Affiliates.TrackReferral(t.Context(), affiliates.TrackParams{Code: partner.Code})
	require.NoError(t, err)

	assert.NotEmpty(t, click.ID)
	assert.Equal(t, partner.Code, click.Code)
	requireUTC(t, click.Raw, s.contract.ClickExpiresAtField)
	assertFrom(t, partner.CreatedAt, time.Duration(settings.CookieDurationDays)*day, click.ExpiresAt)
}

func theCaseOfACodeDoesNotMatter(t *testing.T, s *suite) {
	code := s.partner(t).Code
	click, err := s.client.Affiliates.TrackReferral(t.Context(), affiliates.TrackParams{Code: strings.ToLower(code)})
	require.NoError(t, err)
	assert.Equal(t, code, click.Code)
}

func anUnknownCode(t *testing.T, s *suite) {
	for _, code := range []string{newCode(), "x", "no-such-code!"} {
		_, err := s.client.Affiliates.TrackReferral(t.Context(), affiliates.TrackParams{Code: code})
		s.requireErrorIs(t, err, stackbe.ErrNotFound, stackbe.CodeReferralCodeNotFound, code)
	}
}

func aForeignCode(t *testing.T, s *suite) {
	_, err := s.client.Affiliates.TrackReferral(t.Context(), affiliates.TrackParams{Code: s.foreignPartner(t).Code})
	s.requireErrorIs(t, err, stackbe.ErrNotFound, stackbe.CodeReferralCodeNotFound)
}

func anInvalidClickIsRefused(t *testing.T, s *suite) {
	partner := s.partner(t)
	before := partner.dashboard(t).Stats.Clicks
	for field, body := range map[string]map[string]any{
		s.contract.TrackCodeField: {s.contract.TrackURLField: "https://yoursite.com"},
		s.contract.TrackURLField:  {s.contract.TrackCodeField: partner.Code, s.contract.TrackURLField: "javascript:alert(1)"},
	} {
		got := s.send(t, request{method: http.MethodPost, path: s.contract.TrackPath, credential: s.asKey(s.target.APIKey), body: encode(t, body)})
		s.requireProblems(t, map[string]string{s.contract.TrackCodeField: stackbe.CodeMissingRequiredField, s.contract.TrackURLField: stackbe.CodeValidationError}[field], got, field)
	}
	assert.Equal(t, before, partner.dashboard(t).Stats.Clicks)
}
