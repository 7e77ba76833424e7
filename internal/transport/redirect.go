package transport

import (
	"fmt"
	"net/http"
)

const maxRedirects = 5

// guarded returns a copy of client that follows only redirects to where the
// credential may go.
func guarded(client *http.Client) *http.Client {
	guarded := *client
	guarded.Jar = nil // it would be one for all customers
	guarded.Transport = wire{client.Transport}
	own := client.CheckRedirect
	guarded.CheckRedirect = func(request *http.Request, via []*http.Request) error {
		if err := checkRedirect(request, via); err != nil || own == nil {
			return err
		}
		err := own(request, via)
		if err == nil || err == http.ErrUseLastResponse {
			return err
		}
		return fmt.Errorf("%w: by the caller's policy: %w", ErrRedirectRefused, err)
	}
	return &guarded
}

// checkRedirect refuses another origin, another credential, and another method:
// 301, 302 and 303 turn a POST into a GET of something else. wire adds the
// credential to each request that this lets pass.
func checkRedirect(request *http.Request, via []*http.Request) error {
	first := via[0]
	if !sameOrigin(request.URL, first.URL) || request.Method != first.Method {
		return ErrRedirectRefused
	}
	if request.URL.User != nil {
		return ErrRedirectRefused
	}
	request.Header.Del("Referer") // net/http's own doing; it holds the query
	if len(via) > maxRedirects {
		return fmt.Errorf("%w: more than %d in a row", ErrRedirectRefused, maxRedirects)
	}
	return nil
}
