package conformance

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/conformance/fixture"
)

// testName is the name of everybody whom the suite makes up.
const testName = "stackbe-go conformance"

// newEmail is the address of nobody, and was never used before.
func newEmail() string {
	return "conformance+" + strings.ToLower(rand.Text()) + "@stackbe-go.example"
}

// newCode is a referral code that was never used before.
func newCode() string { return "CONF-" + rand.Text()[:16] }

// An applicant has applied.
type applicant struct {
	id    string
	email string
}

func (s *suite) apply(t *testing.T) applicant {
	t.Helper()
	return s.applyAs(t, newEmail())
}

func (s *suite) applyAs(t *testing.T, email string) applicant {
	t.Helper()
	result, err := s.client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: email, Name: testName})
	require.NoError(t, err)
	require.NotEmpty(t, result.ID)
	return applicant{id: result.ID, email: email}
}

// enroll makes a new partner.
func (s *suite) enroll(t *testing.T) *affiliates.Affiliate {
	t.Helper()
	return enroll(t, s.admin)
}

func enroll(t *testing.T, client *stackbe.Client) *affiliates.Affiliate {
	t.Helper()
	review, err := fixture.Enroll(t.Context(), client, affiliates.ApplyParams{Email: newEmail(), Name: testName}, "")
	require.NoError(t, err)
	require.True(t, review.Affiliate.Enrolled, "the response to an approval has the new partner")
	return &review.Affiliate
}

func (s *suite) approve(t *testing.T, who applicant) *affiliates.Affiliate {
	t.Helper()
	review, err := s.admin.Affiliates.Approve(t.Context(), who.id, affiliates.ApproveParams{})
	require.NoError(t, err)
	require.True(t, review.Affiliate.Enrolled, "the response to an approval has the new partner")
	return &review.Affiliate
}

// A partner is signed in.
type partner struct {
	*affiliates.Affiliate
	client *stackbe.Client
	token  string
}

// partner is a new partner, or that of the target if the target cannot sign customers in,
// whose figures do not start at zero.
func (s *suite) partner(t *testing.T) partner {
	t.Helper()
	if s.target.Control == nil {
		return s.standingPartner(t)
	}
	affiliate := s.enroll(t)
	token := s.target.Control.SessionToken(affiliate.CustomerID)
	return partner{Affiliate: affiliate, client: s.client.AsCustomer(token), token: token}
}

func (s *suite) standingPartner(t *testing.T) partner {
	t.Helper()
	client := s.client.AsCustomer(s.target.Session.Token)
	current, err := client.Affiliates.GetCurrent(t.Context())
	require.NoError(t, err)
	require.True(t, current.Enrolled, "the customer of %s must be a partner", envCustomerID)
	return partner{Affiliate: current, client: client, token: s.target.Session.Token}
}

// A customer is signed up and signed in, and no partner.
type customer struct {
	id     string
	email  string
	client *stackbe.Client
	token  string
}

func (s *suite) signUp(t *testing.T, params Customer) customer {
	t.Helper()
	params.Email, params.Name = newEmail(), testName
	return s.signUpAs(params)
}

func (s *suite) signUpAs(params Customer) customer {
	id := s.target.Control.CreateCustomer(params)
	token := s.target.Control.SessionToken(id)
	return customer{id: id, email: params.Email, client: s.client.AsCustomer(token), token: token}
}

// dashboard is the partner's.
func (p partner) dashboard(t *testing.T) *affiliates.Dashboard {
	t.Helper()
	dashboard, err := p.client.Affiliates.GetDashboard(t.Context())
	require.NoError(t, err)
	return dashboard
}
