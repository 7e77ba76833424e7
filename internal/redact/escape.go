package redact

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
)

// maxEscape is how many bytes of a text a byte of a secret can take.
const maxEscape = len(`%5cu003c`)

// match returns how many bytes at the beginning of s stand for secret, whose
// characters may each be escaped; -1 if none do. Which escapes there are cannot be
// told from s alone: a %41 may be in the secret.
func match(s, secret string) int {
	var room [2][4]int // mostly enough
	ends, next := append(room[0][:0], 0), room[1][:0]
	for i := range len(secret) {
		next = next[:0]
		for _, end := range ends {
			for n := range spellings(s[end:], secret[i]) {
				if !slices.Contains(next, end+n) {
					next = append(next, end+n)
				}
			}
		}
		if len(next) == 0 {
			return -1
		}
		ends, next = next, ends
	}
	return slices.Max(ends)
}

// spellings yields how many bytes at the beginning of s can stand for c:
// percent-encoded, also twice, in a JSON string, in one that is percent-encoded, in HTML, and as it is.
func spellings(s string, c byte) iter.Seq[int] {
	return func(yield func(int) bool) {
		if s != "" && (s[0] == '%' || s[0] == '\\' || s[0] == '&') {
			for _, spelling := range escapes()[c] {
				if len(s) >= len(spelling) && strings.EqualFold(s[:len(spelling)], spelling) && !yield(len(spelling)) {
					return
				}
			}
		}
		_ = s != "" && s[0] == c && yield(1)
	}
}

// escapes holds the escapes of each byte.
var escapes = sync.OnceValue(func() *[256][]string {
	var all [256][]string
	for c := range all {
		hex := fmt.Sprintf("%02x", c)
		all[c] = []string{`%` + hex, `%25` + hex, `\u00` + hex, `%5cu00` + hex}
		if c == '"' || c == '\\' || c == '/' {
			all[c] = append(all[c], `\`+string(rune(c)), `%5c`+string(rune(c)), `%5c%`+hex)
		}
	}
	for c, name := range map[byte]string{'&': "amp", '<': "lt", '>': "gt", '"': "quot"} {
		all[c] = append(all[c], "&"+name+";")
	}
	for _, c := range `&<>"'+` { // those that html/template escapes
		all[c] = append(all[c], fmt.Sprintf("&#%d;", c))
	}
	return &all
})
