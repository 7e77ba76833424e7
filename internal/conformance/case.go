package conformance

import (
	"strings"
	"testing"
)

// A group is the cases of one subject.
type group struct {
	name  string
	cases []testCase
}

func groups() []group {
	return []group{
		{"applying", applyingCases},
		{"application status", statusCases},
		{"review", reviewCases},
		{"list of applications", listCases},
		{"one application", applicationCases},
		{"partner lookup", lookupCases},
		{"dashboard", dashboardCases},
		{"portal link", portalCases},
		{"tracking", trackingCases},
		{"deals", dealCases},
		{"attribution", attributionCases},
		{"commission", commissionCases},
		{"settings", settingsCases},
		{"users", userCases},
		{"access", accessCases},
		{"subscriptions", subscriptionCases},
		{"invoices", invoiceCases},
		{"earnings", earningCases},
		{"payouts", payoutCases},
		{"info", infoCases},
		{"administration", administrationCases},
		{"statuses of the account", accountStatusCases},
		{"lists of the account", accountListCases},
		{"separation", separationCases},
		{"field names", fieldNameCases},
		{"field names of the account", accountNameCases},
		{"credentials", credentialCases},
		{"refusals", refusalCases},
		{"idempotency", idempotencyCases},
		{"hostile ids", hostileCases},
		{"rate limit headers", rateLimitCases},
		{"pages", pageCases},
		{"every response", everyResponseCases},
	}
}

// A testCase is one statement of the contract. It passes whichever cases have run before it, and in
// parallel with others, unless it needs to be alone.
type testCase struct {
	name   string
	source source
	needs  need
	run    func(t *testing.T, s *suite)
}

// source says who states it.
type source int

const (
	documented source = iota // StackBE's public documentation
	contract                 // this project
)

// need is a requirement of a case; needs are combined with |.
type need int

const (
	needKey need = 1 << iota
	needAdmin
	needSession // of a partner
	needForeign
	needControl

	// needChange is for a case that changes the settings of the app, refunds or pays out, which a
	// live target has to allow. needControl includes it.
	needChange

	// alone is for a case that changes the settings of the app or moves the clock, or compares
	// settings at two moments: no other case runs beside it.
	alone
)

// run runs c, or says why not.
func (s *suite) run(t *testing.T, c testCase) {
	if s.target.Control != nil { // without it, all cases have one partner, who has one dashboard
		t.Parallel()
	}
	if c.source == contract && s.target.Scope == Documented {
		t.Skip("this is not in StackBE's documentation; unset " + envScope + " to run it")
	}
	s.require(t, c.needs)
	s.take(t, c.needs&alone != 0)
	c.run(t, s.observed(t))
}

// take waits until the case may run, and lets others run once the test and its cleanups are over.
func (s *suite) take(t *testing.T, alone bool) {
	if alone {
		s.running.Lock()
		t.Cleanup(s.running.Unlock)
		return
	}
	s.running.RLock()
	t.Cleanup(s.running.RUnlock)
}

// require skips the test, or fails it for a complete target, unless the target has all of needs.
func (s *suite) require(t *testing.T, needs need) {
	t.Helper()
	missing := s.target.missing(needs)
	if len(missing) == 0 {
		return
	}
	message := "this needs " + strings.Join(missing, "; and ")
	if s.target.Complete {
		t.Fatal(message)
	}
	t.Skip(message)
}

// missing names the needs that the target does not meet, for a person to read.
func (target Target) missing(needs need) []string {
	controlled := target.Control != nil && target.APIKey != "" && target.AdminToken != ""
	var missing []string
	for _, one := range []struct {
		need need
		has  bool
		name string
	}{
		{needKey, target.APIKey != "", "an API key: set " + envAPIKey},
		{needAdmin, target.AdminToken != "" && target.AppID != "", "an admin: set " + envAdminToken + " and " + envAppID},
		{needSession, controlled || target.Session != (Session{}), "a partner's session: set " + envSessionToken + " and " + envCustomerID},
		{needForeign, target.Foreign != (Foreign{}), "another app: set " + envForeignAppID + ", " + envForeignAPIKey + " and " + envForeignAdminToken},
		{needChange, target.Control != nil || target.Change, "leave to change settings and move money: set " + envChange + " to " + allowChange},
		{needControl, target.Control != nil, "a test server, which can sign customers up and move its clock; a live API cannot"},
	} {
		if needs&one.need != 0 && !one.has {
			missing = append(missing, one.name)
		}
	}
	return missing
}
