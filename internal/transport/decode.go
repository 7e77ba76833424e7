package transport

import (
	"bytes"
	"errors"
	"mime"
	"strings"
	"unicode/utf8"
)

var (
	errNotUTF8   = errors.New("the response is not valid UTF-8, and its Content-Type names no other charset")
	errUTF16     = errors.New("the response is in UTF-16 or UTF-32, not in UTF-8")
	errCharset   = errors.New("the response is not valid UTF-8, and its Content-Type names a charset that the SDK does not read")
	errSurrogate = errors.New(`the response has a \u escape that is half of a character`)
)

// readable returns body in a form that encoding/json reads without changing a character:
// it replaces invalid UTF-8 by U+FFFD.
func readable(body []byte, contentType string) ([]byte, error) {
	text, err := UTF8(body, contentType)
	if err != nil {
		return nil, err
	}
	if loneSurrogate(text) {
		return nil, errSurrogate
	}
	return text, nil
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// UTF8 returns body without a byte order mark, in UTF-8. What is valid UTF-8 is
// read as that, whatever the charset: JSON has no other (RFC 8259, 8.1), and a
// server may name one and not use it.
func UTF8(body []byte, contentType string) ([]byte, error) {
	if wide(body) {
		return nil, errUTF16
	}
	if utf8.Valid(body) {
		return bytes.TrimPrefix(body, byteOrderMark), nil
	}
	_, params, _ := mime.ParseMediaType(contentType)
	switch strings.ToLower(params["charset"]) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return nil, errNotUTF8
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1":
		return fromBytes(body, nil)
	case "windows-1252", "cp1252", "cp-1252", "x-cp1252":
		return fromBytes(body, &windows1252)
	default:
		return nil, errCharset
	}
}

// wide reports whether body is in UTF-16 or UTF-32: it begins with their byte order
// mark, or one of its first two characters, which are ASCII in JSON, has a byte of zero.
func wide(body []byte) bool {
	if len(body) < 2 {
		return false
	}
	return body[0] == 0xff && body[1] == 0xfe || body[0] == 0xfe && body[1] == 0xff || body[0] == 0 || body[1] == 0
}

// windows1252 holds the characters from 0x80 to 0x9f; the others are those of ISO 8859-1.
var windows1252 = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ',
}

// fromBytes decodes a charset of single bytes, that of ISO 8859-1 but for the
// controls from 0x80 on.
func fromBytes(body []byte, controls *[32]rune) ([]byte, error) {
	text := make([]byte, 0, len(body)+len(body)/8)
	for _, b := range body {
		r := rune(b)
		if controls != nil && b >= 0x80 && b < 0xa0 {
			if r = controls[b-0x80]; r == 0 {
				return nil, errNotUTF8
			}
		}
		text = utf8.AppendRune(text, r)
	}
	return text, nil
}

// loneSurrogate reports whether a \u escape of a JSON text is half of a pair, for
// which there is no character.
func loneSurrogate(text []byte) bool {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return false
		}
		text = text[i:]
		switch half := surrogate(text); {
		case half == 0:
			text = text[min(len(text), len(`\\`)):]
		case half == high && surrogate(text[len(`\ud800`):]) == low:
			text = text[len(`\ud800\udc00`):]
		default:
			return true
		}
	}
}

const (
	high = 1 + iota
	low
)

// surrogate returns which half of a pair the escape is at the beginning of text; 0 if none.
func surrogate(text []byte) int {
	if len(text) < len(`\ud800`) || text[0] != '\\' || text[1] != 'u' || text[2]|0x20 != 'd' {
		return 0
	}
	switch c := text[3] | 0x20; {
	case text[3] == '8' || text[3] == '9' || c == 'a' || c == 'b':
		return high
	case c >= 'c' && c <= 'f':
		return low
	}
	return 0
}
