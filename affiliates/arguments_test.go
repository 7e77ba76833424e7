package affiliates_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// assertRefused checks that err names the field and not its value, and that
// nothing was sent.
func assertRefused(t *testing.T, server *server, err error, field, value string) {
	t.Helper()
	require.ErrorIs(t, err, stackbe.ErrInvalidArgument)
	var argument *stackbe.ArgumentError
	require.ErrorAs(t, err, &argument)
	assert.Equal(t, field, argument.Field)
	assert.NotEmpty(t, argument.Problem)
	if len(value) > 3 {
		assert.NotContains(t, err.Error(), value)
	}
	assert.Empty(t, server.received())
}

// Calls that take an email, by the field that holds it.
var emailCalls = []struct {
	name, field string
	do          func(ctx context.Context, s *affiliates.Service, email string) error
}{
	{"Apply", "Email", func(ctx context.Context, s *affiliates.Service, email string) error {
		_, err := s.Apply(ctx, affiliates.ApplyParams{Email: email, Name: "Jane Smith"})
		return err
	}},
	{"GetApplicationStatus", "email", func(ctx context.Context, s *affiliates.Service, email string) error {
		_, err := s.GetApplicationStatus(ctx, email)
		return err
	}},
	{"RegisterDeal", "LeadEmail", func(ctx context.Context, s *affiliates.Service, email string) error {
		_, err := s.RegisterDeal(ctx, affiliates.DealParams{LeadEmail: email, LeadName: "John Smith"})
		return err
	}},
}

func TestInvalidEmailsAreRefused(t *testing.T) {
	for name, email := range map[string]string{
		"empty":                              "",
		"blank":                              " \t",
		"without an @":                       "jane.acme.com",
		"with two @":                         "jane@home@acme.com",
		"with nothing before the @":          "@acme.com",
		"with nothing after the @":           "jane@",
		"that is only an @":                  "@",
		"with a dot at the start":            ".jane@acme.com",
		"with a dot before the @":            "jane.@acme.com",
		"with a dot after the @":             "jane@.acme.com",
		"with a dot at the end":              "jane@acme.com.",
		"with two dots in a row":             "jane@acme..com",
		"with a space":                       "jane smith@acme.com",
		"with a space at the end":            "jane@acme.com ",
		"with a display name":                "Jane <jane@acme.com>",
		"that is two":                        "jane@acme.com,joe@acme.com",
		"that is two with a semicolon":       "jane@acme.com;joe@acme.com",
		"with a quoted part":                 `"jane"@acme.com`,
		"with a backslash":                   `jane\@acme.com`,
		"with an address literal":            "jane@[127.0.0.1]",
		"with a comment":                     "jane(work)@acme.com",
		"with a header of its own":           "jane@acme.com\r\nBcc: joe@acme.com",
		"with a null byte":                   "jane@acme.com\x00",
		"with a direction override":          "jane@\u202eacme.com",
		"with a zero-width space":            "ja\u200bne@acme.com",
		"with a no-break space":              "ja\u00a0ne@acme.com",
		"that is not UTF-8":                  "jan\xe9@acme.com",
		"longer than an envelope can bear":   strings.Repeat("j", 246) + "@acme.com",
		"that is a mailto link":              "mailto:jane@acme.com",
		"of a domain without a dot":          "jane@localhost",
		"of a domain with a leading hyphen":  "jane@-acme.com",
		"of a domain with an underscore":     "jane@ac_me.com",
		"with a byte order mark":             "\ufeffjane@acme.com",
		"with a zero-width joiner":           "ja\u200dne@acme.com",
		"with a Hangul filler":               "ja\u3164ne@acme.com",
		"with a variation selector":          "jane\ufe0f@acme.com",
		"with a noncharacter":                "jane\uffff@acme.com",
		"with a lone surrogate's CESU bytes": "jane\xed\xa0\x80@acme.com",
	} {
		for _, c := range emailCalls {
			t.Run(c.name+" refuses an email "+name, func(t *testing.T) {
				server := newServer(t)
				assertRefused(t, server, c.do(t.Context(), server.affiliates(), email), c.field, email)
			})
		}
	}
}

