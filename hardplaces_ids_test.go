package stackbe_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// An id is one path element, or it is refused: it never names another endpoint.
func TestHardPlaceHostileIDs(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answerJSON(w, 200, `{"enrolled":true}`) })
	client := newClient(t, server.URL+"/base")

	refused := []string{
		"", ".", "..", "/", "a/b", "../dashboard", "..%2fdashboard", "%2e%2e", `..\dashboard`, "a?limit=1", "a#b",
		"a b", "a\tb", "a\r\nX-Api-Key: x", "a\x00", "\xff\xfe", "a\u2028b", "a\u200bb", strings.Repeat("a", 256),
	}
	for _, id := range refused {
		_, err := client.Affiliates.Get(t.Context(), id)
		assertRefused(t, err, "customerID", id)
		_, err = client.Affiliates.GetApplication(t.Context(), id)
		assertRefused(t, err, "applicationID", id)
		_, err = client.Affiliates.Approve(t.Context(), id, affiliates.ApproveParams{})
		assertRefused(t, err, "applicationID", id)
		if id != "" {
			_, err = stackbe.New(stackbe.Config{AppID: id})
			assertRefused(t, err, "Config.AppID", id)
		}
	}
	assert.Empty(t, server.received())

	taken := map[string]string{
		"cust_123":                  "/base/v1/affiliate/by-customer/cust_123",
		"cmjcbidrx0001n13ye2b7pryh": "/base/v1/affiliate/by-customer/cmjcbidrx0001n13ye2b7pryh",
		"jané":                      "/base/v1/affiliate/by-customer/jan%C3%A9",
		"...":                       "/base/v1/affiliate/by-customer/...",
		"a;b,c":                     "/base/v1/affiliate/by-customer/a%3Bb%2Cc",
		"{customerID}":              "/base/v1/affiliate/by-customer/%7BcustomerID%7D",
		strings.Repeat("a", 255):    "/base/v1/affiliate/by-customer/" + strings.Repeat("a", 255),
	}
	for id, path := range taken {
		_, err := client.Affiliates.Get(t.Context(), id)
		require.NoError(t, err)
		got := server.received()
		assert.Equal(t, path, got[len(got)-1].URL.EscapedPath())
		assert.Empty(t, got[len(got)-1].URL.RawQuery)
	}
}

func assertRefused(t *testing.T, err error, field, value string) {
	t.Helper()
	var e *stackbe.ArgumentError
	if assert.ErrorAs(t, err, &e, "%q", value) {
		assert.Equal(t, field, e.Field)
		assert.ErrorIs(t, err, stackbe.ErrInvalidArgument)
	}
}

func TestABasePathThatEndsInAnEscapedSlashIsKept(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { answerJSON(w, 200, `{"enrolled":false}`) })
	_, err := newClient(t, server.URL+"/a%2F/").Affiliates.Get(t.Context(), "cust_1")
	require.NoError(t, err)
	assert.Equal(t, "/a%2F/v1/affiliate/by-customer/cust_1", server.received()[0].RequestURI)
}

func TestABasePathThatNeedsEscapingIsKept(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		answerJSON(w, 200, `{"data":[],"url":"https://portal","id":"a","enrolled":true,"applied":true,"affiliate":{"id":"a"}}`)
	})
	client := newClient(t, server.URL+"/a%2Fb/%C3%A9/")
	_, err := client.Affiliates.Get(t.Context(), "jané")
	require.NoError(t, err)
	_, err = client.Affiliates.ListApplications(t.Context(), affiliates.ApplicationFilter{Cursor: "a&b"})
	require.NoError(t, err)
	assert.Equal(t, "/a%2Fb/%C3%A9/v1/affiliate/by-customer/jan%C3%A9", server.received()[0].URL.EscapedPath())
	assert.Equal(t, "/a%2Fb/%C3%A9/v1/apps/app_1/affiliates/applications?cursor=a%26b", server.received()[1].RequestURI)
}
