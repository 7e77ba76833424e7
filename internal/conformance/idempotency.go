package conformance

import (
	"crypto/rand"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
)

var idempotencyCases = []testCase{
	{"the first response to a key is given again", contract, 0, theFirstResponseAgain},
	{"the first response to a key is given again where money is paid out", contract, needKey | needAdmin | needChange | alone, theFirstResponseOfAPayoutAgain},
	{"another request under a key is refused", contract, 0, anotherRequestUnderAKey},
	{"another request under a key is refused where money is paid out", contract, needKey | needAdmin | needChange | alone, anotherPayoutUnderAKey},
	{"a replayed payment, refund or payout moves no money", contract, needKey | needAdmin | needChange | alone, aReplayMovesNoMoney},
	{"a key is of one method, path and body", contract, needKey | needAdmin, aKeyIsOfOneRequest},
	{"a replay does nothing", contract, needKey | needSession, aReplayDoesNothing},
	{"a refusal is replayed as well", contract, needKey, aRefusalIsReplayed},
	{"a refused credential is not kept", contract, needKey, aRefusedCredentialIsNotKept},
	{"requests under a key that arrive together act once", contract, needKey, requestsThatArriveTogether},
	{"credentials do not share keys", contract, needKey | needForeign, credentialsDoNotShareKeys},
	{"X-Idempotency-Key is read as well", contract, needKey, theOtherHeader},
	{"a key is 1 to 255 visible ASCII characters", contract, needKey, usableKeys},
	{"a key is free again after a day", contract, needKey | needControl | alone, aKeyIsFreeAfterADay},
	{"a session that has expired gets no replay", contract, needKey | needControl | needAdmin | alone, anExpiredSessionGetsNoReplay},
}

const replayed = "Idempotency-Replayed"

func (s *suite) withKey(r request, key string) request {
	r.header = map[string]string{s.contract.IdempotencyHeader: key}
	return r
}

func (s *suite) newApplication(t *testing.T) request {
	t.Helper()
	return s.validRequest(t, endpoint{method: http.MethodPost, path: s.contract.ApplyPath, kind: key})
}

// requireReplay requires got to be first again, byte for byte.
func (s *suite) requireReplay(t *testing.T, first, got response) {
	t.Helper()
	requireStatus(t, first.status, got)
	assert.Equal(t, string(first.body), string(got.body))
	assert.Empty(t, first.header.Get(replayed))
	assert.Equal(t, "true", got.header.Get(replayed))
	assert.NotEqual(t, first.header.Get(s.contract.RequestIDHeader), got.header.Get(s.contract.RequestIDHeader))
}

func theFirstResponseAgain(t *testing.T, s *suite) { firstResponses(t, s, endpoint.writesNow) }

func theFirstResponseOfAPayoutAgain(t *testing.T, s *suite) {
	firstResponses(t, s.withoutHolding(t), endpoint.paysOut)
}

func firstResponses(t *testing.T, s *suite, suits func(endpoint) bool) {
	s.forEach(t, suits, func(t *testing.T, e endpoint) {
		request := s.withKey(s.validRequest(t, e), rand.Text())
		first := s.send(t, request)
		require.Less(t, first.status, http.StatusBadRequest, "the body is %q", first.body)
		s.requireReplay(t, first, s.send(t, request))
		s.requireReplay(t, first, s.send(t, request))
	})
}

func anotherRequestUnderAKey(t *testing.T, s *suite) { otherRequests(t, s, endpoint.writesNow) }

func anotherPayoutUnderAKey(t *testing.T, s *suite) {
	otherRequests(t, s.withoutHolding(t), endpoint.paysOut)
}

