package stackbe

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"

	"github.com/stackbe/stackbe-go/internal/transport"
)

// errorBody is StackBE's {"statusCode", "code", "message", "error"}, where message
// is a string, or an array of them after a failed validation.
type errorBody struct {
	kind    string
	code    string
	message string
	details []string // nil where message is a string
}

const (
	maxParsed  = 64 << 10 // bytes of an error's body
	maxDetails = 1000
)

// readErrorBody reads data as StackBE's error body, and reports whether it may be
// one. Of a body longer than maxParsed it reads the beginning.
func readErrorBody(data []byte, contentType string) (errorBody, bool) {
	whole := len(data) <= maxParsed
	data = data[:min(len(data), maxParsed)]
	if text, err := transport.UTF8(data, contentType); err == nil {
		data = text // otherwise what is legible is better than nothing
	}
	if whole && !json.Valid(data) {
		return errorBody{}, false
	}
	r := errorReader{json.NewDecoder(bytes.NewReader(data)), data}
	if start, _ := r.decoder.Token(); start != json.Delim('{') {
		return errorBody{}, false
	}
	var body errorBody
	err := r.fields(&body)
	cutOff := err == io.EOF || err == io.ErrUnexpectedEOF
	return body, err == nil || cutOff || body.kind != "" || body.code != "" || body.message != "" || body.details != nil
}

// errorReader reads JSON whose end may be missing.
type errorReader struct {
	decoder *json.Decoder
	data    []byte
}

func (r errorReader) fields(body *errorBody) error {
	for r.decoder.More() {
		name, err := r.decoder.Token()
		if err != nil {
			return err
		}
		switch field, _ := name.(string); {
		case strings.EqualFold(field, "message"):
			body.message, body.details, err = r.messages()
		case strings.EqualFold(field, "error"):
			body.kind, err = r.text()
		case strings.EqualFold(field, "code"):
			if body.code, err = r.text(); err != nil {
				body.code = "" // its beginning would be another code
			}
		default:
			err = r.skip()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// messages reads a string, or an array of strings, and passes over anything else.
func (r errorReader) messages() (string, []string, error) {
	if !r.next('[') {
		message, err := r.text()
		return message, nil, err
	}
	if _, err := r.decoder.Token(); err != nil {
		return "", nil, err
	}
	details := []string{}
	for r.decoder.More() {
		isText := r.next('"')
		detail, err := r.text()
		if isText && len(details) < maxDetails {
			details = append(details, detail)
		}
		if err != nil {
			return "", details, err
		}
	}
	_, err := r.decoder.Token()
	return "", details, err
}

// text reads a string, as far as it goes; anything else is "".
func (r errorReader) text() (string, error) {
	if !r.next('"') {
		return "", r.skip()
	}
	beginning := r.ahead()
	var text string
	err := r.decoder.Decode(&text)
	if err == io.ErrUnexpectedEOF {
		text = prefix(beginning)
	}
	return text, err
}

func (r errorReader) skip() error {
	var skipped json.RawMessage
	return r.decoder.Decode(&skipped)
}

func (r errorReader) next(c byte) bool {
	ahead := r.ahead()
	return len(ahead) > 0 && ahead[0] == c
}

// ahead returns the data from the next value on.
func (r errorReader) ahead() []byte {
	return bytes.TrimLeft(r.data[r.decoder.InputOffset():], " \t\r\n:,")
}

// prefix decodes a string whose end is missing: a few bytes of it may be half an escape.
func prefix(quoted []byte) string {
	const longest = len(`\ud83d\ude0`)
	var text string
	for n := range min(len(quoted), longest+1) {
		whole := append(bytes.Clone(quoted[:len(quoted)-n]), '"')
		if json.Unmarshal(whole, &text) == nil {
			break
		}
	}
	return text
}
