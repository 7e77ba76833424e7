package stackbe_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// threePages answers cursor "" with a, b, then "p2" with c, d, then "p3" with e.
func threePages(w http.ResponseWriter, r *http.Request, _ int) {
	pages := map[string]string{
		"":   `{"data":[{"id":"a"},{"id":"b"}],"pagination":{"cursor":"p2","hasMore":true}}`,
		"p2": `{"data":[{"id":"c"},{"id":"d"}],"pagination":{"cursor":"p3","hasMore":true}}`,
		"p3": `{"data":[{"id":"e"}],"pagination":{"hasMore":false}}`,
	}
	answerJSON(w, 200, pages[r.URL.Query().Get("cursor")])
}

func TestHardPlaceIteration(t *testing.T) {
	collect := func(client *stackbe.Client, filter affiliates.ApplicationFilter) (ids []string, err error) {
		for a, err := range client.Affiliates.Applications(t.Context(), filter) {
			if err != nil {
				assert.Nil(t, a)
				return ids, err
			}
			ids = append(ids, a.ID)
		}
		return ids, nil
	}

	t.Run("a second range over the same iterator starts afresh", func(t *testing.T) {
		server := serve(t, threePages)
		filter := affiliates.ApplicationFilter{Status: affiliates.ApplicationPending, Limit: 2}
		all := newClient(t, server.URL).Affiliates.Applications(t.Context(), filter)
		for range 2 {
			var ids []string
			for a, err := range all {
				require.NoError(t, err)
				ids = append(ids, a.ID)
			}
			assert.Equal(t, []string{"a", "b", "c", "d", "e"}, ids)
		}
		var queries []string
		for _, r := range server.received() {
			queries = append(queries, r.URL.RawQuery)
		}
		once := []string{"limit=2&status=pending", "cursor=p2&limit=2&status=pending", "cursor=p3&limit=2&status=pending"}
		assert.Equal(t, append(once, once...), queries)
	})

	t.Run("an early break reads no further page", func(t *testing.T) {
		server := serve(t, threePages)
		for a, err := range newClient(t, server.URL).Affiliates.Applications(t.Context(), affiliates.ApplicationFilter{}) {
			require.NoError(t, err)
			if a.ID == "b" {
				break
			}
		}
		assert.Len(t, server.received(), 1)
	})

	t.Run("an error on page 2 comes after page 1, once, and the next range starts afresh", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
			if n == 1 {
				answerJSON(w, 403, `{"statusCode":403,"message":"no","error":"Forbidden"}`)
				return
			}
			threePages(w, r, n)
		})
		client := newClient(t, server.URL)
		ids, err := collect(client, affiliates.ApplicationFilter{})
		require.ErrorIs(t, err, stackbe.ErrForbidden)
		assert.Equal(t, []string{"a", "b"}, ids)
		ids, err = collect(client, affiliates.ApplicationFilter{})
		require.NoError(t, err)
		assert.Len(t, ids, 5)
	})

	t.Run("it starts at the filter's cursor", func(t *testing.T) {
		ids, err := collect(newClient(t, serve(t, threePages).URL), affiliates.ApplicationFilter{Cursor: "p3"})
		require.NoError(t, err)
		assert.Equal(t, []string{"e"}, ids)
	})

	for name, cursors := range map[string][]string{
		"a repeated cursor":           {"p2", "p2"},
		"a circle of cursors":         {"p2", "p3", "p2"},
		"more to come without cursor": {""},
	} {
		t.Run(name+" is an error, not an endless loop", func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
				answerJSON(w, 200, fmt.Sprintf(`{"data":[{"id":"%d"}],"pagination":{"cursor":%q,"hasMore":true}}`, n, cursors[n]))
			})
			ids, err := collect(newClient(t, server.URL), affiliates.ApplicationFilter{})
			require.ErrorIs(t, err, stackbe.ErrInvalidResponse)
			assert.ErrorContains(t, err, "stackbe: GET /v1/apps/{appID}/affiliates/applications: ")
			assert.Len(t, ids, len(cursors), "what was read is not lost")
		})
	}

	t.Run("a cursor without hasMore leads to the next page", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
			answerJSON(w, 200, []string{`{"data":[{"id":"a"}],"pagination":{"cursor":"p2"}}`, `{"data":[{"id":"b"}],"pagination":{}}`}[n])
		})
		ids, err := collect(newClient(t, server.URL), affiliates.ApplicationFilter{})
		require.NoError(t, err)
		assert.Equal(t, []string{"a", "b"}, ids)
	})

	t.Run("a bare array is the only page", func(t *testing.T) {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answerJSON(w, 200, ` [{"id":"a"},{"id":"b"}]`) })
		ids, err := collect(newClient(t, server.URL), affiliates.ApplicationFilter{})
		require.NoError(t, err)
		assert.Equal(t, []string{"a", "b"}, ids)
	})
}
