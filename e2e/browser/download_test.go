package browser

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// download clicks on something that downloads a file, and returns the name that is suggested for it, and what it
// contains.
func (v *tab) download(what chromedp.Search) (name, text string) {
	v.t.Helper()
	folder, events := v.t.TempDir(), true
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	_, err := chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, DownloadPath: folder, EventsEnabled: &events,
		BrowserContextID: chromedp.FromContext(v.ctx).BrowserContextID,
	})
	require.NoError(v.t, err)
	begun, progress := chromedp.BrowserEvents(ctx, browser.DownloadWillBegin), chromedp.BrowserEvents(ctx, browser.DownloadProgress)
	origin := get(v, chromedp.Evaluate[string](`location.origin`))
	v.do(chromedp.Click(what))
	id := ""
	for event, err := range begun {
		require.NoError(v.t, err, "%s downloads nothing", what)
		if strings.HasPrefix(event.URL, origin+"/") { // and not of another test
			name, id = event.SuggestedFilename, event.GUID
			break
		}
	}
	for event, err := range progress {
		require.NoError(v.t, err, "%s does not end", name)
		if event.GUID == id && event.State == browser.DownloadProgressStateCompleted {
			break
		}
	}
	file, err := os.ReadFile(filepath.Join(folder, id))
	require.NoError(v.t, err)
	return name, string(file)
}
