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

// keyBytes returns the keys that a secret stands for. The text as it is, prefix and
// all, is the key of SchemeTimestamped and SchemeBody; what "whsec_" is followed by
// is decoded into that of SchemeStandard. So these never share a key.
// standard is nil for a secret without the prefix.
func keyBytes(secret string) (text, standard []byte, err error) {
	if secret == "" {
		return nil, nil, ErrEmptySecret
	}
	if strings.TrimSpace(secret) != secret {
		return nil, nil, fmt.Errorf("%w: it begins or ends with white space", ErrMalformedSecret)
	}
	encoded, isStandard := strings.CutPrefix(secret, standardPrefix)
	if !isStandard {
		if len(secret) < minSecretLength {
			return nil, nil, ErrShortSecret
		}
		return []byte(secret), nil, nil
	}
	standard, err = base64.StdEncoding.DecodeString(encoded)
	if err != nil || base64.StdEncoding.EncodeToString(standard) != encoded {
		return nil, nil, fmt.Errorf("%w: what follows whsec_ is not canonical base64", ErrMalformedSecret)
	}
	if len(standard) < minStandardKeyLength {
		return nil, nil, ErrShortSecret
	}
	return []byte(secret), standard, nil
}
