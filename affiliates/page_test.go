package affiliates_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// page is a response with applications of the given ids.
func page(cursor string, hasMore bool, ids ...string) response {
	data := []map[string]string{}
	for _, id := range ids {
		data = append(data, map[string]string{"id": id})
	}
	body, err := json.Marshal(map[string]any{
		"data":       data,
		"pagination": map[string]any{"cursor": cursor, "hasMore": hasMore},
	})
	if err != nil {
		panic(err)
	}
	return response{body: string(body)}
}

// collect ranges over applications and returns their ids and the error that
// ended it. It fails if anything follows an error.
func collect(t *testing.T, service *affiliates.Service, filter affiliates.ApplicationFilter) (ids []string, failure error) {
	t.Helper()
	for application, err := range service.Applications(t.Context(), filter) {
		require.NoError(t, failure, "something follows the error")
		if err != nil {
			assert.Nil(t, application)
			failure = err
			continue
		}
		ids = append(ids, application.ID)
	}
	return ids, failure
}

func queries(server *server) []string {
	var queries []string
	for _, r := range server.received() {
		queries = append(queries, r.query)
	}
	return queries
}

func TestApplicationsReadsAllPages(t *testing.T) {
	server := newServer(t, page("c2", true, "a", "b"), page("c3", true), page("", false, "c"))
	ids, err := collect(t, server.affiliates(), affiliates.ApplicationFilter{Status: affiliates.ApplicationPending, Limit: 2})
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b", "c"}, ids, "an empty page is not the end")
	assert.Equal(t, []string{
		"limit=2&status=pending",
		"cursor=c2&limit=2&status=pending",
		"cursor=c3&limit=2&status=pending",
	}, queries(server))
	for _, r := range server.received() {
		assert.Equal(t, "/v1/apps/app_1/affiliates/applications", r.path)
		assert.Equal(t, "Bearer "+adminJWT, r.header.Get("Authorization"))
		assert.Empty(t, r.header.Get("X-Api-Key"))
	}
}

func TestApplicationsStartsAtFilterCursor(t *testing.T) {
	server := newServer(t, page("", false, "c"))
	ids, err := collect(t, server.affiliates(), affiliates.ApplicationFilter{Cursor: "c3"})
	require.NoError(t, err)
	assert.Equal(t, []string{"c"}, ids)
	assert.Equal(t, []string{"cursor=c3"}, queries(server))
}

func TestApplicationsCanBeRangedOverTwice(t *testing.T) {
	server := newServer(t, page("c2", true, "a"), page("", false, "b"), page("c2", true, "a"), page("", false, "b"))
	filter := affiliates.ApplicationFilter{Limit: 1}
	applications := server.affiliates().Applications(t.Context(), filter)
	filter.Limit = 99 // the caller's own from here on
	for range 2 {
		var ids []string
		for application, err := range applications {
			require.NoError(t, err)
			ids = append(ids, application.ID)
		}
		assert.Equal(t, []string{"a", "b"}, ids)
	}
	assert.Equal(t, []string{"limit=1", "cursor=c2&limit=1", "limit=1", "cursor=c2&limit=1"}, queries(server))
}

func TestApplicationsReadsPagesOnDemand(t *testing.T) {
	server := newServer(t, page("c2", true, "a", "b"))
	applications := server.affiliates().Applications(t.Context(), affiliates.ApplicationFilter{})
	assert.Empty(t, server.received(), "nothing is sent before the first step")
	for application, err := range applications {
		require.NoError(t, err)
		if application.ID == "b" {
			break
		}
	}
	assert.Len(t, server.received(), 1)
}

func TestApplicationsYieldsCopies(t *testing.T) {
	server := newServer(t, page("", false, "a", "b"))
	var kept []*affiliates.Application
	for application, err := range server.affiliates().Applications(t.Context(), affiliates.ApplicationFilter{}) {
		require.NoError(t, err)
		kept = append(kept, application)
	}
	require.Len(t, kept, 2)
	assert.Equal(t, "a", kept[0].ID)
	assert.JSONEq(t, `{"id":"a"}`, string(kept[0].Raw))
}

func TestApplicationsEndsWithError(t *testing.T) {
	for name, test := range map[string]struct {
		responses []response
		ids       []string
		err       error
	}{
		"when the first page fails": {
			[]response{{401, `{}`}},
			nil, stackbe.ErrUnauthorized,
		},
		"when the second page fails": {
			[]response{page("c2", true, "a"), {500, `{}`}},
			[]string{"a"}, stackbe.ErrServer,
		},
		"when a page is not a list": {
			[]response{page("c2", true, "a"), {body: `{"items":[]}`}},
			[]string{"a"}, stackbe.ErrInvalidResponse,
		},
		"when there is more but no cursor": {
			[]response{page("", true, "a")},
			[]string{"a"}, stackbe.ErrInvalidResponse,
		},
		"when the next page is the same": {
			[]response{page("c2", true, "a"), page("c2", true, "b")},
			[]string{"a", "b"}, stackbe.ErrInvalidResponse,
		},
		"when a cursor is repeated": {
			[]response{page("c2", true, "a"), page("c3", true, "b"), page("c2", true, "c")},
			[]string{"a", "b", "c"}, stackbe.ErrInvalidResponse,
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t, test.responses...)
			ids, err := collect(t, server.affiliates(), affiliates.ApplicationFilter{})
			assert.ErrorIs(t, err, test.err)
			assert.ErrorContains(t, err, "stackbe: GET /v1/apps/{appID}/affiliates/applications: ")
			assert.Equal(t, test.ids, ids)
			assert.Len(t, server.received(), len(test.responses))
		})
	}
}

