package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPagesWorkUnderNameOverPlainHTTP sends forms and copies as a browser does to a server in a network or in a
// container: without Sec-Fetch-Site, which it sends only over https and to its own machine.
func TestPagesWorkUnderNameOverPlainHTTP(t *testing.T) {
	h := newHost(t)
	jane := h.enroll(t, "jane@acme.example", "Jane Cooper", "JANE20")
	link := jane.link(t)
	named := strings.NewReplacer("127.0.0.1", "mock.test")
	h.URL = named.Replace(h.URL)

	person := newUncheckedTab(t, look{}) // Chromium warns that such a page is not secure
	person.open(named.Replace(link))
	require.Equal(t, h.URL+"/portal", get(person, chromedp.Location()))
	person.do(chromedp.Click(control("Copy")))
	assert.Equal(t, "https://yoursite.com?ref=JANE20", get(person, chromedp.Evaluate[string](`getSelection().toString()`)))
	person.open(h.URL + "/portal")
	person.do(chromedp.Focus(chromedp.CSS("output")))
	assert.Equal(t, "https://yoursite.com?ref=JANE20", get(person, chromedp.Evaluate[string](`getSelection().toString()`)), "the keyboard selects it")

	person.open(h.URL + "/portal/create-sub-account")
	person.fill(field("Client's email"), "grace@tealeafhouse.example")
	assert.Contains(t, person.follow(control("Create sub account")).Text, "The account of grace@tealeafhouse.example is created.")
	assert.Equal(t, "You are signed out", person.follow(control("Sign out")).Heading)

	h.signIn(person)
	person.open(h.URL + "/console/settings")
	assert.Contains(t, person.follow(control("Save the settings")).Text, "The settings are saved.")
	for _, request := range h.Requests.All() {
		assert.NotContains(t, request.Header.Get("Referer"), "/console/sign-in/", "the token leaves the Referer")
	}
}
