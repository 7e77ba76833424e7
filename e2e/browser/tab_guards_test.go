package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

func TestTabNotesProblemsOfPage(t *testing.T) {
	for name, test := range map[string]struct{ page, problem string }{
		"none":                              {page: `<p>fine</p>`},
		"an error in the console":           {page: `<script nonce="n">console.error("broken")</script>`, problem: "console.error"},
		"an exception":                      {page: `<script nonce="n">throw new Error("broken")</script>`, problem: "broken"},
		"an inline script against policy":   {page: `<script>document.title = "run"</script>`, problem: "script-src-elem"},
		"an inline style against policy":    {page: `<p style="color: red">red</p>`, problem: "style-src-attr"},
		"a request that leaves the machine": {page: `<img alt="" src="http://cdn.example.com/pixel.gif">`, problem: "request of http://cdn.example.com/pixel.gif"},
		"a missing image":                   {page: `<img alt="" src="/missing.gif">`, problem: "status of 404"},
	} {
		t.Run(name, func(t *testing.T) {
			site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/" {
					http.NotFound(w, r)
					return
				}
				w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-n'; img-src * data:")
				_, _ = fmt.Fprintf(w, `<!doctype html><title>page</title><link rel="icon" href="data:,">%s`, test.page)
			}))
			defer site.Close()
			visitor := newUncheckedTab(t, look{})
			visitor.open(site.URL)
			assert.Equal(t, "page", get(visitor, chromedp.Title()))
			found := fmt.Sprint(visitor.found())
			if test.problem == "" {
				assert.Equal(t, "[]", found)
			} else {
				assert.Contains(t, found, test.problem)
			}
		})
	}
}

func TestTabWithoutJavaScriptRunsNone(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `<!doctype html><title>still</title><link rel="icon" href="data:,"><body><noscript>shown</noscript><script>document.title = "run"</script>`)
	}))
	defer site.Close()
	with, without := newTab(t, look{}), newTab(t, look{NoScript: true})
	with.open(site.URL)
	without.open(site.URL)
	assert.Equal(t, "run", get(with, chromedp.Title()))
	assert.Equal(t, "still", get(without, chromedp.Title()))
	assert.Equal(t, "shown", get(without, chromedp.Text(chromedp.CSS("noscript"))))
}
