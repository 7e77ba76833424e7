package conformance

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var accessCases = []testCase{
	{"a user grants what a partner asks for, and withdraws it", contract, needKey | needAdmin, accessIsGrantedAndWithdrawn},
	{"a user declines, and can be asked again", contract, needKey | needAdmin, accessIsDeclined},
	{"a step that does not follow is refused", contract, needKey | needAdmin, accessStepsThatDoNotFollow},
	{"an unknown action is refused", contract, needKey | needAdmin, anUnknownAction},
	{"a customer sees what it was asked for, all or of a status", contract, needKey | needAdmin, accessIsListed},
	{"a partner logs in as a user only while access is granted", contract, needKey | needAdmin, logInAsAUser},
	{"a login link lasts for ten minutes", contract, needKey | needAdmin | needControl | alone, aLoginLinkLastsTenMinutes},
}

func accessIsGrantedAndWithdrawn(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	user := partner.addUser(t)
	asked := partner.askForAccess(t, user.ID)
	assert.Equal(t, affiliates.AccessRequested, asked.Status)
	assert.Equal(t, partner.ID, asked.AffiliateID)
	assert.Equal(t, testName, asked.AffiliateName)
	assert.NotEmpty(t, asked.AffiliateEmail)
	assert.Equal(t, user.ID, asked.UserID)
	assert.Equal(t, user.Email, asked.UserEmail)
	assert.True(t, asked.DecidedAt.IsZero())
	requireUTC(t, asked.Raw, "requestedAt")
	assert.Equal(t, affiliates.AccessRequested, partner.user(t, user.ID).Access)

	access := s.signIn(t, user.ID, user.Email).client.Account.Access
	granted, err := access.Grant(t.Context(), asked.ID, affiliates.DecideAccessParams{})
	require.NoError(t, err)
	assert.Equal(t, asked.ID, granted.ID)
	assert.Equal(t, affiliates.AccessGranted, granted.Status)
	requireUTC(t, granted.Raw, "decidedAt")
	assert.Equal(t, affiliates.AccessGranted, partner.user(t, user.ID).Access)

	withdrawn, err := access.Withdraw(t.Context(), asked.ID, affiliates.DecideAccessParams{})
	require.NoError(t, err)
	assert.Equal(t, affiliates.AccessWithdrawn, withdrawn.Status)
	assert.Equal(t, affiliates.AccessWithdrawn, partner.user(t, user.ID).Access)
}

func accessIsDeclined(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	user := partner.addUser(t)
	asked := partner.askForAccess(t, user.ID)
	access := s.signIn(t, user.ID, user.Email).client.Account.Access
	declined, err := access.Decline(t.Context(), asked.ID, affiliates.DecideAccessParams{})
	require.NoError(t, err)
	assert.Equal(t, affiliates.AccessDeclined, declined.Status)

	again := partner.askForAccess(t, user.ID)
	assert.NotEqual(t, asked.ID, again.ID)
	assert.Equal(t, affiliates.AccessRequested, partner.user(t, user.ID).Access)
	_, err = access.Grant(t.Context(), asked.ID, affiliates.DecideAccessParams{})
	s.requireErrorIs(t, err, stackbe.ErrConflict, stackbe.CodeAccessStatus)
	_, err = access.Grant(t.Context(), again.ID, affiliates.DecideAccessParams{})
	require.NoError(t, err)
}

