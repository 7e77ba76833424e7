package conformance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stackbe/stackbe-go"
)

var separationCases = []testCase{
	{"a customer who is not a partner has no account", contract, needKey | needAdmin, noAccountWithoutPartner},
	{"what is another partner's is not found", contract, needKey | needAdmin | needChange | alone, anotherPartnersIsNotFound},
	{"what is another app's is not found", contract, needKey | needAdmin | needForeign | needChange | alone, anotherAppsIsNotFound},
	{"an unknown id is not found", contract, needKey | needAdmin, unknownIDsAreNotFound},
}

func (e endpoint) isOfPartner() bool { return strings.HasPrefix(e.path, accountPath) }

// hasID reports whether the path names a record.
func (e endpoint) hasID() bool { return e.notFound() != "" }

// notFound is the code for a path whose record does not exist; empty for one without a record.
func (e endpoint) notFound() string {
	if !e.isOfAccount() && !e.isOfAdministration() {
		return ""
	}
	for name, code := range map[string]string{
		"{userID}":         stackbe.CodeCustomerNotFound,
		"{customerID}":     stackbe.CodeCustomerNotFound,
		"{affiliateID}":    stackbe.CodeAffiliateNotFound,
		"{accessID}":       stackbe.CodeAccessNotFound,
		"{subscriptionID}": stackbe.CodeSubscriptionNotFound,
		"{invoiceID}":      stackbe.CodeInvoiceNotFound,
		"{payoutID}":       stackbe.CodePayoutNotFound,
	} {
		if strings.Contains(e.path, name) {
			return code
		}
	}
	return ""
}

func (e endpoint) ofAccountWithID() bool { return e.isOfAccount() && e.hasID() }

func (e endpoint) ofAdministrationWithID() bool { return e.isOfAdministration() && e.hasID() }

func noAccountWithoutPartner(t *testing.T, s *suite) {
	token := s.newCustomer(t).token
	s.forEach(t, endpoint.isOfPartner, func(t *testing.T, e endpoint) {
		request := s.validRequest(t, e)
		request.credential = s.asSession(token)
		s.requireRefused(t, http.StatusNotFound, stackbe.CodeAffiliateNotFound, s.send(t, request))
	})
}

func anotherPartnersIsNotFound(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	token := s.newPartner(t).token
	s.forEach(t, endpoint.ofAccountWithID, func(t *testing.T, e endpoint) {
		request := s.validRequest(t, e)
		owner := request.credential
		request.credential = s.asSession(token)
		s.requireRefused(t, http.StatusNotFound, e.notFound(), s.send(t, request))
		request.credential = owner
		s.requireNotRefused(t, s.send(t, request))
	})
}

// requireNotRefused makes sure that what others do not find is there.
func (s *suite) requireNotRefused(t *testing.T, got response) {
	t.Helper()
	if got.status >= http.StatusBadRequest {
		t.Fatalf("the owner is refused as well: %d: %.500q", got.status, got.body)
	}
}

func anotherAppsIsNotFound(t *testing.T, s *suite) {
	s = s.withoutHolding(t)
	s.forEach(t, endpoint.ofAdministrationWithID, func(t *testing.T, e endpoint) {
		request := s.validRequest(t, e)
		own := request
		own.path = strings.Replace(request.path, "/"+url.PathEscape(s.target.AppID), "/"+url.PathEscape(s.target.Foreign.AppID), 1)
		own.credential = s.asAdmin(s.target.Foreign.AdminToken)
		s.requireRefused(t, http.StatusNotFound, e.notFound(), s.send(t, own))
		s.requireNotRefused(t, s.send(t, request))
	})
}

func unknownIDsAreNotFound(t *testing.T, s *suite) {
	s.forEach(t, endpoint.hasID, func(t *testing.T, e endpoint) {
		request := s.validRequest(t, e)
		request.path = fill(strings.Replace(e.path, "{customerID}", nothingsID, 1), s.target.AppID, "")
		s.requireRefused(t, http.StatusNotFound, e.notFound(), s.send(t, request))
	})
}
