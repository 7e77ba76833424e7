package program_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

func TestApply(t *testing.T) {
	t.Run("an application is pending and can be read by id and by email", func(t *testing.T) {
		f := newFixture()
		params := program.ApplicationParams{Email: "jane@acme.com", Name: "Jane", Company: "Acme", Website: "https://acme.com", Reason: "Friends"}
		applied, err := f.Apply(params)
		require.NoError(t, err)

		want := program.Application{ID: applied.ID, Email: "jane@acme.com", Name: "Jane", Company: "Acme", Website: "https://acme.com", Reason: "Friends", Status: program.Pending, CreatedAt: start}
		assert.Equal(t, want, applied)
		byID, err := f.Application(applied.ID)
		require.NoError(t, err)
		assert.Equal(t, want, byID)
		byEmail, ok, err := f.ApplicationOf("JANE@acme.COM")
		require.NoError(t, err)
		assert.True(t, ok)
		assert.Equal(t, want, byEmail)
	})

	t.Run("asking for the status of an unknown email changes nothing", func(t *testing.T) {
		f := newFixture()
		for range 2 {
			_, applied, err := f.ApplicationOf("jane@acme.com")
			require.NoError(t, err)
			assert.False(t, applied)
		}
	})

	t.Run("an unknown id is not found", func(t *testing.T) {
		_, err := newFixture().Application("cm0")
		requireNotFound(t, err)
	})

	t.Run("a duplicate email is refused whatever its case and the first decision", func(t *testing.T) {
		outcomes := map[string]func(fixture, string) error{
			"pending":  func(fixture, string) error { return nil },
			"approved": func(f fixture, id string) error { _, err := f.Approve(id, ""); return err },
			"rejected": func(f fixture, id string) error { _, err := f.Reject(id, ""); return err },
		}
		for name, settle := range outcomes {
			t.Run(name, func(t *testing.T) {
				f := newFixture()
				first, err := f.Apply(program.ApplicationParams{Email: "jane@acme.com", Name: "Jane"})
				require.NoError(t, err)
				require.NoError(t, settle(f, first.ID))

				_, err = f.Apply(program.ApplicationParams{Email: "JANE@Acme.com", Name: "Jane"})
				requireConflict(t, err)
			})
		}
	})

	t.Run("every problem is returned at once", func(t *testing.T) {
		_, err := newFixture().Apply(program.ApplicationParams{
			Email: "no", Name: " ", Company: strings.Repeat("c", 201), Website: "ftp://acme.com", Reason: strings.Repeat("r", 5001),
		})
		requireInvalid(t, err,
			"email must be an email",
			"name should not be empty",
			"company must be shorter than or equal to 200 characters",
			"website must be an http or https URL",
			"reason must be shorter than or equal to 5000 characters",
		)
	})

	t.Run("limits count characters and include the limit itself", func(t *testing.T) {
		f := newFixture()
		fits := program.ApplicationParams{
			Email:   strings.Repeat("e", 246) + "@acme.de",
			Name:    strings.Repeat("é", 200),
			Company: strings.Repeat("é", 200),
			Website: "https://a.de/" + strings.Repeat("w", 2048-13),
			Reason:  strings.Repeat("é", 5000),
		}
		_, err := f.Apply(fits)
		require.NoError(t, err)

		_, err = f.Apply(program.ApplicationParams{Email: "e" + fits.Email, Name: fits.Name + "é", Website: fits.Website + "w"})
		requireInvalid(t, err,
			"email must be shorter than or equal to 254 characters",
			"name must be shorter than or equal to 200 characters",
			"website must be shorter than or equal to 2048 characters",
		)
	})
}

func TestValidEmails(t *testing.T) {
	for _, email := range []string{"a@b.co", "jane.smith+tag@sub.example.com", "jürgen@exämple.de"} {
		_, _, err := newFixture().ApplicationOf(email)
		assert.NoError(t, err, email)
	}
	for _, email := range []string{
		"", "a", "a@", "@b.co", "a@b", "a@localhost", "a@@b.co", "a b@c.co", "a@b.co, c@d.co", "<a@b.co>", "Jane <a@b.co>",
		"a@[127.0.0.1]", "a@b.co (comment)", "a\x00@b.co", "a@b.co\r\nBcc: x@y.zz", "a@.co", "a@b..co", "a@b.co.", `"a b"@c.co`, " a@b.co", "a@b.co ",
	} {
		_, _, err := newFixture().ApplicationOf(email)
		assert.Error(t, err, email)
	}
}

