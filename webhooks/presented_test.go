package webhooks_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
)

// Each byte is tried in each place of a signature that is right but for it.
func TestVerifyReadsLowerCaseHexOnly(t *testing.T) {
	verifier := newVerifier(t, plainSecret)
	header := sign(t, approvedBody, webhooks.Signing{Scheme: webhooks.SchemeBody, Secrets: []string{plainSecret}})
	right := strings.TrimPrefix(header.Get("X-StackBE-Signature"), "sha256=")
	assert.Len(t, right, 64)
	for place := range len(right) {
		for c := range 256 {
			digits := right[:place] + string([]byte{byte(c)}) + right[place+1:]
			header.Set("X-StackBE-Signature", "sha256="+digits)
			_, err := hex.DecodeString(digits)
			want := webhooks.ErrSignatureMismatch
			switch {
			case digits == right:
				want = nil
			case err != nil || strings.ToLower(digits) != digits:
				want = webhooks.ErrMalformedSignature
			}
			if err := verifier.Verify(header, approvedBody); want != err {
				t.Fatalf("%q in place %d: %v, and not %v", c, place, err, want)
			}
		}
	}
}