func TestValidEmailsAreSent(t *testing.T) {
	for _, email := range []string{
		"j@x.co", "jane@acme.com", "JANE@Acme.COM", "jane.smith+stackbe@mail.acme.co", "o'brien@acme.ie", "jané@acmé.com", "日本@例え.jp", "jac\u212a@acme.com",
		"!#$%&*+-/=?^_`{|}~@acme.com", strings.Repeat("j", 245) + "@acme.com",
	} {
		for _, c := range emailCalls {
			t.Run(c.name+" sends "+email, func(t *testing.T) {
				server := newServer(t, response{body: `{"id":"a","applied":false,"enrolled":false}`})
				require.NoError(t, c.do(t.Context(), server.affiliates(), email))
				sent := server.only()
				if sent.method == "GET" {
					query, err := url.ParseQuery(sent.query)
					require.NoError(t, err)
					assert.Equal(t, url.Values{"email": {email}}, query)
					return
				}
				assert.JSONEq(t, jsonText(t, email), field(t, sent.body, c.field))
			})
		}
	}
}

func TestValidURLsAreSent(t *testing.T) {
	for _, website := range []string{
		"http://acme.com", "HTTPS://ACME.COM:8443/path?x=1#y", "http://acmé.com/é", "https://yoursite.com/?ref=JANE20&a[]=b|c", "https://acme.com/" + strings.Repeat("w", 2031),
	} {
		t.Run("Apply and TrackReferral send "+website[:10], func(t *testing.T) {
			received := response{body: `{"id":"a","clickId":"c"}`}
			server := newServer(t, received, received)
			_, err := server.affiliates().Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", Website: website})
			require.NoError(t, err)
			_, err = server.affiliates().TrackReferral(t.Context(), affiliates.TrackParams{Code: "JANE20", URL: website})
			require.NoError(t, err)
			assert.Len(t, server.received(), 2)
		})
	}
}

// Calls that take an id in their path, with what comes before and after it.
var idCalls = []struct {
	name, field, before, after string
	do                         func(ctx context.Context, s *affiliates.Service, id string) error
}{
	{"Get", "customerID", "/v1/affiliate/by-customer/", "", func(ctx context.Context, s *affiliates.Service, id string) error {
		_, err := s.Get(ctx, id)
		return err
	}},
	{"GetApplication", "applicationID", "/v1/apps/app_1/affiliates/applications/", "", func(ctx context.Context, s *affiliates.Service, id string) error {
		_, err := s.GetApplication(ctx, id)
		return err
	}},
	{"Review", "applicationID", "/v1/apps/app_1/affiliates/applications/", "/review", func(ctx context.Context, s *affiliates.Service, id string) error {
		_, err := s.Review(ctx, id, affiliates.ReviewParams{Action: affiliates.ReviewActionReject})
		return err
	}},
	{"Approve", "applicationID", "/v1/apps/app_1/affiliates/applications/", "/review", func(ctx context.Context, s *affiliates.Service, id string) error {
		_, err := s.Approve(ctx, id, affiliates.ApproveParams{})
		return err
	}},
	{"Reject", "applicationID", "/v1/apps/app_1/affiliates/applications/", "/review", func(ctx context.Context, s *affiliates.Service, id string) error {
		_, err := s.Reject(ctx, id, affiliates.RejectParams{})
		return err
	}},
}

func TestInvalidIDsAreRefused(t *testing.T) {
	for name, id := range map[string]string{
		"that is empty":              "",
		"that is blank":              " ",
		"that is this path":          ".",
		"that is the path above":     "..",
		"with a slash":               "a/b",
		"that climbs":                "../../settings",
		"with an encoded slash":      "a%2fb",
		"that is encoded dots":       "%2e%2e",
		"with a backslash":           `a\b`,
		"with a question mark":       "a?b",
		"with a hash":                "a#b",
		"with a space":               "a b",
		"with a line break":          "a\r\nHost: evil",
		"with a null byte":           "a\x00",
		"with a delete":              "a\x7f",
		"with a no-break space":      "a\u00a0b",
		"with a zero-width space":    "a\u200bb",
		"with a direction override":  "a\u202eb",
		"that is not UTF-8":          "jan\xe9",
		"that is overlong UTF-8":     "a\xc0\xafb",
		"longer than 255 bytes":      strings.Repeat("a", 256),
		"longer in bytes than runes": strings.Repeat("é", 128),
	} {
		for _, c := range idCalls {
			t.Run(c.name+" refuses an id "+name, func(t *testing.T) {
				server := newServer(t)
				assertRefused(t, server, c.do(t.Context(), server.affiliates(), id), c.field, id)
			})
		}
	}
}

