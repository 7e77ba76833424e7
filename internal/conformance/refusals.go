package conformance

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
)

var refusalCases = []testCase{
	{"an unknown path is not found", documented, needKey, anUnknownPath},
	{"OPTIONS of the whole server is an unknown path", contract, needControl, optionsOfTheServer},
	{"a method that a path does not have is named, with those that it has", contract, needKey | needAdmin, aWrongMethod},
	{"an unknown query parameter is refused", contract, 0, anUnknownParameter},
	{"an unknown field is refused", contract, 0, anUnknownField},
	{"a field under a name in another case is refused", contract, needKey, aFieldInAnotherCase},
	{"a field that is given twice is refused", contract, needKey, aFieldTwice},
	{"a body that is not a JSON object is refused", contract, 0, notAnObject},
	{"a body of another type is refused", contract, 0, aBodyOfAnotherType},
	{"a JSON body may name its charset", contract, needKey, aBodyWithCharset},
	{"a body of more than 1 MiB is refused, and one of 1 MiB is not", contract, 0, anOversizeBody},
	{"a body of more than 1 MiB is refused where money is paid out", contract, needKey | needAdmin | needChange | alone, anOversizeBodyOfAPayout},
	{"the response to bad input is short, whatever the size of the input", contract, 0, aRefusalIsShort},
	{"problems are listed up to 20, and then counted", contract, needAdmin | needChange, problemsAreCounted},
	{"a query of more than 8 KiB is refused, and one of 8 KiB is not", contract, needKey, anOversizeQuery},
	{"a refused request changes nothing", contract, needKey, aRefusedRequestChangesNothing},
}

func anUnknownPath(t *testing.T, s *suite) {
	for _, path := range []string{
		"/", "/v1", "/v1/affiliate/nothing", before(s.contract.AffiliateByCustomerPath), strings.TrimSuffix(before(s.contract.AffiliateByCustomerPath), "/"),
		s.contract.ApplyPath + "/", strings.ToUpper(s.contract.ApplyPath),
	} {
		s.requireRefused(t, http.StatusNotFound, stackbe.CodeNotFound, s.send(t, s.get(path, s.asKey(s.target.APIKey))))
	}
}

// optionsOfTheServer is for servers without a proxy in front.
func optionsOfTheServer(t *testing.T, s *suite) {
	s.requireRefused(t, http.StatusNotFound, stackbe.CodeNotFound, s.send(t, request{method: http.MethodOptions, path: wholeServer}))
}

func aWrongMethod(t *testing.T, s *suite) {
	allowed := map[string][]string{}
	for _, e := range s.endpoints() {
		allowed[e.path] = append(allowed[e.path], e.method)
	}
	allowed["/openapi.yaml"] = []string{http.MethodGet}
	const link = accountPath + "/users/link"
	allowed[link] = append(allowed[link], http.MethodGet) // of a user with that id
	for path, methods := range allowed {
		for _, wrong := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if slices.Contains(methods, wrong) {
				continue
			}
			got := s.send(t, request{method: wrong, path: fill(path, s.target.AppID, "conformance-nothing"), credential: s.asKey(s.target.APIKey)})
			s.requireRefused(t, http.StatusMethodNotAllowed, stackbe.CodeMethodNotAllowed, got)
			named := strings.Split(got.header.Get("Allow"), ", ")
			assert.Subset(t, named, methods, "Allow of %s %s", wrong, path)
			assert.NotContains(t, named, wrong)
		}
	}
}

func anUnknownParameter(t *testing.T, s *suite) {
	s.forEach(t, every, func(t *testing.T, e endpoint) {
		request := s.validRequest(t, e)
		separator := "?"
		if strings.Contains(request.path, "?") {
			separator = "&"
		}
		request.path += separator + "color=green"
		s.requireProblems(t, stackbe.CodeValidationError, s.send(t, request), "color")
	})
}

func anUnknownField(t *testing.T, s *suite) {
	s.forEach(t, endpoint.writes, func(t *testing.T, e endpoint) {
		request := s.validRequest(t, e)
		fields := response{body: []byte(request.body)}.object(t)
		fields["color"] = "green"
		request.body = encode(t, fields)
		s.requireProblems(t, stackbe.CodeValidationError, s.send(t, request), "color")
	})
}

func aFieldInAnotherCase(t *testing.T, s *suite) {
	s.requireProblems(t, stackbe.CodeValidationError, s.applyByHand(t, map[string]any{"email": newEmail(), "name": testName, "Company": "Acme"}), "Company")
}

func aFieldTwice(t *testing.T, s *suite) {
	got := s.send(t, request{
		method:     http.MethodPost,
		path:       s.contract.ApplyPath,
		credential: s.asKey(s.target.APIKey),
		body:       `{"email": "` + newEmail() + `", "name": "one", "name": "two"}`,
	})
	s.requireRefused(t, http.StatusBadRequest, stackbe.CodeValidationError, got)
}

