package stackbe_test

import (
	"unicode/utf16"

	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
)

// wide returns text in UTF-16.
func wide(order binary.AppendByteOrder, text string) string {
	var wide []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		wide = order.AppendUint16(wide, unit)
	}
	return string(wide)
}

func TestErrorKeepsItsStatusInAnyCharset(t *testing.T) {
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
