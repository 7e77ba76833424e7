package affiliates_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/affiliates"
)

func TestPortalLinkPrintsWithoutURL(t *testing.T) {
	var link affiliates.PortalLink
	require.NoError(t, json.Unmarshal([]byte(linkJSON), &link))
	require.Equal(t, "https://portal.stackbe.io/portal/tok_1", link.URL)

	type session struct{ Link affiliates.PortalLink }
	for name, value := range map[string]any{
		"a link":               link,
		"a pointer":            &link,
		"a link in a struct":   session{link},
		"links in a slice":     []affiliates.PortalLink{link},
		"links in a map":       map[string]affiliates.PortalLink{"jane": link},
		"pointers in a struct": struct{ Link *affiliates.PortalLink }{&link},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			t.Run(name+" with "+verb, func(t *testing.T) {
				assert.NotContains(t, fmt.Sprintf(verb, value), "tok_1")
			})
		}
	}
	assert.Contains(t, link.String(), "2026-03-02T10:00:00Z")
}

func TestPortalLinkIsLoggedWithoutURL(t *testing.T) {
	link := affiliates.PortalLink{URL: "https://portal.stackbe.io/portal/tok_1"}
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			logger := slog.New(handler(&log))
			logger.Info("made", "link", link, "pointer", &link, slog.Group("nested", "link", link))
			logger.With("link", link).Info(fmt.Sprint(link))
			assert.Contains(t, log.String(), "(hidden)")
			assert.NotContains(t, log.String(), "tok_1")
		})
	}
}

func TestLoginLinkAndSessionPrintWithoutSecret(t *testing.T) {
	login := wantLogin
	session := wantCustomerSession
	for name, test := range map[string]struct {
		secret string
		shown  string
		values []any
	}{
		"a login link": {"login_1", "2026-03-01T10:10:00Z", []any{login, &login, []affiliates.LoginLink{login}, struct{ L *affiliates.LoginLink }{&login}}},
		"a session":    {"session_of_john", "cust_9", []any{session, &session, []affiliates.CustomerSession{session}, struct{ S *affiliates.CustomerSession }{&session}}},
	} {
		for _, value := range test.values {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
				assert.NotContains(t, fmt.Sprintf(verb, value), test.secret, name)
			}
			var log bytes.Buffer
			slog.New(slog.NewTextHandler(&log, nil)).Info("made", "value", value)
			assert.NotContains(t, log.String(), test.secret, name)
		}
		assert.Contains(t, fmt.Sprint(test.values[0]), test.shown)
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("made", "value", test.values[0], "pointer", test.values[1])
		assert.NotContains(t, log.String(), test.secret, name)
	}
}
