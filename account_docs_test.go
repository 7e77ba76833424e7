package stackbe_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

const accountPage = "docs/partner-account.md"

// The snippets of docs/partner-account.md stand in the functions below.
func TestSnippetsOfTheAccountPageAreTheCodeBelow(t *testing.T) {
	assertSnippets(t, accountPage, "account_docs_test.go")
}

var (
	backquoted = regexp.MustCompile("`([^`]+)`")
	callName   = regexp.MustCompile(`^(Do|(Affiliates|Account|Admin)\..*)$`)
	testDecl   = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

func TestRowsOfTheAccountPageNameWhatThereIs(t *testing.T) {
	calls, tests := callsOfClient(t), testsOfModule(t)
	rows := accountRows(t)
	require.NotEmpty(t, rows)
	for _, row := range rows {
		require.Len(t, row, 5, "%q", row)
		for _, cell := range row {
			assert.Regexp(t, `\pL`, cell, "a cell of %q is empty", row)
		}
		named := 0
		for _, name := range backquoted.FindAllStringSubmatch(row[2], -1) {
			if !callName.MatchString(name[1]) {
				continue // a field of the call's parameters
			}
			named++
			assert.True(t, calls[name[1]], "there is no call %s", name[1])
		}
		assert.NotZero(t, named, "%q names no call", row)
		named = 0
		for _, name := range backquoted.FindAllStringSubmatch(row[4], -1) {
			named++
			assert.True(t, tests[name[1]], "there is no test %s", name[1])
		}
		assert.NotZero(t, named, "%q names no test", row)
	}
}

// withoutPage are the page cells of sentences that are about no page of the portal.
var withoutPage = []string{"your own sign-up page", "none: support has the API"}

func TestRowsOfTheAccountPageNamePagesThatThereAre(t *testing.T) {
	server := stackbetest.New(t)
	link, err := server.Client().AsCustomer(server.SessionToken(partnerOf(t, server))).Affiliates.GetPortalLink(t.Context())
	require.NoError(t, err)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar}
	status := func(url string) int {
		response, err := browser.Get(url)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		return response.StatusCode
	}
	require.Equal(t, http.StatusOK, status(link.URL))
	for _, row := range accountRows(t) {
		paths := backquoted.FindAllStringSubmatch(row[3], -1)
		if len(paths) == 0 {
			assert.Contains(t, withoutPage, strings.TrimSpace(row[3]), "%q names no page", row)
		}
		for _, path := range paths {
			assert.Equal(t, http.StatusOK, status(server.URL+path[1]), path[1])
		}
	}
}

// accountRows are the cells of the page's last table.
func accountRows(t *testing.T) (rows [][]string) {
	t.Helper()
	page, err := os.ReadFile(accountPage)
	require.NoError(t, err)
	_, table, found := strings.Cut(string(page), "## Sentence by sentence\n")
	require.True(t, found)
	_, table, found = strings.Cut(table, "| --- | --- | --- | --- | --- |\n")
	require.True(t, found)
	for line := range strings.Lines(table) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			break
		}
		rows = append(rows, strings.Split(strings.Trim(line, "|"), "|"))
	}
	return rows
}

// testsOfModule are the names of all tests of the root module.
func testsOfModule(t *testing.T) map[string]bool {
	t.Helper()
	tests := map[string]bool{}
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != "." {
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil || strings.HasPrefix(entry.Name(), ".") {
				return filepath.SkipDir
			}
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		for _, match := range testDecl.FindAllSubmatch(source, -1) {
			tests[string(match[1])] = true
		}
		return err
	}))
	return tests
}

// docsAccount is what a partner's server does on the page.
func docsAccount(ctx context.Context, client *stackbe.Client, sessionToken string) error {
	jane := client.AsCustomer(sessionToken)
	summary, err := jane.Account.Commissions.Summary(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("in review $%s, ready $%s, a month $%s\n", summary.InReview, summary.Ready, summary.MonthlyValue)

	exceeded := affiliates.UserFilter{Having: affiliates.SubscriptionLimitExceeded}
	for user, err := range jane.Account.Users.All(ctx, exceeded) {
		if err != nil {
			return err
		}
		fmt.Println(user.Email, "exceeds a limit")
	}
	return nil
}

func docsPayout(ctx context.Context, jane *stackbe.Client) error {
	payout, err := jane.Account.Payouts.Request(ctx, affiliates.RequestPayoutParams{IdempotencyKey: "button-4711"})
	var refused *stackbe.Error
	switch {
	case err == nil:
		fmt.Printf("$%s is on its way\n", payout.Amount)
	case errors.As(err, &refused) && refused.Code == stackbe.CodePayoutBelowMinimum:
		fmt.Println(refused.Message) // 40.00 is ready; 50.00 is the least that is paid out; 10.00 is missing
	case errors.As(err, &refused) && refused.Code == stackbe.CodePayoutOpen:
		fmt.Println("An earlier payout is not finished yet")
	default:
		return err
	}
	return nil
}

func docsAccess(ctx context.Context, jane, user *stackbe.Client, userID string, w http.ResponseWriter, r *http.Request) error {
	access, err := jane.Account.Users.RequestAccess(ctx, userID, affiliates.RequestAccessParams{})
	if err != nil {
		return err
	}
	// The user decides, on a page of yours.
	if _, err := user.Account.Access.Grant(ctx, access.ID, affiliates.DecideAccessParams{}); err != nil {
		return err
	}
	link, err := jane.Account.Users.LogInAs(ctx, userID, affiliates.LogInAsParams{})
	if err != nil {
		return err
	}
	http.Redirect(w, r, link.URL, http.StatusSeeOther)
	return nil
}

func docsCSV(ctx context.Context, jane *stackbe.Client, w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="statement.csv"`)
	if err := jane.Account.Statement.WriteCSV(ctx, w, affiliates.StatementFilter{}); err != nil {
		return err // nothing is written if the first page failed; the file is incomplete if a later one did
	}
	return nil
}

func TestAccountPage(t *testing.T) {
	server := stackbetest.New(t)
	client := server.Client()
	session := server.SessionToken(partnerOf(t, server))
	jane := client.AsCustomer(session)
	user, err := jane.Account.Users.CreateSubAccount(t.Context(), affiliates.CreateSubAccountParams{Email: "john@company.com"})
	require.NoError(t, err)

	require.NoError(t, docsAccount(t.Context(), client, session))
	require.NoError(t, docsPayout(t.Context(), jane), "too little is ready, which is said")
	w := httptest.NewRecorder()
	john := client.AsCustomer(server.SessionToken(user.ID))
	require.NoError(t, docsAccess(t.Context(), jane, john, user.ID, w, httptest.NewRequest("GET", "/", nil)))
	assert.Contains(t, w.Header().Get("Location"), server.URL+"/portal/")
	w = httptest.NewRecorder()
	require.NoError(t, docsCSV(t.Context(), jane, w))
	assert.Contains(t, w.Body.String(), "Created at (UTC)")
	assert.Equal(t, `attachment; filename="statement.csv"`, w.Header().Get("Content-Disposition"))
}
