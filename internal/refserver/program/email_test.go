package program_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// lookalikes are pairs of different emails that Unicode would fold into one.
var lookalikes = map[string][2]string{
	"a Kelvin sign":                {"jack@example.com", "jac\u212a@example.com"},
	"a long s":                     {"sam@example.com", "\u017fam@example.com"},
	"an I with a dot":              {"i@example.com", "\u0130@example.com"},
	"an Angstrom sign":             {"\u00e5sa@example.com", "\u212bsa@example.com"},
	"a letter beyond ASCII":        {"\u00e9va@example.com", "\u00c9va@example.com"},
	"a Kelvin sign in the domain":  {"jane@kelvin.example", "jane@\u212aelvin.example"},
	"a letter of two code points":  {"jos\u00e9@example.com", "jose\u0301@example.com"},
	"a fullwidth letter":           {"jane@example.com", "\uff4aane@example.com"},
	"a Cyrillic letter like an a":  {"jane@example.com", "j\u0430ne@example.com"},
	"a Greek letter of two shapes": {"\u03c3@example.com", "\u03c2@example.com"},
}

func TestEmailsFoldASCIIOnly(t *testing.T) {
	for name, pair := range lookalikes {
		first, second := pair[0], pair[1]
		t.Run(name+" makes another applicant, customer and lead", func(t *testing.T) {
			f := newFixture()
			jack := f.enroll(t, first, "JACK")
			_, applied, err := f.ApplicationOf(second)
			require.NoError(t, err)
			assert.False(t, applied, "nobody sees another's application")
			other := f.enroll(t, second, "OTHER")
			assert.NotEqual(t, jack.CustomerID, other.CustomerID, "nobody becomes another's partner")

			f = newFixture()
			f.signUp(t, program.CustomerParams{Email: first})
			f.signUp(t, program.CustomerParams{Email: second})

			f = newFixture()
			partner := f.enroll(t, "partner@acme.com", "PARTNER")
			for _, lead := range pair {
				_, err := f.RegisterDeal(partner.CustomerID, program.DealParams{LeadEmail: lead, LeadName: "Lead"})
				require.NoError(t, err)
			}
			assert.Equal(t, partner.ID, f.signUp(t, program.CustomerParams{Email: first}).AffiliateID)
		})
	}
}

func TestCodesFoldASCIIOnly(t *testing.T) {
	f := newFixture()
	f.enroll(t, "jack@acme.com", "JACK")
	for i, code := range []string{"jac\u212a", "JAC\u212a", "\uff2aACK", "JACK\u200b", "JACK "} {
		_, err := f.TrackClick(program.ClickParams{Code: code})
		requireNotFound(t, err)
		customer := f.signUp(t, program.CustomerParams{Email: fmt.Sprint(i, "@example.com"), ReferralCode: code})
		assert.Empty(t, customer.AffiliateID, "%q", code)
		assert.NotEmpty(t, program.ApprovalProblems(code), "%q", code)
	}
	click, err := f.TrackClick(program.ClickParams{Code: "jack"})
	require.NoError(t, err)
	assert.Equal(t, "JACK", click.Code)
}

func TestGeneratedCodeHasASCIILettersOfName(t *testing.T) {
	for name, want := range map[string]string{
		"\u017fam Smith": "AM-", "\u0131da Smith": "DA-", "Jac\u212a Smith": "JAC-", "Zo\u00eb Smith": "ZO-", "\u65e5\u672c": "PARTNER-",
	} {
		f := newFixture()
		application, err := f.Apply(program.ApplicationParams{Email: "a@b.co", Name: name})
		require.NoError(t, err)
		review, err := f.Approve(application.ID, "")
		require.NoError(t, err)
		assert.Regexp(t, "^"+want, review.Affiliate.Code, name)
	}
}

func TestInvisibleCharactersAreRefused(t *testing.T) {
	f := newFixture()
	partner := f.enroll(t, "partner@acme.com", "PARTNER")
	for name, hidden := range map[string]string{
		"a zero-width space": "\u200b", "a byte order mark": "\ufeff", "a right-to-left override": "\u202e", "a no-break space": "\u00a0",
		"a zero-width joiner": "\u200d", "an ideographic space": "\u3000", "a soft hyphen": "\u00ad", "a noncharacter": "\uffff", "a line separator": "\u2028",
	} {
		for _, email := range []string{"ja" + hidden + "ne@acme.com", hidden + "jane@acme.com", "jane@acme.com" + hidden} {
			t.Run(name+" is refused in every email", func(t *testing.T) {
				_, err := f.Apply(program.ApplicationParams{Email: email, Name: "Jane"})
				requireInvalid(t, err, "email must be an email")
				_, _, err = f.ApplicationOf(email)
				requireInvalid(t, err, "email must be an email")
				_, err = f.CreateCustomer(program.CustomerParams{Email: email})
				requireInvalid(t, err, "email must be an email")
				_, err = f.RegisterDeal(partner.CustomerID, program.DealParams{LeadEmail: email, LeadName: "Lead"})
				requireInvalid(t, err, "leadEmail must be an email")
			})
		}
		t.Run(name+" is refused in every URL", func(t *testing.T) {
			_, err := f.Apply(program.ApplicationParams{Email: "jane@acme.com", Name: "Jane", Website: "https://acme.com/" + hidden})
			requireInvalid(t, err, "website must be an http or https URL")
			_, err = f.TrackClick(program.ClickParams{Code: "PARTNER", URL: "https://acme.com/?a=" + hidden})
			requireInvalid(t, err, "url must be an http or https URL")
		})
	}
}