func TestValidWebsites(t *testing.T) {
	apply := func(website string) error {
		_, err := newFixture().Apply(program.ApplicationParams{Email: "a@b.co", Name: "A", Website: website})
		return err
	}
	for _, website := range []string{"", "http://acme.com", "https://acme.com:8443/path?x=1#y", "HTTPS://ACME.COM"} {
		assert.NoError(t, apply(website), website)
	}
	for _, website := range []string{"acme.com", "https://", "https:acme.com", "javascript:alert(1)", "//acme.com", "http://:80", "https://acme.com/%zz", "\nhttps://acme.com"} {
		assert.Error(t, apply(website), website)
	}
}

func TestApplicationPages(t *testing.T) {
	t.Run("an empty program has one empty page", func(t *testing.T) {
		page, err := newFixture().Applications(program.ApplicationQuery{Limit: 20})
		require.NoError(t, err)
		assert.Empty(t, page.Applications)
		assert.Zero(t, page.Next)
	})

	t.Run("a status that does not exist is refused", func(t *testing.T) {
		_, err := newFixture().Applications(program.ApplicationQuery{Status: "open", Limit: 20})
		requireInvalid(t, err, "status must be one of the following values: pending, approved, rejected")
	})

	t.Run("a position that no page can have returned is refused", func(t *testing.T) {
		for _, before := range []int{-1, 1} {
			_, err := newFixture().Applications(program.ApplicationQuery{Limit: 20, Before: before})
			requireInvalid(t, err, "cursor must be one that an earlier page gave")
		}
	})

	t.Run("pages add up to the list, newest first, whatever the filter and the page length", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			f := newFixture()
			var all []program.Application
			for n := range rapid.IntRange(0, 150).Draw(t, "applications") {
				application, err := f.Apply(program.ApplicationParams{Email: fmt.Sprint(n, "@example.com"), Name: "A"})
				require.NoError(t, err)
				switch rapid.IntRange(0, 5).Draw(t, "review") {
				case 0:
					review, err := f.Approve(application.ID, "")
					require.NoError(t, err)
					application = review.Application
				case 1:
					review, err := f.Reject(application.ID, "no")
					require.NoError(t, err)
					application = review.Application
				}
				all = append([]program.Application{application}, all...)
			}
			query := program.ApplicationQuery{
				Status: rapid.SampledFrom([]program.Status{"", program.Pending, program.Approved, program.Rejected}).Draw(t, "status"),
				Limit:  rapid.IntRange(1, 30).Draw(t, "limit"),
			}
			var want, got []program.Application
			for _, application := range all {
				if query.Status == "" || application.Status == query.Status {
					want = append(want, application)
				}
			}
			for {
				page, err := f.Applications(query)
				require.NoError(t, err)
				got = append(got, page.Applications...)
				if page.Next == 0 {
					break
				}
				require.Len(t, page.Applications, query.Limit, "only the last page is short")
				query.Before = page.Next
			}
			assert.Equal(t, want, got)
		})
	})

	t.Run("reviews and new applications between pages neither drop nor repeat any", func(t *testing.T) {
		f := newFixture()
		var ids []string
		for n := range 10 {
			application, err := f.Apply(program.ApplicationParams{Email: fmt.Sprint(n, "@example.com"), Name: "A"})
			require.NoError(t, err)
			ids = append([]string{application.ID}, ids...)
		}
		var seen []string
		query := program.ApplicationQuery{Limit: 3}
		for more := true; more; more = query.Before > 0 {
			page, err := f.Applications(query)
			require.NoError(t, err)
			for _, application := range page.Applications {
				seen = append(seen, application.ID)
				_, err := f.Reject(application.ID, "")
				require.NoError(t, err)
			}
			f.enroll(t, fmt.Sprint("new", len(seen), "@example.com"), "")
			query.Before = page.Next
		}
		assert.Equal(t, ids, seen)
	})
}
