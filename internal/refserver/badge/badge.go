// Package badge draws the badge that a partner puts on its own site.
package badge

import (
	"cmp"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"html"
	"strings"
	"unicode"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// A Badge is a picture for the partner's own site.
type Badge struct {
	SVG string
	// HTML is the picture inside a link to the referral link. It needs no other file.
	HTML string
}

// New draws the badge of a partner.
func New(info program.Info) Badge {
	name := badgeName(info)
	svg := badgeSVG(name)
	return Badge{
		SVG: svg,
		HTML: fmt.Sprintf(`<a href="%s"><img alt="%s" src="data:image/svg+xml;base64,%s"></a>`,
			html.EscapeString(info.ReferralLink),
			html.EscapeString(badgeTitle+": "+name),
			base64.StdEncoding.EncodeToString([]byte(svg))),
	}
}

const (
	badgeTitle = "Official partner"
	// maxBadgeName is how many characters of a name fit on a badge.
	maxBadgeName = 30
)

// badgeName is the name on a badge: the visible characters of the partner's name, or its code.
func badgeName(info program.Info) string {
	shown := strings.Join(strings.FieldsFunc(info.Name, hidden), " ")
	shown = strings.TrimLeftFunc(shown, func(r rune) bool { return r == ' ' || unicode.IsMark(r) }) // a mark needs a character before it
	return shortened(cmp.Or(shown, info.Affiliate.Code), maxBadgeName)
}

// hidden reports whether a character is a space, or is invisible and may change the text around it,
// such as a direction override.
func hidden(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) || filler(r)
}

// filler reports whether a character counts as a letter or a symbol and is blank, such as the Hangul
// filler. A mark, such as a variation selector, belongs to the character before it.
func filler(r rune) bool {
	const brailleBlank, nullNotehead = '\u2800', '\U0001d159'
	return r == brailleBlank || r == nullNotehead ||
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && !unicode.IsMark(r)
}

// badgeSVG stretches the name to a width that depends on its length, whatever the font.
func badgeSVG(name string) string {
	const perCharacter, margin, left = 8, 12, 128
	text := perCharacter * len([]rune(name))
	right := text + 2*margin
	title, shown := escapeXML(badgeTitle+": "+name), escapeXML(name)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="28" role="img" aria-label="%[2]s">`+
		`<title>%[2]s</title>`+
		`<rect width="%[1]d" height="28" rx="4" fill="#1f2937"/>`+
		`<path d="M%[3]d 0h%[4]dq4 0 4 4v20q0 4-4 4h-%[4]dz" fill="#0f766e"/>`+
		`<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="13">`+
		`<text x="12" y="19" textLength="104" lengthAdjust="spacingAndGlyphs">%[5]s</text>`+
		`<text x="%[6]d" y="19" textLength="%[7]d" lengthAdjust="spacingAndGlyphs">%[8]s</text>`+
		`</g></svg>`,
		left+right, title, left, right-4, badgeTitle, left+margin, text, shown)
}

// escapeXML escapes a text for an element or an attribute. A character that is invalid in XML becomes
// U+FFFD.
func escapeXML(text string) string {
	var escaped strings.Builder
	_ = xml.EscapeText(&escaped, []byte(text)) // a Builder returns no error
	return escaped.String()
}

// shortened cuts a text after a number of characters, and ends it with an ellipsis.
func shortened(text string, longest int) string {
	characters := []rune(text)
	if len(characters) <= longest {
		return text
	}
	return string(characters[:longest]) + "…"
}
