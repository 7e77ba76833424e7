package program_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestReview(t *testing.T) {
	apply := func(t *testing.T, f fixture, email string) string {
		application, err := f.Apply(program.ApplicationParams{Email: email, Name: "Jane Smith"})
		require.NoError(t, err)
		return application.ID
	}

	t.Run("approval makes a customer and a partner", func(t *testing.T) {
		f := newFixture()
		id := apply(t, f, "jane@acme.com")
		f.clock.Advance(time.Hour)
		review, err := f.Approve(id, "jane20")
		require.NoError(t, err)

		assert.Equal(t, program.Approved, review.Application.Status)
		assert.Equal(t, start.Add(time.Hour), review.Application.ReviewedAt)
		assert.Equal(t, review.Affiliate.ID, review.Application.AffiliateID)
		assert.Equal(t, "JANE20", review.Affiliate.Code, "codes are shown in upper case")
		assert.EqualValues(t, 2000, review.Affiliate.CommissionRate)
		assert.True(t, f.HasCustomer(review.Affiliate.CustomerID))
		partner, enrolled := f.Affiliate(review.Affiliate.CustomerID)
		assert.True(t, enrolled)
		assert.Equal(t, *review.Affiliate, partner)
		kept, err := f.Application(id)
		require.NoError(t, err)
		assert.Equal(t, review.Application, kept)
	})

	t.Run("approval uses the customer that has the email already", func(t *testing.T) {
		f := newFixture()
		customer := f.signUp(t, program.CustomerParams{Email: "Jane@Acme.com"})
		review, err := f.Approve(apply(t, f, "jane@acme.com"), "")
		require.NoError(t, err)
		assert.Equal(t, customer.ID, review.Affiliate.CustomerID)
	})

	t.Run("rejection keeps the reason and makes no partner", func(t *testing.T) {
		f := newFixture()
		review, err := f.Reject(apply(t, f, "jane@acme.com"), "Not now")
		require.NoError(t, err)
		assert.Equal(t, program.Rejected, review.Application.Status)
		assert.Equal(t, "Not now", review.Application.RejectionReason)
		assert.Nil(t, review.Affiliate)
		_, err = f.CreateCustomer(program.CustomerParams{Email: "jane@acme.com"})
		assert.NoError(t, err, "no customer was made")
	})

	t.Run("a second review is refused, whatever the two decide", func(t *testing.T) {
		f := newFixture()
		approved, rejected := apply(t, f, "a@acme.com"), apply(t, f, "r@acme.com")
		_, err := f.Approve(approved, "")
		require.NoError(t, err)
		_, err = f.Reject(rejected, "")
		require.NoError(t, err)

		for _, id := range []string{approved, rejected} {
			_, err := f.Approve(id, "OTHER")
			requireConflict(t, err)
			_, err = f.Reject(id, "")
			requireConflict(t, err)
		}
	})

	t.Run("an unknown application is not found", func(t *testing.T) {
		f := newFixture()
		_, err := f.Approve("cm0", "")
		requireNotFound(t, err)
		_, err = f.Reject("cm0", "")
		requireNotFound(t, err)
	})

	t.Run("a code in use is refused whatever its case, and leaves the application pending", func(t *testing.T) {
		f := newFixture()
		f.enroll(t, "first@acme.com", "JANE20")
		id := apply(t, f, "jane@acme.com")
		_, err := f.Approve(id, "jane20")
		requireConflict(t, err)
		application, err := f.Application(id)
		require.NoError(t, err)
		assert.Equal(t, program.Pending, application.Status)
		_, err = f.Approve(id, "JANE21")
		require.NoError(t, err)
	})

	t.Run("a reason of more than 1000 characters is refused", func(t *testing.T) {
		_, err := newFixture().Reject("cm0", strings.Repeat("é", 1001))
		requireInvalid(t, err, "rejectionReason must be shorter than or equal to 1000 characters")
	})
}

func TestValidCodes(t *testing.T) {
	for _, code := range []string{"ABC", "a_b-9", strings.Repeat("X", 32)} {
		assert.Empty(t, program.ApprovalProblems(code), code)
	}
	for _, code := range []string{"AB", strings.Repeat("X", 33), "A B C", "ÄÖÜ", "ſam", "ABC\n", "A/B"} {
		assert.NotEmpty(t, program.ApprovalProblems(code), code)
	}
}

func TestGeneratedCodes(t *testing.T) {
	names := map[string]string{
		"Jane Smith":             "JANE-",
		"O'Neil":                 "ONEIL-",
		"愛":                      "PARTNER-",
		"Wolfeschlegelsteinhaus": "WOLFESCHLEGE-",
	}
	for name, stem := range names {
		f := newFixture()
		application, err := f.Apply(program.ApplicationParams{Email: "a@acme.com", Name: name})
		require.NoError(t, err)
		review, err := f.Approve(application.ID, "")
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(review.Affiliate.Code, stem), review.Affiliate.Code)
		assert.Empty(t, program.ApprovalProblems(review.Affiliate.Code))
	}

	t.Run("a generated code avoids those in use", func(t *testing.T) {
		first := newFixture().enroll(t, "first@acme.com", "").Code
		f := newFixture() // of the same seed, and so with the same codes to come
		f.enroll(t, "other@acme.com", first)
		second := f.enroll(t, "second@acme.com", "")
		assert.NotEqual(t, first, second.Code)
		assert.True(t, strings.HasPrefix(second.Code, "JANE-"))
	})
}
