package conformance

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

var listCases = []testCase{
	{"a new application is in the list", documented, needKey | needAdmin, aNewApplicationIsListed},
	{"applications are listed newest first", contract, needKey | needAdmin, newestFirst},
	{"a page holds no more than its limit, and says whether there is more", contract, needKey | needAdmin, pagesAreLimited},
	{"twenty are in a page by default", contract, needKey | needAdmin, twentyByDefault},
	{"going through all pages meets each application once, reviewed on the way or not", contract, needKey | needAdmin, iterationIsComplete},
	{"a filter shows only applications of the status", contract, needKey | needAdmin, filterByStatus},
	{"the last page has no cursor", contract, needKey | needAdmin | needControl, theLastPage},
	{"an unusable limit, cursor or status is refused", contract, needAdmin, unusableFilters},
	{"applications of another app are not listed", contract, needAdmin | needForeign, foreignApplicationsAreNotListed},
}

// applyTimes gives the ids, newest first.
func (s *suite) applyTimes(t *testing.T, n int) []string {
	t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[n-1-i] = s.apply(t).id
	}
	return ids
}

// walk goes through the list until it has seen all of ids, and returns the ids that it has
// seen, in order.
func (s *suite) walk(t *testing.T, filter affiliates.ApplicationFilter, ids []string, at func(id string)) []string {
	t.Helper()
	var met []string
	seen := map[string]bool{}
	for application, err := range s.admin.Affiliates.Applications(t.Context(), filter) {
		require.NoError(t, err)
		require.False(t, seen[application.ID], "%s is listed twice", application.ID)
		seen[application.ID] = true
		if slices.Contains(ids, application.ID) {
			met = append(met, application.ID)
			at(application.ID)
		}
		if len(met) == len(ids) {
			break
		}
	}
	return met
}

func nothing(string) {}

func aNewApplicationIsListed(t *testing.T, s *suite) {
	ids := s.applyTimes(t, 1)
	assert.Equal(t, ids, s.walk(t, affiliates.ApplicationFilter{}, ids, nothing))
}

func newestFirst(t *testing.T, s *suite) {
	ids := s.applyTimes(t, 5)
	assert.Equal(t, ids, s.walk(t, affiliates.ApplicationFilter{Limit: 2}, ids, nothing))
}

func pagesAreLimited(t *testing.T, s *suite) {
	s.applyTimes(t, 3)
	first, err := s.admin.Affiliates.ListApplications(t.Context(), affiliates.ApplicationFilter{Limit: 2})
	require.NoError(t, err)
	assert.Len(t, first.Data, 2)
	assert.True(t, first.HasMore)
	require.NotEmpty(t, first.Cursor)

	second, err := s.admin.Affiliates.ListApplications(t.Context(), affiliates.ApplicationFilter{Limit: 1, Cursor: first.Cursor})
	require.NoError(t, err)
	require.Len(t, second.Data, 1)
	assert.NotContains(t, []string{first.Data[0].ID, first.Data[1].ID}, second.Data[0].ID)
}

func twentyByDefault(t *testing.T, s *suite) {
	s.applyTimes(t, 21)
	page, err := s.admin.Affiliates.ListApplications(t.Context(), affiliates.ApplicationFilter{})
	require.NoError(t, err)
	assert.Len(t, page.Data, 20)
	assert.True(t, page.HasMore)
}

func iterationIsComplete(t *testing.T, s *suite) {
	ids := s.applyTimes(t, 6)
	met := s.walk(t, affiliates.ApplicationFilter{Limit: 2}, ids, func(id string) {
		if id != ids[0] {
			return
		}
		// On the first page: one that is met already, one of this page and one of a later.
		for _, reviewed := range []string{ids[0], ids[1], ids[4]} {
			_, err := s.admin.Affiliates.Reject(t.Context(), reviewed, affiliates.RejectParams{})
			require.NoError(t, err)
		}
		s.apply(t) // newer than the place reached, so it is not met
	})
	assert.Equal(t, ids, met)
}