func notAnObject(t *testing.T, s *suite) {
	s.forEach(t, endpoint.writes, func(t *testing.T, e endpoint) {
		request := s.validRequest(t, e)
		valid := request.body
		for _, body := range []string{"{", "[]", "null", `"text"`, "\xff", "not json", valid + "{}", " "} {
			request.body = body
			s.requireRefused(t, http.StatusBadRequest, stackbe.CodeBadRequest, s.send(t, request))
		}
	})
}

func aBodyOfAnotherType(t *testing.T, s *suite) {
	s.forEach(t, endpoint.writes, func(t *testing.T, e endpoint) {
		request := s.validRequest(t, e)
		for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"} {
			request.header = map[string]string{"Content-Type": contentType}
			s.requireRefused(t, http.StatusUnsupportedMediaType, stackbe.CodeUnsupportedMediaType, s.send(t, request))
		}
	})
}

func aBodyWithCharset(t *testing.T, s *suite) {
	request := s.validRequest(t, endpoint{method: http.MethodPost, path: s.contract.ApplyPath, kind: key})
	request.header = map[string]string{"Content-Type": "application/json; charset=utf-8"}
	requireStatus(t, http.StatusCreated, s.send(t, request))
}

const maxBody = 1 << 20

func anOversizeBody(t *testing.T, s *suite) { oversizeBodies(t, s, endpoint.writesNow) }

func anOversizeBodyOfAPayout(t *testing.T, s *suite) {
	oversizeBodies(t, s.withoutHolding(t), endpoint.paysOut)
}

func oversizeBodies(t *testing.T, s *suite, suits func(endpoint) bool) {
	s.forEach(t, suits, func(t *testing.T, e endpoint) {
		request := s.validRequest(t, e)
		request.body += strings.Repeat(" ", maxBody-len(request.body))
		oversize := request
		oversize.body += " "
		s.requireRefused(t, http.StatusRequestEntityTooLarge, stackbe.CodePayloadTooLarge, s.send(t, oversize))
		assert.Less(t, s.send(t, request).status, http.StatusBadRequest)
	})
}

const maxRefusal = 8 << 10

func aRefusalIsShort(t *testing.T, s *suite) {
	filled := func(begin, part, end string) string {
		return begin + strings.Repeat(part, (maxBody/8-len(begin)-len(end))/len(part)) + end
	}
	s.forEach(t, endpoint.writes, func(t *testing.T, e endpoint) {
		request := s.validRequest(t, e)
		for _, body := range []string{
			filled(`{"levels": [`, `{},`, `{}]}`),
			filled(`{"levels": `, `[`, ``),
			filled(`{`, `"color": 1,`, `"color": 1}`),
			filled(`{"`, `\u0001`, `": 1}`),
			`{` + strings.Repeat(`"`+strings.Repeat("<", 2_000)+`": 1,`, 49) + `"x": 1}`,
			filled(`{"holdingPeriodDays": 1`, `0`, `}`),
			filled(`{"email": "`, `e`, `"}`),
		} {
			request.body = body
			got := s.send(t, request)
			requireStatus(t, http.StatusBadRequest, got)
			assert.LessOrEqual(t, len(got.body), maxRefusal, "%.40s…", body)
		}
	})
}

func problemsAreCounted(t *testing.T, s *suite) {
	fields := map[string]any{}
	for i := range 30 {
		fields["color"+strconv.Itoa(i)] = "green"
	}
	got := s.patchSettings(t, encode(t, fields))
	s.requireRefused(t, http.StatusBadRequest, stackbe.CodeValidationError, got)
	messages, ok := got.object(t)["message"].([]any)
	require.True(t, ok, "%s", got.body)
	require.Len(t, messages, 21)
	assert.Contains(t, messages[20], "10 more")
}

func anOversizeQuery(t *testing.T, s *suite) {
	longest := s.contract.ApplicationStatusPath + "?email=" + strings.Repeat("x", 8<<10-len("email="))
	s.requireProblems(t, stackbe.CodeInvalidEmail, s.send(t, s.get(longest, s.asKey(s.target.APIKey))), "email")
	got := s.send(t, s.get(longest+"x", s.asKey(s.target.APIKey)))
	s.requireRefused(t, http.StatusBadRequest, stackbe.CodeBadRequest, got)
	assert.Contains(t, string(got.body), "8 KiB")
}

func aRefusedRequestChangesNothing(t *testing.T, s *suite) {
	email := newEmail()
	s.requireRefused(t, http.StatusBadRequest, stackbe.CodeMissingRequiredField, s.applyByHand(t, map[string]any{"email": email, "name": ""}))
	s.requireRefused(t, http.StatusBadRequest, stackbe.CodeValidationError, s.applyByHand(t, map[string]any{"email": email, "name": testName, "color": "green"}))
	assert.False(t, s.status(t, email).Applied)
}
