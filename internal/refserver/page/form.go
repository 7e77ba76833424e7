package page

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// MaxForm is the size of the largest form, in bytes.
const MaxForm = 64 << 10

// ReadForm reads a form in the body of a request. It returns the problem to show if there is none,
// or if it is too large.
func ReadForm(w http.ResponseWriter, r *http.Request) (url.Values, *Problem) {
	if r.ContentLength == 0 {
		return url.Values{}, nil // a form of only a button
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return nil, &Problem{Status: http.StatusUnsupportedMediaType, Title: "This is not a form", Text: "Send the form from its page."}
	}
	r.Body = http.MaxBytesReader(w, r.Body, MaxForm)
	if err := r.ParseForm(); err != nil {
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			return nil, &Problem{Status: http.StatusRequestEntityTooLarge, Title: "The form is too large", Text: "A form may have 64 KiB. Shorten its texts."}
		}
		return nil, &Problem{Status: http.StatusBadRequest, Title: "The form could not be read", Text: "Send the form from its page again."}
	}
	return r.PostForm, nil
}

// Entered is the text of a field of a form as it was typed: without the spaces around it,
// and with the line breaks of a Unix text.
func Entered(form url.Values, name string) string {
	return strings.TrimSpace(strings.ReplaceAll(form.Get(name), "\r\n", "\n"))
}
