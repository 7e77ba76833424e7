package address

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestPlainAddressesAreURLsWithAHost(t *testing.T) {
	for text, want := range map[string]bool{
		"https://acme.com": true, "http://acme.com/a?b=c#d": true, "https://a-b.example?x": true,
		"https://": false, "https:///x": false, "ftp://acme.com": false, "acme.com": false, "https://acme.com/%zz": false,
		"https://acme.com:8443": false, "https://jane@acme.com": false, "https://acmé.com": false, "https://[::1]/": false,
	} {
		assert.Equal(t, want, plain(text), text)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`https?://[a-zA-Z0-9.:@\[%é-]{0,12}[/?#]?[!-~é]{0,20}`).Draw(t, "text")
		if !plain(text) {
			return
		}
		parsed, err := url.Parse(text)
		if err != nil || parsed.Hostname() == "" {
			t.Fatalf("%q is plain, and net/url says: %v", text, err)
		}
	})
}