func otherRequests(t *testing.T, s *suite, suits func(endpoint) bool) {
	s.forEach(t, suits, func(t *testing.T, e endpoint) {
		first := s.withKey(s.validRequest(t, e), rand.Text())
		require.Less(t, s.send(t, first).status, http.StatusBadRequest)
		other := first
		other.body += " "
		got := s.send(t, other)
		s.requireRefused(t, http.StatusConflict, stackbe.CodeIdempotencyKeyReused, got)
		assert.Empty(t, got.header.Get(replayed))
	})
}

func aKeyIsOfOneRequest(t *testing.T, s *suite) {
	application := s.withKey(s.newApplication(t), rand.Text())
	first := s.send(t, application)
	requireStatus(t, http.StatusCreated, first)
	elsewhere, withQuery := application, application
	elsewhere.path = s.contract.TrackPath
	withQuery.path += "?color=green"
	for _, other := range []request{elsewhere, withQuery} {
		s.requireRefused(t, http.StatusConflict, stackbe.CodeIdempotencyKeyReused, s.send(t, other))
	}
	read := s.withKey(s.get(fill(s.contract.AffiliateByCustomerPath, "", ""), application.credential), application.header[s.contract.IdempotencyHeader])
	requireStatus(t, http.StatusOK, s.send(t, read)) // a read has no key
	s.requireReplay(t, first, s.send(t, application))
}

func aReplayDoesNothing(t *testing.T, s *suite) {
	partner := s.partner(t)
	before := partner.dashboard(t).Stats.Clicks
	click := request{method: http.MethodPost, path: s.contract.TrackPath, credential: s.asKey(s.target.APIKey), body: encode(t, map[string]any{s.contract.TrackCodeField: partner.Code})}
	click = s.withKey(click, rand.Text())
	for range 3 {
		requireStatus(t, http.StatusCreated, s.send(t, click))
	}
	assert.Equal(t, before+1, partner.dashboard(t).Stats.Clicks)
}

func aReplayMovesNoMoney(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	partner := s.newPartner(t)
	user := partner.addUser(t)
	app := fill(appPath, s.target.AppID, "")
	thrice := func(path string, credential credential, body map[string]any) map[string]any {
		write := s.withKey(request{method: http.MethodPost, path: path, credential: credential, body: encode(t, body)}, rand.Text())
		first := s.ok(t, write)
		assert.Equal(t, first, s.ok(t, write))
		assert.Equal(t, first, s.ok(t, write))
		return first
	}
	asAdmin := s.asAdmin(s.target.AdminToken)
	invoice := thrice(app+"/invoices", asAdmin, map[string]any{"customerId": user.ID, "amount": 1000})
	s.assertBalances(t, partner, balances{earned: 200_00, ready: 200_00})
	thrice(app+"/invoices/"+invoice["id"].(string)+"/refunds", asAdmin, map[string]any{"amount": 100})
	s.assertBalances(t, partner, balances{earned: 180_00, ready: 180_00})
	payout := thrice(accountPath+"/payouts", s.asSession(partner.token), map[string]any{})
	s.assertBalances(t, partner, balances{earned: 180_00, inPayout: 180_00})
	thrice(app+"/affiliates/payouts/"+payout["id"].(string)+"/status", asAdmin, map[string]any{"status": "processing"})
	thrice(app+"/affiliates/payouts/"+payout["id"].(string)+"/status", asAdmin, map[string]any{"status": "paid"})
	s.assertBalances(t, partner, balances{earned: 180_00, paid: 180_00})
}

func aRefusalIsReplayed(t *testing.T, s *suite) {
	application := s.newApplication(t)
	requireStatus(t, http.StatusCreated, s.send(t, application))
	duplicate := s.withKey(application, rand.Text())
	first := s.send(t, duplicate)
	s.requireRefused(t, http.StatusConflict, stackbe.CodeAlreadyExists, first)
	s.requireReplay(t, first, s.send(t, duplicate))
}

