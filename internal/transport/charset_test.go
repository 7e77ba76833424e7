package transport_test

import (
	"encoding/binary"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// wide returns text in UTF-16.
func wide(order binary.AppendByteOrder, text string) string {
	var wide []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		wide = order.AppendUint16(wide, unit)
	}
	return string(wide)
}

func serveText(t *testing.T, status int, contentType, body string) *transport.Transport {
	t.Helper()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
	return newClient(t, server.URL)
}

// emailOf returns the field "email" of the client's response.
func emailOf(t *testing.T, client *transport.Transport) (string, error) {
	t.Helper()
	var out object
	err := client.Do(t.Context(), reading(&out))
	email, _ := out.fields["email"].(string)
	return email, err
}

// A character is read as the server sent it, or the response is refused.
func TestCharset(t *testing.T) {
	const plain = "application/json"
	for name, test := range map[string]struct{ contentType, body, want string }{
		"UTF-8":                  {plain, `{"email":"josé@acme.com"}`, "josé@acme.com"},
		"UTF-8 that is declared": {"application/json; charset=UTF-8", `{"email":"josé@acme.com"}`, "josé@acme.com"},
		"UTF-8 that is declared as something else": {"application/json; charset=iso-8859-1", `{"email":"josé@acme.com"}`, "josé@acme.com"},
		"UTF-8 of a charset that is not read":      {"application/json; charset=koi8-r", `{"email":"josé@acme.com"}`, "josé@acme.com"},
		"UTF-8 of a type that makes no sense":      {"json;;charset", `{"email":"josé@acme.com"}`, "josé@acme.com"},
		"UTF-8 with a byte order mark":             {plain, "\ufeff{\"email\":\"josé@acme.com\"}", "josé@acme.com"},
		"ASCII":                                    {"application/json; charset=us-ascii", `{"email":"jose@acme.com"}`, "jose@acme.com"},
		"ISO 8859-1":                               {"application/json; charset=ISO-8859-1", "{\"email\":\"jos\xe9\xff@acme.com\"}", "joséÿ@acme.com"},
		"ISO 8859-1 in quotes":                     {`application/json; charset="latin1"`, "{\"email\":\"jos\xe9@acme.com\"}", "josé@acme.com"},
		"Windows-1252":                             {"application/json; charset=windows-1252", "{\"email\":\"\x80\x9fjos\xe9@acme.com\"}", "€Ÿjosé@acme.com"},
		"escapes that only look like halves":       {plain, `{"email":"\tdc00\\dc00\nd800"}`, "\tdc00\\dc00\nd800"},
		"escapes":                                  {plain, `{"email":"jos\u00e9\ud83d\ude00\uD83D\uDE00\\ud800\u0000\u2028@acme.com"}`, "josé😀😀\\ud800\x00\u2028@acme.com"},
		"an escape of the replacement character":   {plain, `{"email":"\ufffd@acme.com"}`, "\ufffd@acme.com"},
	} {
		t.Run(name+" is read", func(t *testing.T) {
			out, err := emailOf(t, serveText(t, 200, test.contentType, test.body))
			require.NoError(t, err)
			assert.Equal(t, test.want, out)
		})
	}

	for name, test := range map[string]struct{ contentType, body, message string }{
		"a byte that is not UTF-8":                    {plain, "{\"email\":\"jos\xe9@acme.com\"}", "not valid UTF-8"},
		"a byte that is not the UTF-8 declared":       {"application/json; charset=utf-8", "{\"email\":\"jos\xe9@acme.com\"}", "not valid UTF-8"},
		"a byte that is not ASCII":                    {"application/json; charset=us-ascii", "{\"email\":\"jos\xe9@acme.com\"}", "not valid UTF-8"},
		"a byte that is not of Windows-1252":          {"application/json; charset=windows-1252", "{\"email\":\"jos\xe9\x81@acme.com\"}", "not valid UTF-8"},
		"a byte in a name":                            {plain, "{\"email\":\"a@b.c\",\"caf\xe9\":1}", "not valid UTF-8"},
		"a byte in a field that is not known":         {plain, "{\"email\":\"a@b.c\",\"more\":{\"x\":[\"\xe9\"]}}", "not valid UTF-8"},
		"half of a character in UTF-8":                {plain, "{\"email\":\"jos\xc3\"}", "not valid UTF-8"},
		"a surrogate in UTF-8":                        {plain, "{\"email\":\"\xed\xa0\x80\"}", "not valid UTF-8"},
		"an overlong form in UTF-8":                   {plain, "{\"email\":\"\xc0\xaf\"}", "not valid UTF-8"},
		"a charset that is not read":                  {"application/json; charset=shift_jis", "{\"email\":\"\x83e\"}", "names a charset that the SDK does not read"},
		"UTF-16 with a byte order mark":               {plain, wide(binary.LittleEndian, "\ufeff{\"email\":\"a@b.c\"}"), "UTF-16"},
		"UTF-16 with one in the other order":          {plain, wide(binary.BigEndian, "\ufeff{\"email\":\"a@b.c\"}"), "UTF-16"},
		"UTF-16 without one":                          {"application/json; charset=utf-16le", wide(binary.LittleEndian, `{"email":"a@b.c"}`), "UTF-16"},
		"UTF-16 without one, in the other order":      {plain, wide(binary.BigEndian, `{"email":"a@b.c"}`), "UTF-16"},
		"the first half of a character":               {plain, `{"email":"\ud83d@acme.com"}`, "half of a character"},
		"the first half at the end":                   {plain, `{"email":"\uD83D"}`, "half of a character"},
		"the first half before another escape":        {plain, `{"email":"\ud83d\u0041"}`, "half of a character"},
		"the first half twice":                        {plain, `{"email":"\ud83d\ud83d\ude00"}`, "half of a character"},
		"the second half":                             {plain, `{"email":"\ude00"}`, "half of a character"},
		"the second half after a character":           {plain, `{"email":"\ud83d\ude00\uDE00"}`, "half of a character"},
		"half of a character after an escaped escape": {plain, `{"email":"\\\ud83d"}`, "half of a character"},
		"the second half twice":                       {plain, `{"email":"\ude00\ude00"}`, "half of a character"},
		"the second half without its backslash":       {plain, `{"email":"\ud83dxude00"}`, "half of a character"},
		"the first half at the end of all":            {plain, `{"email":"\ud83d`, "half of a character"},
		"half of an escape at the end of all":         {plain, `{"email":"\ud8`, ""},
		"a backslash at the end of all":               {plain, `{"email":"\`, ""},
		"an escape that is not of hex":                {plain, `{"email":"\udg00"}`, "invalid character"},
		"a byte at the beginning, as of UTF-16":       {plain, "\xff{}", "not valid UTF-8"},
		"another byte at the beginning":               {plain, "\xfe{}", "not valid UTF-8"},
		"a byte after a brace, as of UTF-16":          {plain, "{\xfe}", "not valid UTF-8"},
		"another byte after a brace":                  {plain, "{\xff}", "not valid UTF-8"},
		"UTF-16 of one character":                     {plain, "7\x00", "UTF-16"},
		"half of a character in a name":               {plain, `{"email":"a@b.c","\ud83d":1}`, "half of a character"},
		"a byte of zero in a text":                    {plain, "{\"email\":\"a\x00b\"}", "invalid character"},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			client := serveText(t, 200, test.contentType, test.body)
			_, err := emailOf(t, client)
			require.ErrorIs(t, err, transport.ErrInvalidResponse)
			e := failureOf(t, err)
			assert.Contains(t, e.Cause.Error(), test.message)
			assert.Equal(t, test.body, string(e.Body), "as it was sent")
			assert.Equal(t, 200, e.StatusCode)
			assert.Equal(t, 1, e.Attempts)
		})
	}

	t.Run("a write whose response is refused is not retried, and its error has the status", func(t *testing.T) {
		client := serveText(t, 201, plain, "{\"id\":\"jos\xe9\"}")
		err := write(client, t.Context(), "k")
		require.ErrorIs(t, err, transport.ErrInvalidResponse)
		e := failureOf(t, err)
		assert.Equal(t, 201, e.StatusCode)
		assert.Equal(t, 1, e.Attempts)
	})
}

// ofBytes is a response with each of these bytes in a string, and what it is in UTF-8.
func ofBytes(from, to int, upper map[int]rune) (body, want string) {
	var sent []byte
	for b := from; b <= to; b++ {
		r, ok := upper[b]
		if !ok {
			r = rune(b)
		}
		if r < 0 {
			continue // not a character
		}
		sent = append(sent, byte(b))
		want += string(r)
	}
	return `{"email":"` + string(sent) + `"}`, want
}

// windows1252 are the code points that differ from those of ISO 8859-1, and -1 for none.
var windows1252 = map[int]rune{
	0x80: 0x20ac, 0x81: -1, 0x82: 0x201a, 0x83: 0x0192, 0x84: 0x201e, 0x85: 0x2026, 0x86: 0x2020, 0x87: 0x2021,
	0x88: 0x02c6, 0x89: 0x2030, 0x8a: 0x0160, 0x8b: 0x2039, 0x8c: 0x0152, 0x8d: -1, 0x8e: 0x017d, 0x8f: -1,
	0x90: -1, 0x91: 0x2018, 0x92: 0x2019, 0x93: 0x201c, 0x94: 0x201d, 0x95: 0x2022, 0x96: 0x2013, 0x97: 0x2014,
	0x98: 0x02dc, 0x99: 0x2122, 0x9a: 0x0161, 0x9b: 0x203a, 0x9c: 0x0153, 0x9d: -1, 0x9e: 0x017e, 0x9f: 0x0178,
}

func TestCharsetReadsEachByte(t *testing.T) {
	for charset, upper := range map[string]map[int]rune{
		"iso-8859-1": nil, "iso8859-1": nil, "iso_8859-1": nil, "latin1": nil, "latin-1": nil, "l1": nil,
		"windows-1252": windows1252, "cp1252": windows1252, "cp-1252": windows1252, "x-cp1252": windows1252,
	} {
		t.Run(charset, func(t *testing.T) {
			body, want := ofBytes('~', 0xff, upper)
			out, err := emailOf(t, serveText(t, 200, "application/json; charset="+charset, body))
			require.NoError(t, err)
			assert.Equal(t, want, out)
		})
	}
	for b, r := range windows1252 {
		if r < 0 {
			_, err := emailOf(t, serveText(t, 200, "application/json; charset=cp1252", `{"email":"`+string([]byte{byte(b)})+`"}`))
			assert.ErrorContains(t, err, "not valid UTF-8", "%x", b)
		}
	}
	for _, charset := range []string{"utf-8", "utf8", "us-ascii", "ascii", `""`} {
		_, err := emailOf(t, serveText(t, 200, "application/json; charset="+charset, "{\"email\":\"\xe9\"}"))
		assert.ErrorContains(t, err, "names no other charset", charset)
	}
	t.Run("a name that is too long is not read", func(t *testing.T) {
		for length, want := range map[int]string{255: "é", 256: ""} {
			const begin, end = "application/json; x=", "; charset=latin1"
			kind := begin + strings.Repeat("x", length-len(begin+end)) + end
			out, err := emailOf(t, serveText(t, 200, kind, "{\"email\":\"\xe9\"}"))
			if want == "" {
				assert.ErrorContains(t, err, "not valid UTF-8")
				continue
			}
			require.NoError(t, err)
			assert.Equal(t, want, out)
		}
	})
}

func TestLoneSurrogateIsRefused(t *testing.T) {
	read := func(text string) (string, error) {
		return emailOf(t, serveText(t, 200, "application/json", `{"email":"`+text+`"}`))
	}
	for _, c := range "01234567" {
		got, err := read(`\ud` + string(c) + "0f") // Hangul, and no half
		require.NoError(t, err, "%c", c)
		assert.Len(t, []rune(got), 1)
	}
	for _, high := range "89abAB" {
		for _, low := range "cdefCDEF" {
			got, err := read(`\ud` + string(high) + `00\uD` + string(low) + "0f")
			require.NoError(t, err, "%c %c", high, low)
			assert.Len(t, []rune(got), 1)
			_, err = read(`\ud` + string(low) + `00`)
			assert.ErrorContains(t, err, "half of a character", "%c", low)
		}
		_, err := read(`\ud` + string(high) + `00`)
		assert.ErrorContains(t, err, "half of a character", "%c", high)
	}
}
