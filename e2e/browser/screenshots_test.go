package browser

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

var screenshots = flag.String("screenshots", "", "write screenshots of all pages to this `folder`")

// looks are those in which each page is checked.
var looks = []look{{}, {Dark: true}, {Width: phone}, {Dark: true, Width: phone}}

// TestScreenshots writes a picture of each page, for people to look at:
//
//	go test -run TestScreenshots -screenshots /tmp/screenshots .
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("no folder is given: -screenshots")
	}
	full, jane := newDemo(t)
	full.addWebhooks(t)
	empty := newHost(t)
	bob := empty.enroll(t, "bob@beta.example", "Bob Fischer", "BOB10")
	for _, as := range looks {
		folder := filepath.Join(*screenshots, strings.ReplaceAll(as.String(), ", ", "-"))
		full.enterPortal(t, as, jane).shoot(filepath.Join(folder, "portal"))
		full.enterConsole(t, as).shoot(filepath.Join(folder, "console"))
		empty.enterPortal(t, as, bob).shoot(filepath.Join(folder, "portal-empty"))
		empty.enterConsole(t, as).shoot(filepath.Join(folder, "console-empty"))
	}
}

// shoot writes a picture of each page to a folder.
func (w walk) shoot(folder string) {
	w.t.Helper()
	require.NoError(w.t, os.MkdirAll(folder, 0o755))
	w.each(func(at place) {
		picture := get(w.tab, chromedp.FullScreenshot(100))
		require.NoError(w.t, os.WriteFile(filepath.Join(folder, at.Name+".png"), picture, 0o600))
	})
}