func filterByStatus(t *testing.T, s *suite) {
	ids := s.applyTimes(t, 3)
	s.approve(t, applicant{id: ids[0]})
	_, err := s.admin.Affiliates.Reject(t.Context(), ids[1], affiliates.RejectParams{})
	require.NoError(t, err)

	for i, status := range []affiliates.ApplicationStatus{affiliates.ApplicationApproved, affiliates.ApplicationRejected, affiliates.ApplicationPending} {
		page, err := s.admin.Affiliates.ListApplications(t.Context(), affiliates.ApplicationFilter{Status: status, Limit: 1})
		require.NoError(t, err)
		require.Len(t, page.Data, 1)
		assert.Equal(t, status, page.Data[0].Status)
		assert.Equal(t, ids[i:i+1], s.walk(t, affiliates.ApplicationFilter{Status: status, Limit: 100}, ids[i:i+1], nothing))

		for application, err := range s.admin.Affiliates.Applications(t.Context(), affiliates.ApplicationFilter{Status: status, Limit: 100}) {
			require.NoError(t, err)
			require.Equal(t, status, application.Status)
		}
	}
	byHand := fill(s.contract.ApplicationsPath, s.target.AppID, "") + "?" + url.QueryEscape(s.contract.StatusParameter) + "=rejected"
	requireStatus(t, http.StatusOK, s.send(t, s.get(byHand, s.asAdmin(s.target.AdminToken))))
}

func theLastPage(t *testing.T, s *suite) {
	ids := s.applyTimes(t, 2)
	filter := affiliates.ApplicationFilter{Limit: 1} // so that the last page comes after a cursor
	var all []string
	var page *affiliates.Page[affiliates.Application]
	for {
		var err error
		page, err = s.admin.Affiliates.ListApplications(t.Context(), filter)
		require.NoError(t, err)
		for _, application := range page.Data {
			all = append(all, application.ID)
		}
		assert.Equal(t, page.HasMore, page.Cursor != "")
		if !page.HasMore {
			break
		}
		filter.Cursor, filter.Limit = page.Cursor, 100
	}
	filter.Limit = len(page.Data)
	full, err := s.admin.Affiliates.ListApplications(t.Context(), filter)
	require.NoError(t, err)
	assert.Len(t, full.Data, filter.Limit)
	assert.False(t, full.HasMore, "the last page is full")
	assert.Empty(t, full.Cursor, "the last page is full")
	assert.Equal(t, ids, slices.DeleteFunc(slices.Clone(all), func(id string) bool { return !slices.Contains(ids, id) }))
	slices.Sort(all)
	assert.Len(t, slices.Compact(slices.Clone(all)), len(all), "an application is listed twice")
}

func unusableFilters(t *testing.T, s *suite) {
	status, limit, cursor := s.contract.StatusParameter, s.contract.LimitParameter, s.contract.CursorParameter
	for query, field := range map[string]string{
		limit + "=0":                 limit,
		limit + "=101":               limit,
		limit + "=-1":                limit,
		limit + "=ten":               limit,
		limit + "=":                  limit,
		cursor + "=nonsense!":        cursor,
		status + "=lost":             status,
		status + "=Pending":          status,
		limit + "=1&" + limit + "=2": limit,
	} {
		got := s.send(t, request{
			method:     http.MethodGet,
			path:       fill(s.contract.ApplicationsPath, s.target.AppID, "") + "?" + query,
			credential: s.asAdmin(s.target.AdminToken),
		})
		s.requireProblems(t, stackbe.CodeValidationError, got, field)
	}
}

func foreignApplicationsAreNotListed(t *testing.T, s *suite) {
	foreign := s.clientOf(t, s.target.Foreign.APIKey, s.target.Foreign.AppID)
	applied, err := foreign.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: newEmail(), Name: testName})
	require.NoError(t, err)

	page, err := s.admin.Affiliates.ListApplications(t.Context(), affiliates.ApplicationFilter{Limit: 5})
	require.NoError(t, err)
	for _, application := range page.Data {
		assert.NotEqual(t, applied.ID, application.ID)
	}
}
