// Package redact removes from a text what must not reach a log: email addresses,
// userinfo, the rest of a URL after its host, credentials and control characters.
//
// Its cost is bounded for a text of any length: it reads only the beginning.
package redact

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

const (
	maxRunes = 512     // of a redacted text
	maxShown = 4 << 10 // bytes of the original that can appear in it
	overlap  = 1 << 10 // bytes after those that are looked at: an address may begin in the one and end in the other
	mask     = "[redacted]"
)

// Text is [Redactor.Text] of a Redactor for secrets.
func Text(s string, secrets ...string) string { return New(secrets...).Text(s) }

// Text returns s without emails, userinfo, URL paths and queries, control
// characters and secrets, cut to a length that a log line can bear.
func (r *Redactor) Text(s string) string {
	window := s[:min(len(s), maxShown+max(overlap, r.longest))]
	shown := len(window)
	if len(window) < len(s) {
		shown = maxShown
	}
	spans := slices.Concat(r.secretsIn(window), quoted(window), addresses(window))
	text := cut(strings.Map(printable, replace(window, merge(spans), shown)), maxRunes)
	if len(window) < len(s) && !strings.HasSuffix(text, ellipsis) {
		text += ellipsis
	}
	return text
}

// First returns the first n bytes of s without the secrets in all of s, also without the beginning of one
// that ends after them. It leaves everything else as it is.
func (r *Redactor) First(s string, n int) string {
	return replace(s, merge(r.secretsIn(s)), min(n, len(s)))
}

// span is a part of a text and its replacement.
type span struct {
	start, end int
	with       string
}

// merge sorts spans and joins those that overlap.
func merge(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(a.start-b.start, b.end-a.end) })
	merged := spans[:0]
	for _, next := range spans {
		if len(merged) == 0 || next.start >= merged[len(merged)-1].end {
			merged = append(merged, next)
			continue
		}
		if last := &merged[len(merged)-1]; next.end > last.end {
			last.end, last.with = next.end, mask
		}
	}
	return merged
}

// replace returns the part of s before shown, with each span replaced.
func replace(s string, spans []span, shown int) string {
	var text strings.Builder
	at := 0
	for _, next := range spans {
		if next.start > shown {
			break
		}
		text.WriteString(s[at:next.start])
		text.WriteString(next.with)
		at = next.end
	}
	if at < shown {
		text.WriteString(s[at:shown])
	}
	return text.String()
}

func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}

const ellipsis = "…"

func cut(s string, most int) string {
	count := 0
	for i := range s {
		if count == most {
			return s[:i] + ellipsis
		}
		count++
	}
	return s
}

// Join joins redacted texts to a line of at most most characters.
func Join(texts []string, most int) string {
	var line strings.Builder
	for i, text := range texts {
		if line.Len() > most*4 { // bytes: surely more characters than most
			break
		}
		if i > 0 {
			line.WriteString("; ")
		}
		line.WriteString(text)
	}
	return cut(line.String(), most)
}
