package affiliates_test

import (
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

func TestInvalidReferralOptionIsRefused(t *testing.T) {
	client, err := stackbe.New(stackbe.Config{APIKey: apiKey})
	require.NoError(t, err)
	before := runtime.NumGoroutine()
	for field, options := range map[string][]affiliates.ReferralOption{
		"ReferralOption":        {nil},
		"WithParameter":         {affiliates.WithParameter(""), affiliates.WithParameter("a b"), affiliates.WithParameter("a=b"), affiliates.WithParameter("a&b"), affiliates.WithParameter("caf\u00e9"), affiliates.WithParameter(strings.Repeat("a", 65))},
		"WithCookieName":        {affiliates.WithCookieName(""), affiliates.WithCookieName("a b"), affiliates.WithCookieName("a=b"), affiliates.WithCookieName("a;b"), affiliates.WithCookieName("__Host-a"), affiliates.WithCookieName("__SECURE-a"), affiliates.WithCookieName(strings.Repeat("a", 65))},
		"WithCookieDays":        {affiliates.WithCookieDays(0), affiliates.WithCookieDays(-1), affiliates.WithCookieDays(366)},
		"WithDomain":            {affiliates.WithDomain(""), affiliates.WithDomain("localhost"), affiliates.WithDomain(".example.com"), affiliates.WithDomain("example.com."), affiliates.WithDomain("https://example.com"), affiliates.WithDomain("example.com:80"), affiliates.WithDomain("127.0.0.1"), affiliates.WithDomain("a..b"), affiliates.WithDomain("exa mple.com"), affiliates.WithDomain("example.com; Secure"), affiliates.WithDomain("-a.com")},
		"WithPublicOrigin":      {affiliates.WithPublicOrigin(""), affiliates.WithPublicOrigin("example.com"), affiliates.WithPublicOrigin("//example.com"), affiliates.WithPublicOrigin("ftp://example.com"), affiliates.WithPublicOrigin("http://example.com"), affiliates.WithPublicOrigin("https://example.com/shop"), affiliates.WithPublicOrigin("https://example.com?a"), affiliates.WithPublicOrigin("https://example.com?"), affiliates.WithPublicOrigin("https://example.com#a"), affiliates.WithPublicOrigin("https://jane@example.com"), affiliates.WithPublicOrigin("https://"), affiliates.WithPublicOrigin("https://:443"), affiliates.WithPublicOrigin("https://caf\u00e9.com"), affiliates.WithPublicOrigin("\x7f")},
		"WithClickWindow":       {affiliates.WithClickWindow(0), affiliates.WithClickWindow(-time.Second)},
		"WithConsent":           {affiliates.WithConsent(nil)},
		"WithBots":              {affiliates.WithBots(nil)},
		"WithTrackedParameters": {affiliates.WithTrackedParameters("utm_source", "")},
		"WithReport":            {affiliates.WithReport(nil)},
		"WithWorkers":           {affiliates.WithWorkers(0), affiliates.WithWorkers(65)},
		"WithQueue":             {affiliates.WithQueue(0), affiliates.WithQueue(65537)},
		"WithTrackTimeout":      {affiliates.WithTrackTimeout(0)},
		"WithClock":             {affiliates.WithClock(nil)},
	} {
		for _, option := range options {
			capture, err := affiliates.NewReferralCapture(client.Affiliates, affiliates.WithWorkers(64), option)
			assert.Nil(t, capture)
			require.ErrorIs(t, err, stackbe.ErrInvalidArgument, field)
			var problem *stackbe.ArgumentError
			require.ErrorAs(t, err, &problem)
			assert.Equal(t, field, problem.Field)
		}
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), before, "nothing is started")
}

func TestCaptureNeedsAClientWithAnAPIKey(t *testing.T) {
	_, err := affiliates.NewReferralCapture(nil)
	assert.ErrorIs(t, err, stackbe.ErrNoClient)
	_, err = affiliates.NewReferralCapture(&affiliates.Service{})
	assert.ErrorIs(t, err, stackbe.ErrNoClient)
	client, err := stackbe.New(stackbe.Config{})
	require.NoError(t, err)
	_, err = affiliates.NewReferralCapture(client.AsCustomer(sessionToken).Affiliates)
	assert.ErrorIs(t, err, stackbe.ErrNoAPIKey)
}

func TestOptionsAtTheirBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, options := range [][]affiliates.ReferralOption{
			{affiliates.WithCookieDays(365), affiliates.WithWorkers(64), affiliates.WithQueue(65536), affiliates.WithParameter("A-z0_9.~")},
			{affiliates.WithCookieDays(1), affiliates.WithWorkers(1), affiliates.WithQueue(1), affiliates.WithDomain("a.co")},
			{affiliates.WithPublicOrigin("HTTPS://Example.com:8443"), affiliates.WithDomain("xn--bcher-kva.example"), affiliates.WithTrackedParameters()},
			{affiliates.WithPublicOrigin("http://[::1]:8080"), affiliates.WithCookieName("ref")},
		} {
			newSite(t, options...)
		}
	})
}
