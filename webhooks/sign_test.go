package webhooks_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNewRequestIsAcceptedByVerifier(t *testing.T) {
	for _, scheme := range schemes {
		t.Run(scheme.String(), func(t *testing.T) {
			verifier, err := webhooks.NewVerifier(standardSecret)
			require.NoError(t, err)
			request, err := webhooks.NewRequest(t.Context(), "https://example.com/hooks", approvedBody,
				webhooks.Signing{Scheme: scheme, Secrets: []string{standardSecret}})
			require.NoError(t, err)
			assert.Equal(t, http.MethodPost, request.Method)
			assert.Equal(t, "https://example.com/hooks", request.URL.String())
			assert.Equal(t, "application/json", request.Header.Get("Content-Type"))
			body, err := request.GetBody()
			require.NoError(t, err)
			content, err := io.ReadAll(body)
			require.NoError(t, err)
			assert.Equal(t, string(approvedBody), string(content))

			event, err := verifier.ParseRequest(request)
			require.NoError(t, err)
			assert.Equal(t, webhooks.EventApplicationApproved, event.Type)
		})
	}
}

func TestSignGivesEachStandardDeliveryItsOwnID(t *testing.T) {
	signing := webhooks.Signing{Scheme: webhooks.SchemeStandard, Secrets: []string{standardSecret}}
	first, err := webhooks.Sign(approvedBody, signing)
	require.NoError(t, err)
	second, err := webhooks.Sign(approvedBody, signing)
	require.NoError(t, err)
	assert.NotEqual(t, first.Get("webhook-id"), second.Get("webhook-id"))
	assert.Regexp(t, "^msg_[A-Z2-7]{26,}$", first.Get("webhook-id"))
}

func TestSignAcceptsUpToEightSecrets(t *testing.T) {
	secrets := slices.Repeat([]string{otherSecret}, 7)
	secrets = append(secrets, standardSecret)
	for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeStandard} {
		header := sign(t, approvedBody, webhooks.Signing{Scheme: scheme, Secrets: secrets})
		assert.NoError(t, newVerifier(t, standardSecret).Verify(header, approvedBody))
	}
}

func TestSchemeString(t *testing.T) {
	for scheme, name := range map[webhooks.Scheme]string{
		webhooks.SchemeTimestamped: "timestamped",
		webhooks.SchemeBody:        "body",
		webhooks.SchemeStandard:    "standard",
		99:                         "Scheme(99)",
	} {
		assert.Equal(t, name, scheme.String())
	}
}

func TestSignRefuses(t *testing.T) {
	secrets := []string{standardSecret}
	for name, test := range map[string]struct {
		body    string
		signing webhooks.Signing
		want    error
	}{
		"no secret":       {"{}", webhooks.Signing{}, webhooks.ErrEmptySecret},
		"an empty secret": {"{}", webhooks.Signing{Secrets: []string{""}}, webhooks.ErrEmptySecret},
		"a short secret":  {"{}", webhooks.Signing{Secrets: []string{"short"}}, webhooks.ErrShortSecret},
		"nine secrets":    {"{}", webhooks.Signing{Secrets: strings.Split(strings.Repeat(plainSecret+",", 8)+plainSecret, ",")}, webhooks.ErrTooManySecrets},
		"two secrets where there is room for one": {"{}", webhooks.Signing{Scheme: webhooks.SchemeBody, Secrets: []string{standardSecret, plainSecret}}, webhooks.ErrInvalidOption},
		"a plain secret of Standard Webhooks":     {"{}", webhooks.Signing{Scheme: webhooks.SchemeStandard, Secrets: []string{plainSecret}}, webhooks.ErrInvalidOption},
		"an unknown scheme":                       {"{}", webhooks.Signing{Scheme: 99, Secrets: secrets}, webhooks.ErrInvalidOption},
		"a time before 1970":                      {"{}", webhooks.Signing{Time: time.Unix(-1, 0), Secrets: secrets}, webhooks.ErrInvalidOption},
		"an id with a full stop":                  {"{}", webhooks.Signing{Scheme: webhooks.SchemeStandard, ID: "a.b", Secrets: secrets}, webhooks.ErrMalformedID},
		"an id that is too long":                  {"{}", webhooks.Signing{Scheme: webhooks.SchemeStandard, ID: strings.Repeat("x", 256), Secrets: secrets}, webhooks.ErrMalformedID},
		"a header name with a space":              {"{}", webhooks.Signing{Header: "a b", Secrets: secrets}, webhooks.ErrInvalidOption},
		"no body":                                 {"", webhooks.Signing{Secrets: secrets}, webhooks.ErrMalformedEvent},
		"a body that is not an object":            {"1700000000.{}", webhooks.Signing{Secrets: secrets}, webhooks.ErrMalformedEvent},
	} {
		t.Run(name, func(t *testing.T) {
			header, err := webhooks.Sign([]byte(test.body), test.signing)
			assert.ErrorIs(t, err, test.want)
			assert.Nil(t, header)
			_, err = webhooks.NewRequest(t.Context(), "https://example.com", []byte(test.body), test.signing)
			assert.ErrorIs(t, err, test.want)
		})
	}
	t.Run("an invalid URL", func(t *testing.T) {
		_, err := webhooks.NewRequest(t.Context(), "https://exa mple", approvedBody, webhooks.Signing{Secrets: secrets})
		assert.Error(t, err)
	})
}
