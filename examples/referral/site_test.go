package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// testVisitor sends requests to the site, without a socket.
type testVisitor struct {
	t       *testing.T
	site    http.Handler
	cookies []*http.Cookie
}

func newTestVisitor(t *testing.T, site http.Handler) *testVisitor {
	return &testVisitor{t: t, site: site}
}

func (v *testVisitor) send(r *http.Request) *http.Response {
	for _, cookie := range v.cookies {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	v.site.ServeHTTP(w, r)
	v.cookies = append(v.cookies, w.Result().Cookies()...)
	return w.Result()
}

func (v *testVisitor) get(path string) (status int) {
	return v.send(httptest.NewRequest(http.MethodGet, path, nil)).StatusCode
}

// post returns the status of a form's response, and where it redirects to.
func (v *testVisitor) post(path, form string, header ...string) string {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response := v.send(r)
	return fmt.Sprint(response.StatusCode, " ", response.Header.Get("Location"))
}