func TestApplicationsEndsAtRepeatedCursor(t *testing.T) {
	server := newServer(t, page("c1", true, "a"))
	ids, err := collect(t, server.affiliates(), affiliates.ApplicationFilter{Cursor: "c1"})
	assert.ErrorIs(t, err, stackbe.ErrInvalidResponse)
	assert.Equal(t, []string{"a"}, ids)
}

func TestApplicationsIgnoresCursorOfLastPage(t *testing.T) {
	server := newServer(t, page("c2", false, "a"))
	ids, err := collect(t, server.affiliates(), affiliates.ApplicationFilter{})
	require.NoError(t, err)
	assert.Equal(t, []string{"a"}, ids)
}

func TestApplicationsStartsAgainAfterError(t *testing.T) {
	server := newServer(t, page("c2", true, "a"), response{403, `{}`}, page("c2", true, "a"), page("", false, "b"))
	service := server.affiliates()
	ids, err := collect(t, service, affiliates.ApplicationFilter{})
	require.ErrorIs(t, err, stackbe.ErrForbidden)
	assert.Equal(t, []string{"a"}, ids, "what was read is not lost")
	ids, err = collect(t, service, affiliates.ApplicationFilter{})
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, ids)
}

func TestApplicationsFollowsCursorWithoutHasMore(t *testing.T) {
	server := newServer(t, response{body: `{"data":[{"id":"a"}],"pagination":{"cursor":"c2"}}`}, response{body: `{"data":[{"id":"b"}],"pagination":{}}`})
	ids, err := collect(t, server.affiliates(), affiliates.ApplicationFilter{})
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, ids)
}

func TestApplicationsReadsArrayAsOnlyPage(t *testing.T) {
	server := newServer(t, response{body: ` [{"id":"a"},{"id":"b"}]`})
	ids, err := collect(t, server.affiliates(), affiliates.ApplicationFilter{})
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, ids)
}

func TestApplicationsChecksItsArguments(t *testing.T) {
	server := newServer(t)
	_, err := collect(t, server.affiliates(), affiliates.ApplicationFilter{Limit: 101})
	assertRefused(t, server, err, "Limit", "")
}

func TestApplicationsOfNilServiceReturnsErrNoClient(t *testing.T) {
	_, err := collect(t, nil, affiliates.ApplicationFilter{})
	assert.ErrorIs(t, err, stackbe.ErrNoClient)
}

func TestPageReadsEnvelopeOrArray(t *testing.T) {
	for name, test := range map[string]struct {
		json string
		want affiliates.Page[int]
	}{
		"an envelope":                    {`{"data":[1,2],"pagination":{"cursor":"c","hasMore":true}}`, affiliates.Page[int]{Data: []int{1, 2}, Cursor: "c", HasMore: true}},
		"an empty envelope":              {`{"data":[]}`, affiliates.Page[int]{Data: []int{}}},
		"an envelope with null":          {`{"data":[1],"pagination":{"cursor":null,"hasMore":false}}`, affiliates.Page[int]{Data: []int{1}}},
		"null for data":                  {`{"data":null}`, affiliates.Page[int]{Data: []int{}}},
		"null for both":                  {`{"data":null,"pagination":null}`, affiliates.Page[int]{Data: []int{}}},
		"null for all":                   {`{"data":null,"pagination":{"cursor":null,"hasMore":null}}`, affiliates.Page[int]{Data: []int{}}},
		"null for data, and a cursor":    {`{"data":null,"pagination":{"cursor":"c"}}`, affiliates.Page[int]{Data: []int{}, Cursor: "c", HasMore: true}},
		"an envelope without pagination": {`{"data":[1],"pagination":null}`, affiliates.Page[int]{Data: []int{1}}},
		"a bare array":                   {`[1,2]`, affiliates.Page[int]{Data: []int{1, 2}}},
		"an empty array":                 {`[]`, affiliates.Page[int]{Data: []int{}}},
	} {
		t.Run(name, func(t *testing.T) {
			var got affiliates.Page[int]
			require.NoError(t, json.Unmarshal([]byte(test.json), &got))
			test.want.Raw = json.RawMessage(test.json)
			assert.Equal(t, test.want, got)
		})
	}
	for name, text := range map[string]string{
		"an object without data": `{"pagination":{"hasMore":false}}`,
		"an object for data":     `{"data":{}}`,
		"a number for a cursor":  `{"data":[],"pagination":{"cursor":7}}`,
		"an array of text":       `["a"]`,
		"a number":               `7`,
	} {
		t.Run(name+" is not a page", func(t *testing.T) {
			var got affiliates.Page[int]
			assert.Error(t, json.Unmarshal([]byte(text), &got))
		})
	}
}

func FuzzPage(f *testing.F) {
	for _, seed := range []string{
		`{"data":[{"id":"a"}],"pagination":{"cursor":"c","hasMore":true}}`, `[{"id":"a"}]`, ` [null]`, `{"data":null}`, `{}`, `[`, ``, `null`,
		`{"data":[{"createdAt":"2026-13-01T00:00:00Z"}]}`, `{"data":[{"id":"a","ID":"b"}],"DATA":[]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got affiliates.Page[affiliates.Application]
		if got.UnmarshalJSON(data) != nil {
			return
		}
		require.True(t, json.Valid(data), "what was read is JSON")
		assert.Equal(t, string(data), string(got.Raw))
		for i, application := range got.Data {
			if len(application.Raw) == 0 {
				continue // null, which is no application
			}
			var again affiliates.Application
			require.NoError(t, json.Unmarshal(application.Raw, &again), fmt.Sprint(i))
			assert.Equal(t, again.ID, application.ID)
		}
	})
}
