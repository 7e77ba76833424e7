package page_test

import (
	"crypto/tls"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
)

func TestPublicURLIsASchemeAndAHost(t *testing.T) {
	for _, valid := range []string{"https://partners.example.com", "http://127.0.0.1:4000", "https://partners.example.com/", "http://[::1]:80"} {
		assert.NoError(t, page.CheckPublicURL(valid), valid)
	}
	for _, invalid := range []string{
		"", "partners.example.com", "//partners.example.com", "ftp://partners.example.com", "https://", "https:///x", "https://:80",
		"https://jane:secret@partners.example.com", "https://partners.example.com/portal", "https://partners.example.com?x=1",
		"https://partners.example.com/?", "https://partners.example.com#x", "https://partners.example.com:port", "https://a b", "HTTPS://x/..",
	} {
		assert.Error(t, page.CheckPublicURL(invalid), invalid)
	}
}

func TestOriginIsThatOfTheRequestUnlessThereIsAPublicURL(t *testing.T) {
	r := httptest.NewRequest("GET", "http://server:4000/portal", nil)
	r.Header.Set("X-Forwarded-Host", "evil.example.com")
	r.Header.Set("X-Forwarded-Proto", "https")
	r.Header.Set("Forwarded", "host=evil.example.com;proto=https")
	assert.Equal(t, "http://server:4000", page.Origin("", r))
	assert.False(t, page.IsHTTPS("", r))
	assert.Equal(t, "https://partners.example.com", page.Origin("https://partners.example.com/", r))
	assert.True(t, page.IsHTTPS("https://partners.example.com", r))
	r.TLS = &tls.ConnectionState{}
	assert.Equal(t, "https://server:4000", page.Origin("", r))
	assert.True(t, page.IsHTTPS("", r))
	assert.False(t, page.IsHTTPS("http://partners.example.com", r))
}
