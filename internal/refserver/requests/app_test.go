package requests_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/requests"
)

// wrapper is a response writer around another.
type wrapper struct{ http.ResponseWriter }

func (w wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// logOf has a request for each app, in order; an empty one is of no app.
func logOf(apps ...string) *requests.Log {
	l := newLog()
	for i, app := range apps {
		serve(l, httptest.NewRequest(http.MethodGet, fmt.Sprint("/v1/", i+1), nil), func(w *requests.Recorder, _ *http.Request) {
			requests.Attribute(wrapper{wrapper{w}}, app)
			w.WriteHeader(http.StatusOK)
		})
	}
	return l
}

func TestPageHasTheRequestsOfOneApp(t *testing.T) {
	l := logOf("a", "b", "", "a", "a", "b", "")
	for name, test := range map[string]struct {
		filter requests.Filter
		want   []int
	}{
		"alone":                           {requests.Filter{AppID: "a"}, []int{5, 4, 1}},
		"and those of none":               {requests.Filter{AppID: "a", Unattributed: true}, []int{7, 5, 4, 3, 1}},
		"without those of another folder": {requests.Filter{AppID: "a", Without: []string{"v1"}}, nil},
		"that has none":                   {requests.Filter{AppID: "c"}, nil},
	} {
		for n := 1; n <= 6; n++ {
			t.Run(fmt.Sprintf("%s, %d to a page", name, n), func(t *testing.T) {
				var got []int
				for before := 0; ; {
					page, next := l.Page(test.filter, n, before)
					for _, request := range page {
						got = append(got, request.Sequence)
					}
					if next == 0 {
						break
					}
					require.Len(t, page, n)
					before = next
				}
				assert.Equal(t, test.want, got)
			})
		}
	}
}

func TestPageHasNeitherHeadersNorBodies(t *testing.T) {
	l := newLog("known to the server")
	request := httptest.NewRequest(http.MethodPost, "/v1/known%20to%20the%20server?token=t0k", strings.NewReader("body"))
	request.Header.Set("X-Api-Key", "sk_live_1")
	serve(l, request, respond("response"))
	page, _ := l.Page(requests.Filter{Unattributed: true}, 1, 0)
	found, _ := l.Find(requests.Filter{Unattributed: true}, 1)
	assert.Equal(t, "/v1/[redacted]", page[0].Path)
	assert.Equal(t, "token=[redacted]", page[0].Query)
	assert.Equal(t, "response", found.ResponseBody)
	found.Body, found.ResponseBody, found.Header, found.ResponseHeader = "", "", nil, nil
	assert.Equal(t, found, page[0])
}

func TestFindReturnsOnlyTheRequestsOfTheFilter(t *testing.T) {
	l := logOf("a", "b", "")
	for sequence, known := range map[int]bool{-1: false, 0: false, 1: true, 2: false, 3: false, 4: false} {
		found, ok := l.Find(requests.Filter{AppID: "a"}, sequence)
		assert.Equal(t, known, ok, "%d", sequence)
		if known {
			assert.Equal(t, sequence, found.Sequence)
		}
	}
	_, ok := l.Find(requests.Filter{AppID: "a", Unattributed: true}, 3)
	assert.True(t, ok)
	l.Clear()
	_, ok = l.Find(requests.Filter{AppID: "a"}, 1)
	assert.False(t, ok)
}
