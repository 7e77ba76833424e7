package webhooks_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/require"
)

// The headers' forms, written down a second time and in another way.
var (
	timestampedForm = regexp.MustCompile(`^t=(0|[1-9][0-9]{0,17})((?:,[a-z0-9]+=[^,]*){1,8})$`)
	bodyForm        = regexp.MustCompile(`^(?:sha256=)?([0-9a-f]{64})$`)
	standardForm    = regexp.MustCompile(`^[a-z0-9]+,[^ ]*(?: [a-z0-9]+,[^ ]*){0,7}$`)
	standardIDForm  = regexp.MustCompile(`^[!-\-/-z|}~]{1,255}$`)
	standardTime    = regexp.MustCompile(`^(0|[1-9][0-9]{0,17})$`)
)

// fuzzTolerance is so wide that changed timestamps are often within it.
const fuzzTolerance = 50 * 365 * 24 * time.Hour

// FuzzVerify gives the verifier headers in which "$" stands for the right signature, so
// that those of the right form verify. The empty header is none.
func FuzzVerify(f *testing.F) {
	f.Add("t=1700000000,v1=$", "", "", "", []byte(`{"event":"x"}`))
	f.Add("sha256=$", "", "", "", []byte(`{"event":"x"}`))
	f.Add("$", "", "", "", []byte(`{"event":"x"}`))
	f.Add("", "msg_1", "1700000000", "v1,$", []byte(`{"event":"x"}`))
	f.Fuzz(func(t *testing.T, own, id, timestamp, standard string, body []byte) {
		verifier := newVerifier(t, standardSecret, webhooks.WithTolerance(fuzzTolerance))
		header, want := signHeaders(own, id, timestamp, standard, body)
		err := verifier.Verify(header, body)
		require.Equal(t, want, err == nil, "%q: %v", header, err)
	})
}

// signHeaders puts the right signatures in, and reports whether the result should verify.
func signHeaders(own, id, timestamp, standard string, body []byte) (header http.Header, verifies bool) {
	header = make(http.Header)
	if own != "" {
		message := string(body)
		if form := timestampedForm.FindStringSubmatch(strings.ReplaceAll(own, "$", strings.Repeat("0", 64))); form != nil {
			message = form[1] + "." + message
		}
		digits := hexMAC(standardSecret, message)
		own = strings.ReplaceAll(own, "$", digits)
		header["X-Stackbe-Signature"] = []string{own}
		verifies = ownVerifies(own, digits)
	}
	if standard != "" {
		key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(standardSecret, "whsec_"))
		digits := base64.StdEncoding.EncodeToString(mac(string(key), id+"."+timestamp+"."+string(body)))
		standard = strings.ReplaceAll(standard, "$", digits)
		header["Webhook-Id"] = []string{id}
		header["Webhook-Timestamp"] = []string{timestamp}
		header["Webhook-Signature"] = []string{standard}
		verifies = own == "" && standardVerifies(id, timestamp, standard, digits)
	}
	return header, verifies && strings.HasPrefix(strings.TrimLeft(string(body), " \t\r\n"), "{")
}

func ownVerifies(value, digits string) bool {
	if len(value) > 1024 {
		return false
	}
	if form := bodyForm.FindStringSubmatch(value); form != nil {
		return form[1] == digits
	}
	form := timestampedForm.FindStringSubmatch(value)
	if form == nil || !inTime(form[1]) {
		return false
	}
	found := false
	for element := range strings.SplitSeq(form[2][1:], ",") {
		version, signature, _ := strings.Cut(element, "=")
		if version == "t" || version == "v1" && !lowerHex(signature) {
			return false
		}
		found = found || version == "v1" && signature == digits
	}
	return found
}

func inTime(timestamp string) bool {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	distance := max(seconds-signedAt.Unix(), signedAt.Unix()-seconds)
	return err == nil && distance <= int64(fuzzTolerance/time.Second)
}

func lowerHex(digits string) bool {
	sum, err := hex.DecodeString(digits)
	return err == nil && len(sum) == 32 && hex.EncodeToString(sum) == digits
}

