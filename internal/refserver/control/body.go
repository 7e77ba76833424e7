package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/stackbe/stackbe-go/internal/refserver/api"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

// maxBody is enough for a snapshot of a million records.
const maxBody = 1 << 30

func invalid(field, text string) error {
	return &program.Invalid{Problems: []program.Problem{{Field: field, Text: text}}}
}

// checkJSON returns an error unless the body is declared as JSON: a form of a page cannot be.
func checkJSON(r *http.Request) error {
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		return &refusal{api.CodeUnsupportedMediaType, "The body must be JSON, with Content-Type: application/json"}
	}
	return nil
}

// decode reads the body, a JSON object with the fields of a struct and no others.
func decode[T any](r *http.Request) (T, error) {
	var read T
	if err := checkJSON(r); err != nil {
		return read, err
	}
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&read); err != nil {
		return read, malformed(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return read, &refusal{api.CodeBadRequest, "The body must be a single JSON object"}
	}
	return read, nil
}

// forms are those of fields that are easily taken for another type.
var forms = map[string]string{
	"header": `must be an object of arrays of strings, such as {"Retry-After": ["2"]}`,
	"delay":  `must be a string, such as "2s"`,
}

// malformed says what is wrong with a body.
func malformed(err error) error {
	var (
		tooLarge *http.MaxBytesError
		of       *json.UnmarshalTypeError
	)
	unknown, isUnknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	switch {
	case errors.As(err, &tooLarge):
		return &refusal{api.CodePayloadTooLarge, fmt.Sprintf("The body must not be larger than %d bytes", tooLarge.Limit)}
	case errors.Is(err, io.EOF):
		return &refusal{api.CodeBadRequest, "The body is empty; send {} where there are no fields to send"}
	case isUnknown:
		return &program.Invalid{Problems: []program.Problem{{Kind: program.ProblemUnknown, Field: cut(strings.Trim(unknown, `"`)), Text: "should not exist"}}}
	case errors.As(err, &of) && forms[of.Field] != "":
		return invalid(of.Field, forms[of.Field])
	case errors.As(err, &of) && of.Field != "":
		return invalid(of.Field, "must not be a "+of.Value)
	case errors.As(err, &of):
		return &refusal{api.CodeBadRequest, "The body must be a JSON object"}
	}
	return &refusal{api.CodeBadRequest, "The body is not valid JSON of this form: " + cut(err.Error())}
}

// cut shortens a text that the caller has chosen.
func cut(text string) string {
	const longest = 200
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + "…"
}
