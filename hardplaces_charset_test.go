package stackbe_test

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// wide returns text in UTF-16.
func wide(order binary.AppendByteOrder, text string) string {
	var wide []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		wide = order.AppendUint16(wide, unit)
	}
	return string(wide)
}

func serveText(t *testing.T, status int, contentType, body string) *stackbe.Client {
	t.Helper()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
	return newClient(t, server.URL)
}

// A character is read as the server sent it, or the response is refused.
func TestHardPlaceCharsets(t *testing.T) {
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
		"escapes":                                  {plain, `{"email":"jos\u00e9\ud83d\ude00\uD83D\uDE00\\ud800\u0000\u2028@acme.com"}`, "josé😀😀\\ud800\x00\u2028@acme.com"},
		"an escape of the replacement character":   {plain, `{"email":"\ufffd@acme.com"}`, "\ufffd@acme.com"},
	} {
		t.Run(name+" is read", func(t *testing.T) {
			application, err := serveText(t, 200, test.contentType, test.body).Affiliates.GetApplication(t.Context(), "app_1")
			require.NoError(t, err)
			assert.Equal(t, test.want, application.Email)
			var raw struct{ Email string }
			require.NoError(t, json.Unmarshal(application.Raw, &raw))
			assert.Equal(t, test.want, raw.Email)
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
		"a charset that is not read":                  {"application/json; charset=shift_jis", "{\"email\":\"\x83e\"}", "names a charset that is not read"},
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
		"half of a character in a name":               {plain, `{"email":"a@b.c","\ud83d":1}`, "half of a character"},
		"a byte of zero in a text":                    {plain, "{\"email\":\"a\x00b\"}", "invalid character"},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			client := serveText(t, 200, test.contentType, test.body)
			_, err := client.Affiliates.GetApplication(t.Context(), "app_1")
			require.ErrorIs(t, err, stackbe.ErrInvalidResponse)
			var e *stackbe.Error
			require.ErrorAs(t, err, &e)
			assert.Contains(t, e.Message, test.message)
			assert.Equal(t, test.body, string(e.Body), "as it was sent")
			assert.Equal(t, 200, e.StatusCode)
			assert.Equal(t, 1, e.Attempts)
		})
	}

	t.Run("a write whose response is refused is not retried, and says that it was carried out", func(t *testing.T) {
		client := serveText(t, 201, plain, "{\"id\":\"jos\xe9\"}")
		_, err := client.Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", IdempotencyKey: "k"})
		require.ErrorIs(t, err, stackbe.ErrInvalidResponse)
		var e *stackbe.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, 201, e.StatusCode)
		assert.Equal(t, 1, e.Attempts)
	})
}

func TestErrorsKeepTheirStatusInAnyCharset(t *testing.T) {
	for name, test := range map[string]struct{ contentType, body, message string }{
		"not UTF-8":         {"application/json", "{\"message\":\"caf\xe9\"}", "caf\ufffd"},
		"ISO 8859-1":        {"application/json; charset=iso-8859-1", "{\"message\":\"caf\xe9\"}", "café"},
		"Windows-1252":      {"application/json; charset=windows-1252", "{\"message\":\"5 \x80\"}", "5 €"},
		"half a character":  {"application/json", `{"message":"caf\ud800"}`, "caf\ufffd"},
		"a byte order mark": {"application/json", "\ufeff{\"message\":\"café\"}", "café"},
		"UTF-16":            {"application/json", wide(binary.LittleEndian, `{"message":"café"}`), "the response is not StackBE's JSON but 36 bytes of application/json"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := serveText(t, 409, test.contentType, test.body).Affiliates.Get(t.Context(), "cust_1")
			require.ErrorIs(t, err, stackbe.ErrConflict)
			assert.NotErrorIs(t, err, stackbe.ErrInvalidResponse)
			var e *stackbe.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, test.message, e.Message)
			assert.Equal(t, test.body, string(e.Body))
		})
	}
}
