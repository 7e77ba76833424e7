package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A recorder is the transport of requests, and judges what must hold for every response. It is
// safe for concurrent use.
type recorder struct {
	next            http.RoundTripper // http.DefaultTransport if nil
	requestIDHeader string

	mu       sync.Mutex
	count    int
	lastPath string
	judgment
}

// A judgment lists the problems of responses.
type judgment struct {
	withoutRequestID   []string
	withoutRateLimit   []string
	misdated           []string
	undocumentedErrors []string
	withoutCode        []string
	requestIDs         map[string]int
}

// RoundTrip sends the request and looks at the response.
func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	next := r.next
	if next == nil {
		next = http.DefaultTransport
	}
	response, err := next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close() // it is read to its end, or broken
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	r.record(request, response, body)
	return response, nil
}

func (r *recorder) record(request *http.Request, response *http.Response, body []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()

	r.count++
	r.lastPath = request.URL.EscapedPath()
	what := fmt.Sprintf("%s %s: %d", request.Method, request.URL.EscapedPath(), response.StatusCode)
	if id := response.Header.Get(r.requestIDHeader); id == "" {
		r.withoutRequestID = append(r.withoutRequestID, what)
	} else {
		r.requestIDs = counted(r.requestIDs, id)
	}
	if problem := rateLimitProblem(response.Header); problem != "" {
		r.withoutRateLimit = append(r.withoutRateLimit, what+": "+problem)
	}
	// A 429 may come from a limiter in front of the server, which has another
	// clock.
	if problem := dateProblem(response.Header); problem != "" && response.StatusCode != http.StatusTooManyRequests {
		r.misdated = append(r.misdated, what+": "+problem)
	}
	if response.StatusCode < http.StatusBadRequest || strings.Contains(request.URL.Path, "/portal/") {
		return
	}
	if problem := errorProblem(response, body); problem != "" {
		r.undocumentedErrors = append(r.undocumentedErrors, what+": "+problem)
	}
	// As for the date.
	if problem := codeProblem(body); problem != "" && response.StatusCode != http.StatusTooManyRequests {
		r.withoutCode = append(r.withoutCode, what+": "+problem)
	}
}

func counted(counts map[string]int, of string) map[string]int {
	if counts == nil {
		counts = map[string]int{}
	}
	counts[of]++
	return counts
}

// judged returns the problems of the responses so far.
func (r *recorder) judged() judgment {
	r.mu.Lock()
	defer r.mu.Unlock()
	return judgment{
		withoutRequestID:   slices.Clone(r.withoutRequestID),
		withoutRateLimit:   slices.Clone(r.withoutRateLimit),
		misdated:           slices.Clone(r.misdated),
		undocumentedErrors: slices.Clone(r.undocumentedErrors),
		withoutCode:        slices.Clone(r.withoutCode),
		requestIDs:         maps.Clone(r.requestIDs),
	}
}

// requests is how many have got a response.
func (r *recorder) requests() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}

// path is that of the last request, as sent.
func (r *recorder) path() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lastPath
}

func rateLimitProblem(header http.Header) string {
	limit, limitErr := strconv.Atoi(header.Get("X-RateLimit-Limit"))
	remaining, remainingErr := strconv.Atoi(header.Get("X-RateLimit-Remaining"))
	reset, resetErr := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64)
	switch {
	case limitErr != nil || limit < 1:
		return "X-RateLimit-Limit is not a positive number"
	case remainingErr != nil || remaining < 0 || remaining > limit:
		return "X-RateLimit-Remaining is not a number from 0 to the limit"
	case resetErr != nil || reset < 1:
		return "X-RateLimit-Reset is not in Unix seconds"
	}
	return ""
}

// dateProblem says why Date is not in the minute that X-RateLimit-Reset ends; "" if it
// is.
func dateProblem(header http.Header) string {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return "Date is not an HTTP date"
	}
	reset, err := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64)
	if left := reset - date.Unix(); err != nil || left < -1 || left > 61 {
		return fmt.Sprintf("X-RateLimit-Reset is %d seconds after Date", left)
	}
	return ""
}

// errorProblem says why a response is not {"statusCode", "message", "error"}; "" if it
// is.
func errorProblem(response *http.Response, body []byte) string {
	if mediaType, _, err := mime.ParseMediaType(response.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		return "the Content-Type is not application/json"
	}
	var fields struct {
		StatusCode int             `json:"statusCode"`
		Message    json.RawMessage `json:"message"`
		Error      string          `json:"error"`
	}
	if err := json.Unmarshal(body, &fields); err != nil {
		return "the body is not a JSON object with statusCode and error"
	}
	if fields.StatusCode != response.StatusCode {
		return fmt.Sprintf("statusCode is %d", fields.StatusCode)
	}
	if fields.Error == "" {
		return "error is empty"
	}
	return messageProblem(fields.Message)
}

var codePattern = regexp.MustCompile(`^[A-Z]+(_[A-Z]+)*$`)

// codeProblem says why an error has no valid code; "" if it has one.
func codeProblem(body []byte) string {
	var fields struct {
		Code string `json:"code"`
	}
	if err := json.Unmarshal(body, &fields); err != nil || !codePattern.MatchString(fields.Code) {
		return "code is not a text in capitals, with underscores between words"
	}
	return ""
}

func messageProblem(raw json.RawMessage) string {
	var one string
	if err := json.Unmarshal(raw, &one); err == nil && one != "" {
		return ""
	}
	var several []string
	if err := json.Unmarshal(raw, &several); err != nil || len(several) == 0 {
		return "message is neither a text nor an array of texts"
	}
	for _, message := range several {
		if message == "" {
			return "message holds an empty text"
		}
	}
	return ""
}
