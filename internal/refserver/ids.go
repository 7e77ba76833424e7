package refserver

import (
	"crypto/rand"
	"strings"
)

// idLength is that of a cuid, which starts with "cm" here.
const idLength = 25

// newID makes an id that cannot be guessed: the prefix and lower-case letters and digits. With
// the prefix "cm" it has the length of a cuid.
func newID(prefix string) string {
	return prefix + strings.ToLower(rand.Text())[:idLength-len("cm")]
}

func newSecret(prefix string) string {
	return prefix + strings.ToLower(rand.Text())
}