func standardVerifies(id, timestamp, value, digits string) bool {
	if len(value) > 1024 || !standardIDForm.MatchString(id) || !standardForm.MatchString(value) {
		return false
	}
	if !standardTime.MatchString(timestamp) || !inTime(timestamp) {
		return false
	}
	found := false
	for element := range strings.SplitSeq(value, " ") {
		version, signature, _ := strings.Cut(element, ",")
		if version == "v1" && !canonicalBase64(signature) {
			return false
		}
		found = found || version == "v1" && signature == digits
	}
	return found
}

func canonicalBase64(digits string) bool {
	sum, err := base64.StdEncoding.DecodeString(digits)
	return err == nil && len(sum) == 32 && base64.StdEncoding.EncodeToString(sum) == digits
}

// FuzzParseEvent compares the strict reader with one on top of encoding/json: the same
// bodies are refused, and the same values read.
func FuzzParseEvent(f *testing.F) {
	f.Add(approvedBody)
	f.Add([]byte(`{"id":"evt_1","type":"x","timestamp":"2025-01-15T10:30:00Z","data":{"a":[1,-0.5e+7,"\ud83d\ude42",true,null]}}`))
	f.Add([]byte(generalBody(webhooks.EventSubscriptionCreated, subscriptionData)))
	f.Fuzz(func(t *testing.T, body []byte) {
		original := bytes.Clone(body)
		event, err := parse(t, string(body))
		want, ok := parseWithEncodingJSON(body)
		require.Equal(t, original, body, "the body was changed")
		if !ok {
			require.ErrorIs(t, err, webhooks.ErrMalformedEvent, "%q", body)
			return
		}
		require.NoError(t, err, "%q", body)
		if want.ID == "" {
			want.ID = hashID(string(body))
		}
		require.Equal(t, want.ID, event.ID)
		require.Equal(t, want.Type, event.Type)
		require.True(t, want.CreatedAt.Equal(event.CreatedAt))
		require.Equal(t, string(want.Data), string(event.Data))
		require.Equal(t, string(body), string(event.Raw))
	})
}

// parseWithEncodingJSON reports whether body should be taken, and as what.
func parseWithEncodingJSON(body []byte) (event webhooks.Event, ok bool) {
	if !utf8.Valid(body) || !json.Valid(body) || depth(body) > 100 {
		return event, false
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return event, false
	}
	fields := map[string]json.RawMessage{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return event, false
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return event, false
		}
		for _, known := range []string{"id", "type", "event", "timestamp", "data"} {
			key := token.(string)
			if !strings.EqualFold(key, known) {
				continue
			}
			if _, twice := fields[key]; twice || key != known {
				return event, false
			}
			fields[key] = value
		}
	}
	return eventOf(fields)
}

func eventOf(fields map[string]json.RawMessage) (event webhooks.Event, ok bool) {
	texts := map[string]string{}
	for _, name := range []string{"id", "type", "event"} {
		text, ok := nameIn(fields[name])
		if !ok {
			return event, false
		}
		texts[name] = text
	}
	if texts["type"] == "" && texts["event"] == "" || texts["type"] != "" && texts["event"] != "" && texts["type"] != texts["event"] {
		return event, false
	}
	event.ID, event.Type = texts["id"], webhooks.EventType(texts["type"]+texts["event"])
	if texts["type"] == texts["event"] {
		event.Type = webhooks.EventType(texts["type"])
	}
	var text string
	if json.Unmarshal(fields["timestamp"], &text) != nil || event.CreatedAt.UnmarshalText([]byte(text)) != nil {
		event.CreatedAt = time.Time{}
	}
	if data := fields["data"]; string(data) != "null" {
		event.Data = data
	}
	return event, true
}

func nameIn(raw json.RawMessage) (name string, ok bool) {
	if raw == nil || string(raw) == "null" {
		return "", true
	}
	if json.Unmarshal(raw, &name) != nil || name == "" || len(name) > 255 {
		return "", false
	}
	return name, !strings.ContainsFunc(name, func(c rune) bool {
		return unicode.In(c, unicode.Cc, unicode.Cf) || c == utf8.RuneError
	})
}