func TestIDIsOnePathElement(t *testing.T) {
	for _, id := range []string{
		"cust_123", "jané", "日本", "a;b", "a,b", "a+b", "a&b=c", "a:b", "a@b", `a"b`, "a<b>", "a|b", "a^b", "{appID}", "{", "}", "...", "~", "-",
		"null", strings.Repeat("a", 255),
	} {
		for _, c := range idCalls {
			t.Run(c.name+" sends the id "+id+" as one element", func(t *testing.T) {
				server := newServer(t, response{body: `{"id":"a","applied":false,"enrolled":false}`})
				require.NoError(t, c.do(t.Context(), server.affiliates(), id))
				sent := server.only()
				element, ok := strings.CutPrefix(sent.path, c.before)
				require.True(t, ok, sent.path)
				element, ok = strings.CutSuffix(element, c.after)
				require.True(t, ok, sent.path)
				assert.NotContains(t, element, "/")
				received, err := url.PathUnescape(element)
				require.NoError(t, err)
				assert.Equal(t, id, received)
				assert.Empty(t, sent.query)
			})
		}
	}
}

func TestInvalidArgumentsAreRefused(t *testing.T) {
	tests := map[string]struct {
		field, value string
		do           func(ctx context.Context, s *affiliates.Service) (any, error)
	}{
		"an application without a name": {"Name", "", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com"})
		}},
		"an application with a blank name": {"Name", "", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: " \n"})
		}},
		"an application with a name that is not UTF-8": {"Name", "Jan\xe9", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jan\xe9"})
		}},
		"an application with a company that is not UTF-8": {"Company", "Acm\xe9", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", Company: "Acm\xe9"})
		}},
		"an application with a reason that is not UTF-8": {"Reason", "caf\xe9", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", Reason: "caf\xe9"})
		}},
		"an application with a website of two lines": {"Website", "https://acme.com\nhttps://", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", Website: "https://acme.com\nhttps://"})
		}},
		"an application with a website that is not a URL": {"Website", "acme.com", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", Website: "acme.com"})
		}},
		"an application with a website of another scheme": {"Website", "ftp://acme.com", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", Website: "ftp://acme.com"})
		}},
		"an application with a website with a direction override": {"Website", "https://acme.com/\u202e", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", Website: "https://acme.com/\u202e"})
		}},
		"an application with a website of 2,049 characters": {"Website", "", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", Website: "https://acme.com/" + strings.Repeat("w", 2032)})
		}},
		"a click with a URL with a zero-width space": {"URL", "https://yoursite.com/\u200b", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.TrackReferral(ctx, affiliates.TrackParams{Code: "JANE20", URL: "https://yoursite.com/\u200b"})
		}},
		"a deal without a name": {"LeadName", "", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.RegisterDeal(ctx, affiliates.DealParams{LeadEmail: "p@company.com"})
		}},
		"a deal with notes that are not UTF-8": {"Notes", "caf\xe9", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.RegisterDeal(ctx, affiliates.DealParams{LeadEmail: "p@company.com", LeadName: "John", Notes: "caf\xe9"})
		}},
		"a click without a code": {"Code", "", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.TrackReferral(ctx, affiliates.TrackParams{URL: "https://yoursite.com"})
		}},
		"a click with a code of two words": {"Code", "JANE 20", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.TrackReferral(ctx, affiliates.TrackParams{Code: "JANE 20", URL: "https://yoursite.com"})
		}},
		"a click with a code that is not UTF-8": {"Code", "JAN\xc9", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.TrackReferral(ctx, affiliates.TrackParams{Code: "JAN\xc9"})
		}},
		"a click with a URL of two lines": {"URL", "https://yoursite.com\n", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.TrackReferral(ctx, affiliates.TrackParams{Code: "JANE20", URL: "https://yoursite.com\n"})
		}},
		"a list with a negative limit": {"Limit", "", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.ListApplications(ctx, affiliates.ApplicationFilter{Limit: -1})
		}},
		"a list with a limit above 100": {"Limit", "", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.ListApplications(ctx, affiliates.ApplicationFilter{Limit: 101})
		}},
		"a list with a status of two words": {"Status", "on hold", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.ListApplications(ctx, affiliates.ApplicationFilter{Status: "on hold"})
		}},
		"a list with a cursor of two lines": {"Cursor", "a\nbcd", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.ListApplications(ctx, affiliates.ApplicationFilter{Cursor: "a\nbcd"})
		}},
		"a review without an action": {"Action", "", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Review(ctx, "cmapp1", affiliates.ReviewParams{Code: "JANE20"})
		}},
		"an approval with a code of two words": {"Code", "JANE 20", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Approve(ctx, "cmapp1", affiliates.ApproveParams{Code: "JANE 20"})
		}},
		"a rejection with a reason that is not UTF-8": {"RejectionReason", "caf\xe9", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Reject(ctx, "cmapp1", affiliates.RejectParams{Reason: "caf\xe9"})
		}},
		"an application with an idempotency key of two lines": {"IdempotencyKey", "key\r\nX-Evil: 1", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", IdempotencyKey: "key\r\nX-Evil: 1"})
		}},
		"a click with an idempotency key of two words": {"IdempotencyKey", "click 1", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.TrackReferral(ctx, affiliates.TrackParams{Code: "JANE20", IdempotencyKey: "click 1"})
		}},
		"a deal with an idempotency key that is not ASCII": {"IdempotencyKey", "ké-12345", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.RegisterDeal(ctx, affiliates.DealParams{LeadEmail: "p@company.com", LeadName: "John", IdempotencyKey: "ké-12345"})
		}},
		"an approval with an idempotency key of 256 characters": {"IdempotencyKey", strings.Repeat("k", 256), func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Approve(ctx, "cmapp1", affiliates.ApproveParams{IdempotencyKey: strings.Repeat("k", 256)})
		}},
		"a rejection with an idempotency key of a space": {"IdempotencyKey", " ", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.Reject(ctx, "cmapp1", affiliates.RejectParams{IdempotencyKey: " "})
		}},
		"settings with an idempotency key of a tab": {"IdempotencyKey", "\t", func(ctx context.Context, s *affiliates.Service) (any, error) {
			return s.UpdateSettings(ctx, affiliates.UpdateSettingsParams{IdempotencyKey: "\t"})
		}},
	}
	for name, test := range tests {
		t.Run(name+" is refused", func(t *testing.T) {
			server := newServer(t)
			got, err := test.do(t.Context(), server.affiliates())
			assertRefused(t, server, err, test.field, test.value)
			assert.Nil(t, got)
		})
	}
}

func TestNilContextIsRefused(t *testing.T) {
	for _, c := range calls {
		t.Run(c.name+" refuses a nil context", func(t *testing.T) {
			server := newServer(t)
			var none context.Context
			got, err := c.do(none, server.affiliates())
			assertRefused(t, server, err, "ctx", "")
			assert.Nil(t, got)
		})
	}
}

func TestCanceledContextSendsNothing(t *testing.T) {
	for _, c := range calls {
		t.Run(c.name+" ends with its context", func(t *testing.T) {
			server := newServer(t)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			got, err := c.do(ctx, server.affiliates())
			assert.ErrorIs(t, err, context.Canceled)
			assert.Nil(t, got)
			assert.Empty(t, server.received())
		})
	}
}

func TestArgumentsAreCheckedBeforeCredentials(t *testing.T) {
	server := newServer(t)
	_, err := server.bare(stackbe.Config{}).Affiliates.Get(t.Context(), "..")
	assertRefused(t, server, err, "customerID", "")
}
