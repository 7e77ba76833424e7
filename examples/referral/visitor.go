package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"github.com/stackbe/stackbe-go/affiliates"
)

// play serves the site, sends it a visitor, and ends it. All clicks are tracked then.
func play(ctx context.Context, listener net.Listener, capture *affiliates.ReferralCapture, p *program, out io.Writer) error {
	say := func(line string) { fmt.Fprintln(out, line) }
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- serve(serving, listener, newSite(p, say), capture) }()
	v, err := newVisitor("http://" + listener.Addr().String())
	if err == nil {
		err = v.visit(ctx, say)
	}
	stop()
	return errors.Join(err, <-ended)
}

// visitor is a browser, as far as the site can tell.
type visitor struct {
	site   string
	client http.Client
}

func newVisitor(site string) (*visitor, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &visitor{site: site, client: http.Client{Jar: jar}}, nil
}

// visit follows the partner's link, reloads the page, signs up and pays.
func (v *visitor) visit(ctx context.Context, say func(string)) error {
	say("A visitor opens /?ref=" + partnerCode)
	landed, err := v.send(ctx, http.MethodGet, "/?ref="+partnerCode, nil)
	if err != nil {
		return err
	}
	say("The address bar shows " + landed.RequestURI())
	for _, step := range []struct {
		method, path string
		form         url.Values
	}{
		{http.MethodGet, "/?ref=" + partnerCode, nil}, // the same click
		{http.MethodGet, "/sign-up", nil},
		{http.MethodPost, "/sign-up", url.Values{"email": {"john@company.com"}}},
		{http.MethodPost, "/checkout", nil},
	} {
		if _, err := v.send(ctx, step.method, step.path, step.form); err != nil {
			return err
		}
	}
	return nil
}

// send sends a request, follows redirects, and returns the address of the page.
func (v *visitor) send(ctx context.Context, method, path string, form url.Values) (*url.URL, error) {
	request, err := http.NewRequestWithContext(ctx, method, v.site+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := v.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.Request.URL, err
}