// depth is how deep valid JSON is nested.
func depth(body []byte) int {
	decoder := json.NewDecoder(bytes.NewReader(body))
	deepest, current := 0, 0
	for {
		token, err := decoder.Token()
		if err != nil {
			return deepest
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			current++
		case json.Delim('}'), json.Delim(']'):
			current--
		}
		deepest = max(deepest, current)
	}
}

// FuzzHandler delivers anything, signed or not. Whatever comes, the response is one of
// those documented and gives nothing away, and only what is signed has an effect, and
// that once.
func FuzzHandler(f *testing.F) {
	f.Add("POST", "t=1700000000,v1=00", false, approvedBody)
	f.Add("POST", "", true, approvedBody)
	f.Add("GET", "", true, approvedBody)
	f.Fuzz(func(t *testing.T, method, signature string, signed bool, body []byte) {
		effects := 0
		handler := newHandler(t, webhooks.OnApplicationApproved(func(_ context.Context, _ *webhooks.Event, approved webhooks.ApplicationApproved) error {
			effects++
			return nil
		}))
		var statuses [2]int
		for i := range statuses {
			request := httptest.NewRequest(http.MethodPost, "/", io.NopCloser(bytes.NewReader(body)))
			request.Method = method
			if signed {
				request.Header.Set("X-StackBE-Signature", "sha256="+hexMAC(standardSecret, string(body)))
			} else {
				request.Header.Set("X-StackBE-Signature", signature)
			}
			response := deliver(handler, request)
			statuses[i] = response.Code
			require.NotContains(t, response.Body.String(), hexMAC(standardSecret, string(body)))
		}
		require.Equal(t, statuses[0], statuses[1])
		require.LessOrEqual(t, effects, 1)
		switch status := statuses[0]; {
		case method != http.MethodPost:
			require.Equal(t, http.StatusMethodNotAllowed, status)
			require.Zero(t, effects)
		case !signed:
			require.Equal(t, http.StatusUnauthorized, status)
			require.Zero(t, effects)
		case effects == 1:
			require.Equal(t, http.StatusOK, status)
		default:
			require.Contains(t, []int{http.StatusNoContent, http.StatusBadRequest}, status)
		}
	})
}

// FuzzClaims is a day in the life of a MemoryClaims, an operation a byte, beside a model
// of it.
func FuzzClaims(f *testing.F) {
	f.Add([]byte{0, 1, 4, 0, 2, 0, 3, 3, 0, 1})
	f.Fuzz(func(t *testing.T, operations []byte) {
		const lease, retention = time.Minute, webhooks.MinRetention
		clock := newClock()
		claims := newMemory(t, webhooks.MemoryClaimsConfig{Capacity: 100, Retention: retention, Now: clock.Now})
		type state struct {
			token       string
			until, done time.Time
		}
		model := map[string]state{}
		for _, operation := range operations {
			id := string('a' + operation>>4%3)
			s, now := model[id], clock.Now()
			switch operation % 4 {
			case 0:
				token, err := claims.Claim(t.Context(), id, lease)
				switch {
				case now.Before(s.done.Add(retention)):
					require.ErrorIs(t, err, webhooks.ErrDone)
				case now.Before(s.until):
					require.ErrorIs(t, err, webhooks.ErrInFlight)
				default:
					require.NoError(t, err)
					model[id] = state{token: token, until: now.Add(lease)}
				}
			case 1:
				err := claims.Done(t.Context(), id, s.token)
				require.Equal(t, s.token != "", err == nil)
				if err == nil && s.done.IsZero() {
					model[id] = state{token: s.token, done: now}
				}
			case 2:
				err := claims.Release(t.Context(), id, s.token)
				require.Equal(t, s.token != "" && s.done.IsZero(), err == nil)
				if err == nil {
					delete(model, id)
				}
			case 3:
				steps := time.Duration(operation >> 4) // of 20 seconds, or beyond 7 of 4 hours
				clock.advance(min(steps, 7)*20*time.Second + max(steps-7, 0)*4*time.Hour)
			}
		}
	})
}