func aRefusedCredentialIsNotKept(t *testing.T, s *suite) {
	application := s.withKey(s.newApplication(t), rand.Text())
	unknown := application
	unknown.credential.value += "x"
	s.requireRefused(t, http.StatusUnauthorized, stackbe.CodeUnauthorized, s.send(t, unknown))
	got := s.send(t, unknown)
	s.requireRefused(t, http.StatusUnauthorized, stackbe.CodeUnauthorized, got)
	assert.Empty(t, got.header.Get(replayed))
	requireStatus(t, http.StatusCreated, s.send(t, application))
}

func requestsThatArriveTogether(t *testing.T, s *suite) {
	application := s.withKey(s.newApplication(t), rand.Text())
	responses := make([]response, 8)
	errs := make([]error, len(responses))
	var all sync.WaitGroup
	for i := range responses {
		all.Go(func() { responses[i], errs[i] = s.exchange(t, application) })
	}
	all.Wait()

	first := 0
	for i, got := range responses {
		require.NoError(t, errs[i])
		requireStatus(t, http.StatusCreated, got)
		assert.Equal(t, string(responses[0].body), string(got.body))
		if got.header.Get(replayed) == "" {
			first++
		}
	}
	assert.Equal(t, 1, first, "one response is the first, all others are replayed")
}

func credentialsDoNotShareKeys(t *testing.T, s *suite) {
	application := s.withKey(s.newApplication(t), rand.Text())
	first := s.send(t, application)
	application.credential = s.asKey(s.target.Foreign.APIKey)
	second := s.send(t, application)
	requireStatus(t, http.StatusCreated, second)
	assert.Empty(t, second.header.Get(replayed))
	assert.NotEqual(t, first.object(t)["id"], second.object(t)["id"])
}

func theOtherHeader(t *testing.T, s *suite) {
	if s.target.Contract.IdempotencyHeader != "" {
		t.Skip("the contract has a header of its own for keys")
	}
	application := s.newApplication(t)
	application.header = map[string]string{"X-Idempotency-Key": rand.Text()}
	first := s.send(t, application)
	requireStatus(t, http.StatusCreated, first)
	s.requireReplay(t, first, s.send(t, application))
	s.requireReplay(t, first, s.send(t, s.withKey(application, application.header["X-Idempotency-Key"])))
}

func usableKeys(t *testing.T, s *suite) {
	longest := rand.Text() + strings.Repeat("~", 255)
	for _, usable := range []string{rand.Text(), longest[:255]} {
		requireStatus(t, http.StatusCreated, s.send(t, s.withKey(s.newApplication(t), usable)))
	}
	for _, unusable := range []string{longest[:256], "two words", "schlüssel"} {
		s.requireRefused(t, http.StatusBadRequest, stackbe.CodeBadRequest, s.send(t, s.withKey(s.newApplication(t), unusable)))
	}
}

func aKeyIsFreeAfterADay(t *testing.T, s *suite) {
	application := s.withKey(s.newApplication(t), rand.Text())
	first := s.send(t, application)
	requireStatus(t, http.StatusCreated, first)
	s.target.Control.Advance(day - time.Minute)
	s.requireReplay(t, first, s.send(t, application))
	s.target.Control.Advance(time.Minute)
	again := s.send(t, application)
	s.requireRefused(t, http.StatusConflict, stackbe.CodeAlreadyExists, again)
	assert.Empty(t, again.header.Get(replayed), "the email has applied, and the key is new")
}

func anExpiredSessionGetsNoReplay(t *testing.T, s *suite) {
	partner := s.partner(t)
	s.target.Control.Advance(sessionLife - day/2)
	deal := s.withKey(request{
		method: http.MethodPost, path: s.contract.DealsPath, credential: s.asSession(partner.token),
		body: encode(t, map[string]any{"leadEmail": newEmail(), "leadName": testName}),
	}, rand.Text())
	requireStatus(t, http.StatusCreated, s.send(t, deal))
	s.target.Control.Advance(day / 2)
	s.requireRefused(t, http.StatusUnauthorized, stackbe.CodeSessionExpired, s.send(t, deal))
}