func accessStepsThatDoNotFollow(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	user := partner.addUser(t)
	asked := partner.askForAccess(t, user.ID)
	access := s.signIn(t, user.ID, user.Email).client.Account.Access
	refused := func(err error) {
		t.Helper()
		s.requireErrorIs(t, err, stackbe.ErrConflict, stackbe.CodeAccessStatus)
	}
	askAgain := func() error {
		_, err := partner.client.Account.Users.RequestAccess(t.Context(), user.ID, affiliates.RequestAccessParams{})
		return err
	}
	step := func(decide func() (*affiliates.Access, error)) error {
		_, err := decide()
		return err
	}
	grant := func() (*affiliates.Access, error) {
		return access.Grant(t.Context(), asked.ID, affiliates.DecideAccessParams{})
	}
	decline := func() (*affiliates.Access, error) {
		return access.Decline(t.Context(), asked.ID, affiliates.DecideAccessParams{})
	}
	withdraw := func() (*affiliates.Access, error) {
		return access.Withdraw(t.Context(), asked.ID, affiliates.DecideAccessParams{})
	}

	refused(askAgain())
	refused(step(withdraw))
	require.NoError(t, step(grant))
	refused(askAgain())
	refused(step(grant))
	refused(step(decline))
	require.NoError(t, step(withdraw))
	refused(step(grant))
	refused(step(decline))
	refused(step(withdraw))
}

func anUnknownAction(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	user := partner.addUser(t)
	path := accessPath + "/" + partner.askForAccess(t, user.ID).ID
	session := s.asSession(s.session(t, user.ID))
	post := func(body string) response {
		return s.send(t, request{method: http.MethodPost, path: path, credential: session, body: body})
	}
	s.requireProblems(t, stackbe.CodeMissingRequiredField, post(`{}`), "action")
	s.requireProblems(t, stackbe.CodeValidationError, post(`{"action": "granted"}`), "action")
}

func accessIsListed(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	access, user := s.grant(t, partner, partner.addUser(t).ID)
	list := func(status affiliates.AccessStatus) []affiliates.Access {
		page, err := user.client.Account.Access.List(t.Context(), affiliates.AccessFilter{Status: status})
		require.NoError(t, err)
		return page.Data
	}
	require.Len(t, list(""), 1)
	require.Len(t, list(affiliates.AccessGranted), 1)
	assert.Equal(t, access.ID, list(affiliates.AccessGranted)[0].ID)
	assert.Empty(t, list(affiliates.AccessRequested))

	page, err := partner.client.Account.Access.List(t.Context(), affiliates.AccessFilter{})
	require.NoError(t, err)
	assert.Empty(t, page.Data, "what others were asked for")
}

func (s *suite) logInAs(t *testing.T, partner partner, userID string) *affiliates.LoginLink {
	t.Helper()
	link, err := partner.client.Account.Users.LogInAs(t.Context(), userID, affiliates.LogInAsParams{})
	require.NoError(t, err)
	return link
}

func logInAsAUser(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	userID := partner.addUser(t).ID
	refused := func() {
		t.Helper()
		_, err := partner.client.Account.Users.LogInAs(t.Context(), userID, affiliates.LogInAsParams{})
		s.requireErrorIs(t, err, stackbe.ErrForbidden, stackbe.CodeAccessNotGranted)
	}
	refused()
	access, user := s.grant(t, partner, userID)
	link := s.logInAs(t, partner, userID)
	requireUTC(t, link.Raw, "expiresAt")
	requirePage(t, http.StatusOK, s.open(t, link.URL))

	_, err := user.client.Account.Access.Withdraw(t.Context(), access.ID, affiliates.DecideAccessParams{})
	require.NoError(t, err)
	refused()
	requirePage(t, http.StatusForbidden, s.open(t, link.URL))

	s.grant(t, partner, userID)
	requirePage(t, http.StatusForbidden, s.open(t, link.URL)) // it is of the access before
	requirePage(t, http.StatusOK, s.open(t, s.logInAs(t, partner, userID).URL))
}

func aLoginLinkLastsTenMinutes(t *testing.T, s *suite) {
	partner := s.newPartner(t)
	user := partner.addUser(t)
	s.grant(t, partner, user.ID)
	link := s.logInAs(t, partner, user.ID)
	assertFrom(t, user.CreatedAt, 10*time.Minute, link.ExpiresAt)
	s.target.Control.Advance(9 * time.Minute)
	requirePage(t, http.StatusOK, s.open(t, link.URL))
	s.target.Control.Advance(time.Minute)
	requirePage(t, http.StatusGone, s.open(t, link.URL))
}
