package refserver_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
)

func TestRequestsNeverShowASecretThatWasReplaced(t *testing.T) {
	const secret = `a+former/secret="of"<the>&tests'`
	restore := func(document refserver.Document) func(*testing.T, world, string) {
		return func(t *testing.T, w world, _ string) { require.NoError(t, w.Restore(document)) }
	}
	for name, replace := range map[string]func(t *testing.T, w world, webhookID string){
		"by a state without the webhook": func(t *testing.T, w world, _ string) {
			document := w.Snapshot()
			document.Webhooks = nil
			require.NoError(t, w.Restore(document))
		},
		"by a state without the app":  restore(refserver.Document{Apps: []refserver.AppDocument{{ID: "app_other"}}}),
		"by a state without anything": restore(refserver.Document{}),
		"by two states": func(t *testing.T, w world, _ string) {
			require.NoError(t, w.Restore(refserver.Document{}))
			require.NoError(t, w.Restore(refserver.Document{}))
		},
		"by two rotations": func(t *testing.T, w world, webhookID string) {
			require.NoError(t, w.Webhooks.RotateSecret(webhookID, "the second secret of the tests"))
			require.NoError(t, w.Advance(2*delivery.RotationOverlap))
			require.NoError(t, w.Webhooks.RotateSecret(webhookID, "the third secret of the tests"))
		},
		"by two rotations and a state": func(t *testing.T, w world, webhookID string) {
			require.NoError(t, w.Webhooks.RotateSecret(webhookID, "the second secret of the tests"))
			require.NoError(t, w.Advance(2*delivery.RotationOverlap))
			require.NoError(t, w.Webhooks.RotateSecret(webhookID, "the third secret of the tests"))
			require.NoError(t, w.Restore(refserver.Document{}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			added, err := w.Webhooks.AddEndpoint(w.ID, delivery.EndpointParams{URL: "http://127.0.0.1:9", Secret: secret})
			require.NoError(t, err)
			path, err := w.ConsoleLink(w.ID)
			require.NoError(t, err)
			b := newBrowser(t, w)
			require.Equal(t, http.StatusSeeOther, b.post(t, path).status)
			page := b.open(t, 200, "/console/webhooks/"+added.ID).body
			require.Contains(t, page, "a&#43;former/secret=", "the page shows the secret")
			w.send(t, "GET", "/v1/"+w.AdminToken, "")

			replace(t, w, added.ID)
			shown, err := json.Marshal(w.Requests.All())
			require.NoError(t, err)
			assert.NotContains(t, string(shown), "former/secret")
			assert.NotContains(t, string(shown), w.AdminToken)
		})
	}
}
