package webhooks

import "fmt"

// DefaultSignatureHeader carries the signature in [SchemeTimestamped] and
// [SchemeBody]. Contract: StackBE does not document its header; see [WithSignatureHeader].
const DefaultSignatureHeader = "X-StackBE-Signature"

// Scheme is a way to sign a delivery with HMAC-SHA256.
//
// A signature of one scheme cannot be used under another, because the signed bytes begin
// differently. SchemeBody signs a JSON object, which begins with a brace.
// SchemeTimestamped signs a number before the brace, and SchemeStandard an id without a
// brace and a number before it. SchemeStandard also has a different key.
type Scheme int

const (
	// SchemeTimestamped signs "<unix seconds>.<body>":
	//
	//	X-StackBE-Signature: t=1700000000,v1=<hex>[,v1=<hex>…]
	//
	// The key is the secret's text. Contract: what the reference server sends.
	SchemeTimestamped Scheme = iota + 1

	// SchemeBody signs the body alone:
	//
	//	X-StackBE-Signature: sha256=<hex>
	//
	// The hex without sha256= is read as well; [Sign] writes the prefix. The key is the
	// secret's text. Without a timestamp, a delivery can be replayed at any time, and is
	// handled again once the claims have forgotten it. [RequireTimestamp] refuses it.
	// Contract: the same vendor's sibling product signs like this; many services do so
	// without the prefix.
	SchemeBody

	// SchemeStandard is that of Standard Webhooks, and signs "<id>.<unix seconds>.<body>":
	//
	//	webhook-id: msg_…
	//	webhook-timestamp: 1700000000
	//	webhook-signature: v1,<base64>[ v1,<base64>…]
	//
	// It takes a secret of the form "whsec_<base64>", whose decoded bytes are the
	// key; a secret of another form verifies nothing in this scheme. See
	// https://www.standardwebhooks.com.
	SchemeStandard
)

// String is the scheme's name.
func (s Scheme) String() string {
	switch s {
	case SchemeTimestamped:
		return "timestamped"
	case SchemeBody:
		return "body"
	case SchemeStandard:
		return "standard"
	}
	return fmt.Sprintf("Scheme(%d)", int(s))
}

func (s Scheme) valid() bool { return s >= SchemeTimestamped && s <= SchemeStandard }

// schemeSet has the bit 1<<s set for each scheme s in it.
type schemeSet uint8

const allSchemes = schemeSet(1<<SchemeTimestamped | 1<<SchemeBody | 1<<SchemeStandard)

func (set schemeSet) has(s Scheme) bool { return set&(1<<s) != 0 }
