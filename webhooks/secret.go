package webhooks

import (
	"encoding/base64"
	"fmt"
	"strings"
)

const (
	standardPrefix       = "whsec_"
	minSecretLength      = 16 // bytes of the text
	minStandardKeyLength = 24 // bytes after decoding, as Standard Webhooks asks for
	maxSecrets           = 8
)

// checkSecret refuses a text that is a secret in no scheme. The text as it is, prefix
// and all, is the key of SchemeTimestamped and SchemeBody; what "whsec_" is followed by
// is decoded into that of SchemeStandard. So these never share a key.
func checkSecret(secret string) error {
	switch {
	case secret == "":
		return ErrEmptySecret
	case strings.TrimSpace(secret) != secret:
		return fmt.Errorf("%w: it begins or ends with white space", ErrMalformedSecret)
	case len(secret) < minSecretLength:
		return ErrShortSecret
	}
	return nil
}

var errPlainSecret = invalidOption("SchemeStandard needs a secret that begins with %s", standardPrefix)

// standardKey returns the key of SchemeStandard that a secret stands for.
// errPlainSecret is a secret that does not look like one of that scheme.
func standardKey(secret string) ([]byte, error) {
	encoded, isStandard := strings.CutPrefix(secret, standardPrefix)
	if !isStandard {
		return nil, errPlainSecret
	}
	key, _ := base64.StdEncoding.DecodeString(encoded)
	if base64.StdEncoding.EncodeToString(key) != encoded { // nor is it what does not decode
		return nil, fmt.Errorf("%w: what follows %s is not canonical base64, which SchemeStandard needs", ErrMalformedSecret, standardPrefix)
	}
	if len(key) < minStandardKeyLength {
		return nil, ErrShortSecret
	}
	return key, nil
}
