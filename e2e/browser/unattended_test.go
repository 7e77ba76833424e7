package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// openUnattended opens an address in the tab of a new visitor, and attaches no tool to it: Chromium prerenders nothing for
// a page that is inspected. What a visitor does there, a script of the page does when the observer tells it to.
func openUnattended(t testing.TB, address string) {
	t.Helper()
	ctx := chromium(t)
	visitor, err := chromedp.CallBrowser(ctx, target.CreateBrowserContext, target.CreateBrowserContextParams{})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, _ = chromedp.CallBrowser(ctx, target.DisposeBrowserContext, target.DisposeBrowserContextParams(visitor))
	})
	_, err = chromedp.CallBrowser(ctx, target.CreateTarget, target.CreateTargetParams{URL: address, BrowserContextID: visitor.BrowserContextID})
	require.NoError(t, err)
}

// cookies are those of the visitor.
func (v *tab) cookies() []*network.Cookie {
	v.t.Helper()
	found, err := chromedp.CallBrowser(v.ctx, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: chromedp.FromContext(v.ctx).BrowserContextID})
	require.NoError(v.t, err)
	return found.Cookies
}

// An observer is a server of the test's own that scripts of a page report to and wait for, so that the site which is
// tested sees only what it would see from any visitor.
type observer struct {
	t       testing.TB
	URL     string
	reports chan string
	orders  chan struct{}
}

func newObserver(t testing.TB) observer {
	t.Helper()
	o := observer{t: t, reports: make(chan string, 16), orders: make(chan struct{}, 16)}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /order", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-o.orders:
			_, _ = fmt.Fprint(w, "go on")
		case <-r.Context().Done():
		}
	})
	routes.HandleFunc("GET /report", func(_ http.ResponseWriter, r *http.Request) { o.reports <- r.FormValue("of") })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		routes.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	o.URL = server.URL
	return o
}

// order lets a script that waits for an order go on.
func (o observer) order() { o.orders <- struct{}{} }

// await waits for a report, and fails the test if it is another.
func (o observer) await(report string) {
	o.t.Helper()
	select {
	case received := <-o.reports:
		require.Equal(o.t, report, received)
	case <-time.After(patience):
		require.FailNow(o.t, "no report "+report)
	}
}
