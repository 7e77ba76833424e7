package webhooks_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// parse signs the body and parses it.
func parse(t testing.TB, body string) (*webhooks.Event, error) {
	t.Helper()
	header := http.Header{"X-Stackbe-Signature": {"sha256=" + hexMAC(standardSecret, body)}}
	return newVerifier(t, standardSecret).ParseEvent(header, slices.Clip([]byte(body))) // nothing is behind it
}

func mustParse(t testing.TB, body string) *webhooks.Event {
	t.Helper()
	event, err := parse(t, body)
	require.NoError(t, err)
	return event
}

func hashID(body string) string {
	sum := sha256.Sum256([]byte(body))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func TestEventTypesAreThoseOfStackBE(t *testing.T) {
	assert.Equal(t, []webhooks.EventType{
		"partner_application_approved", "partner_application_rejected",
		"subscription.created", "subscription.updated", "subscription.canceled", "subscription.paused", "subscription.resumed",
		"customer.created", "customer.updated", "payment.succeeded", "payment.failed", "entitlements.updated",
	}, []webhooks.EventType{
		webhooks.EventApplicationApproved, webhooks.EventApplicationRejected,
		webhooks.EventSubscriptionCreated, webhooks.EventSubscriptionUpdated, webhooks.EventSubscriptionCanceled,
		webhooks.EventSubscriptionPaused, webhooks.EventSubscriptionResumed,
		webhooks.EventCustomerCreated, webhooks.EventCustomerUpdated,
		webhooks.EventPaymentSucceeded, webhooks.EventPaymentFailed, webhooks.EventEntitlementsUpdated,
	})
}

func TestParseEventReadsBothEnvelopes(t *testing.T) {
	t.Run("the general envelope", func(t *testing.T) {
		const body = `{"id":"evt_abc123","type":"subscription.created","timestamp":"2025-01-15T10:30:00Z","data":{"customer_id":"cust_123"}}`
		event := mustParse(t, body)
		assert.Equal(t, "evt_abc123", event.ID)
		assert.Equal(t, webhooks.EventSubscriptionCreated, event.Type)
		assert.Equal(t, time.Date(2025, 1, 15, 10, 30, 0, 0, time.UTC), event.CreatedAt)
		assert.Equal(t, `{"customer_id":"cust_123"}`, string(event.Data))
		assert.Equal(t, body, string(event.Raw))
	})
	t.Run("the envelope of the partner program", func(t *testing.T) {
		event := mustParse(t, string(approvedBody))
		assert.Equal(t, hashID(string(approvedBody)), event.ID)
		assert.Equal(t, webhooks.EventApplicationApproved, event.Type)
		assert.Zero(t, event.CreatedAt)
	})
	t.Run("a mixture", func(t *testing.T) {
		event := mustParse(t, `{"data":null,"timestamp":"2025-01-15T10:30:00.123+02:00","event":"x","id":"1","type":"x"}`)
		assert.Equal(t, "1", event.ID)
		assert.Equal(t, webhooks.EventType("x"), event.Type)
		assert.True(t, time.Date(2025, 1, 15, 8, 30, 0, 123e6, time.UTC).Equal(event.CreatedAt))
		assert.Nil(t, event.Data)
	})
	t.Run("with fields that are null", func(t *testing.T) {
		const body = `{"id":null,"event":null,"type":"x","timestamp":null}`
		event := mustParse(t, body)
		assert.Equal(t, hashID(body), event.ID)
		assert.Zero(t, event.CreatedAt)
		assert.Nil(t, event.Data)
	})
	t.Run("with fields and a type that are not known", func(t *testing.T) {
		event := mustParse(t, `{"type":"badge.printed","api_version":2,"":[],"i":0,"ids":["a"],"data":[1,{"x":"\u00e9\ud83d"}]}`)
		assert.Equal(t, webhooks.EventType("badge.printed"), event.Type)
		assert.Equal(t, `[1,{"x":"\u00e9\ud83d"}]`, string(event.Data))
	})
	t.Run("with escapes in keys and values", func(t *testing.T) {
		event := mustParse(t, `{"\u0069d":"evt_\u00e9\/","t\u0079pe":"a\u002eb","timest\u0061mp":"2025-01-15T10:30:00\u005a"}`)
		assert.Equal(t, "evt_é/", event.ID)
		assert.Equal(t, webhooks.EventType("a.b"), event.Type)
		assert.Equal(t, time.Date(2025, 1, 15, 10, 30, 0, 0, time.UTC), event.CreatedAt)
	})
	t.Run("with numbers of every form", func(t *testing.T) {
		const numbers = `[0,-0,10,-12,0.5,-0.05,1e7,1E7,1e+7,1e-7,-1.50E-07,123456789012345678901234567890,0e0]`
		assert.Equal(t, numbers, string(mustParse(t, `{"type":"x","data":`+numbers+`}`).Data))
	})
	t.Run("with literals of every kind", func(t *testing.T) {
		const literals = `[true,false,null,{"a":false}]`
		assert.Equal(t, literals, string(mustParse(t, `{"data":`+literals+`,"type":"x"}`).Data))
	})
	t.Run("with white space wherever it may be", func(t *testing.T) {
		event := mustParse(t, " {\n\t\"type\" :\r\"x\" , \"data\" : [ 1 , { } , [ ] ] } \n")
		assert.Equal(t, webhooks.EventType("x"), event.Type)
		assert.Equal(t, `[ 1 , { } , [ ] ]`, string(event.Data))
	})
}

func TestParseEventIsStrict(t *testing.T) {
	for name, test := range map[string]struct{ body, problem string }{
		"an empty object":                         {`{}`, "neither event nor type"},
		"two ids":                                 {`{"id":"a","type":"x","id":"a"}`, "occurs twice"},
		"two ids, one null":                       {`{"id":null,"type":"x","id":"a"}`, "occurs twice"},
		"two ids, one escaped":                    {`{"id":"a","type":"x","\u0069d":"b"}`, "occurs twice"},
		"two data":                                {`{"type":"x","data":{},"data":{}}`, "occurs twice"},
		"an id in upper case":                     {`{"type":"x","ID":"a"}`, "letter case"},
		"an id in both cases":                     {`{"type":"x","id":"a","Id":"b"}`, "letter case"},
		"a type in title case":                    {`{"Type":"x"}`, "letter case"},
		"data in upper case":                      {`{"type":"x","DATA":{}}`, "letter case"},
		"an escaped key in upper case":            {`{"type":"x","\u0049d":"a"}`, "letter case"},
		"a letter that folds to one of the key's": {`{"type":"x","time\u017ftamp":"a"}`, "letter case"},
		"the same, unescaped":                     {`{"type":"x","timeſtamp":"a"}`, "letter case"},
		"types that differ":                       {`{"type":"x","event":"y"}`, "event and type differ"},
		"an empty type":                           {`{"type":""}`, "type is empty"},
		"an empty event":                          {`{"event":"","type":"x"}`, "event is empty"},
		"an empty id":                             {`{"id":"","type":"x"}`, "id is empty"},
		"types that are null":                     {`{"type":null,"event":null}`, "neither event nor type"},
		"a type that is a number":                 {`{"type":1}`, "type is not a string"},
		"an id that is a number":                  {`{"id":1,"type":"x"}`, "id is not a string"},
		"an id that is an object":                 {`{"id":{},"type":"x"}`, "id is not a string"},
		"an id of 256 bytes":                      {`{"id":"` + strings.Repeat("x", 256) + `","type":"x"}`, "id is longer than 255"},
		"a type of 256 bytes":                     {`{"type":"` + strings.Repeat("x", 256) + `"}`, "type is longer than 255"},
		"an id with a line break":                 {`{"id":"a\nb","type":"x"}`, "id has a character that is not allowed"},
		"an id with a NUL":                        {`{"id":"a\u0000","type":"x"}`, "not allowed"},
		"an id with a DEL":                        {`{"id":"a\u007f","type":"x"}`, "not allowed"},
		"an id with half a surrogate pair":        {`{"id":"a\ud83d","type":"x"}`, "not allowed"},
		"something after the object":              {`{"type":"x"}{}`, "after the object"},
		"a comma after the object":                {`{"type":"x"},`, "after the object"},
		"a NUL after the object":                  {"{\"type\":\"x\"}\x00", "after the object"},
		"invalid UTF-8":                           {"{\"type\":\"x\xff\"}", "UTF-8"},
		"an encoded surrogate":                    {"{\"type\":\"x\xed\xa0\x80\"}", "UTF-8"},
		"an overlong encoding":                    {"{\"type\":\"x\xc0\xaf\"}", "UTF-8"},
		"invalid UTF-8 after the object":          {"{\"type\":\"x\"}\xff", "UTF-8"},
		"an end in the object":                    {`{"type":"x"`, "missing"},
		"an end in a string":                      {`{"type":"x`, "ends early"},
		"an end before a value":                   {`{"type":`, "ends early"},
		"an end in an escape":                     {`{"type":"x\`, "escape"},
		"a comma at the end":                      {`{"type":"x",}`, "key"},
		"a comma at the beginning":                {`{,"type":"x"}`, "key"},
		"no comma":                                {`{"type":"x" "id":"a"}`, "comma"},
		"no colon":                                {`{"type" "x"}`, "key"},
		"a key without quotes":                    {`{type:"x"}`, "key"},
		"a key in single quotes":                  {`{'type':"x"}`, "key"},
		"a comment":                               {`{"type":"x"/**/}`, "comma"},
		"a literal in upper case":                 {`{"type":"x","data":NULL}`, "value"},
		"half a literal":                          {`{"type":"x","data":nul}`, "value"},
		"NaN":                                     {`{"type":"x","data":NaN}`, "value"},
		"a number with a leading zero":            {`{"type":"x","data":01}`, "comma"},
		"a number with a plus":                    {`{"type":"x","data":+1}`, "value"},
		"a number without digits":                 {`{"type":"x","data":-}`, "number"},
		"a number that ends in a point":           {`{"type":"x","data":1.}`, "number"},
		"a number that begins with a point":       {`{"type":"x","data":.5}`, "value"},
		"a number with an empty exponent":         {`{"type":"x","data":1e+}`, "number"},
		"a hexadecimal number":                    {`{"type":"x","data":0x1}`, "comma"},
		"a control character in a string":         {"{\"type\":\"x\",\"data\":\"\n\"}", "control character"},
		"an unknown escape":                       {`{"type":"x","data":"\x41"}`, "escape"},
		"an escape of three digits":               {`{"type":"x","data":"\u041"}`, "escape"},
		"a literal of other letters":              {`{"type":"x","data":falsy}`, "value"},
		"a literal that goes on":                  {`{"type":"x","data":falsely}`, "comma"},
		"an unknown escape in a key":              {`{"t\ype":"x"}`, "escape"},
		"an object with a comma at the end":       {`{"type":"x","data":{"a":1,}}`, "key"},
		"an object with a value for a key":        {`{"type":"x","data":{1}}`, "key"},
		"an object with a value for a later key":  {`{"type":"x","data":{"a":1,2}}`, "key"},
		"an array with a comma at the end":        {`{"type":"x","data":[1,]}`, "value"},
		"an array that a brace closes":            {`{"type":"x","data":[1}}`, "comma"},
		"nesting beyond the bound":                {`{"type":"x","data":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, "nested too deep"},
		"objects beyond the bound":                {`{"type":"x","data":` + strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100) + `}`, "nested too deep"},
		"nesting without an end":                  {`{"type":"x","data":` + strings.Repeat("[", 1<<19), "nested too deep"},
	} {
		t.Run(name, func(t *testing.T) {
			event, err := parse(t, test.body)
			assert.ErrorIs(t, err, webhooks.ErrMalformedEvent)
			assert.NotErrorIs(t, err, webhooks.ErrUnverified)
			assert.ErrorContains(t, err, test.problem)
			assert.Nil(t, event)
		})
	}
	t.Run("an invalid character of a string is refused at any place", func(t *testing.T) {
		for _, filler := range []string{"x", "\x7f", "é", "🙂", " ", "!", "#", "[", "]"} {
			for c := range 0x80 {
				for at := range 18 {
					text := strings.Repeat(filler, at) + string(rune(c)) + strings.Repeat(filler, 17-at)
					body := `{"type":"x","data":"` + text + `"}`
					event, err := parse(t, body)
					require.Equal(t, json.Valid([]byte(body)), err == nil, "%q", body)
					if err == nil {
						require.Equal(t, `"`+text+`"`, string(event.Data))
					}
				}
			}
		}
	})
	t.Run("an escape has four hex digits", func(t *testing.T) {
		for c := range 0x80 {
			for at := range 4 {
				digits := []byte("0000")
				digits[at] = byte(c)
				body := `{"type":"x","data":"\u` + string(digits) + `"}`
				_, err := parse(t, body)
				require.Equal(t, json.Valid([]byte(body)), err == nil, "%q", body)
			}
		}
	})
	t.Run("nesting up to the limit is accepted", func(t *testing.T) {
		mustParse(t, `{"type":"x","data":`+strings.Repeat("[", 99)+strings.Repeat("]", 99)+`}`)
		mustParse(t, `{"type":"x","data":[`+strings.Repeat("[],{},", 200)+`0]}`)
	})
	t.Run("ids and types of 255 bytes are accepted", func(t *testing.T) {
		long := strings.Repeat("x", 255)
		event := mustParse(t, `{"id":"`+long+`","type":"`+long+`"}`)
		assert.Equal(t, long, event.ID)
	})
	t.Run("the error quotes nothing of the event", func(t *testing.T) {
		_, err := parse(t, `{"event":"x","data":{"email":"partner@example.com",}}`)
		require.ErrorIs(t, err, webhooks.ErrMalformedEvent)
		assert.NotContains(t, err.Error(), "partner")
		assert.Contains(t, err.Error(), "at byte 51")
	})
}

func TestErrMalformedEventNamesThePosition(t *testing.T) {
	for _, marked := range []string{ // the place is before the mark
		`{"type":"x"¦`,
		`{"type":"x"}  ¦{}`,
		`{"type":"x", ¦}`,
		`{¦,"type":"x"}`,
		`{"type" ¦"x"}`,
		`{"type":"x" ¦"id":"a"}`,
		`{"ty¦\pe":"x"}`,
		`{"type":¦`,
		`{"type":"x","data":¦nul}`,
		`{"type":"x","data":¦.5}`,
		`{"type":"x","data":-¦}`,
		`{"type":"x","data":1.¦}`,
		`{"type":"x","data":1e+¦}`,
		`{"type":"x","data":0¦1}`,
		`{"type":"x","data":"a\u0041¦\x41"}`,
		`{"type":"x","data":"` + strings.Repeat("x", 100) + "¦\n" + `"}`,
		`{"type":"x","data":"open¦`,
		`{"type":"x","data":"\n¦`,
		`{"type":"x","data":"¦\`,
		`{"type":"x","data":"\u0041¦`,
		`{"type":"x","data":"¦\u004`,
		`{"type":"x","data":true¦`,
		`{"type":"x","data":¦tru`,
		`{"type":"x","data":false¦`,
		`{"type":"x","data":¦fals`,
		`{"type":"x","data":12¦`,
		`{"type":"x","data":[1¦}}`,
		`{"type":"x","data":[1,¦]}`,
		`{"type":"x","data":{"a":1,¦}}`,
		`{"type":"x","data":{"a"¦,1}}`,
		`{"type":"x","data":{¦1:1}}`,
		`{"type":"x","data":` + strings.Repeat("[", 99) + "¦[",
		"¦{\"type\":\"\xff\"}",
	} {
		place, rest, _ := strings.Cut(marked, "¦")
		_, err := parse(t, place+rest)
		assert.ErrorIs(t, err, webhooks.ErrMalformedEvent, marked)
		assert.Regexp(t, fmt.Sprintf("at byte %d$", len(place)), err, marked)
	}
}

func TestEventIDIsTakenFromSignedBytesOnly(t *testing.T) {
	verifier := newVerifier(t, standardSecret)
	parse := func(t *testing.T, scheme webhooks.Scheme, body string) string {
		t.Helper()
		header := sign(t, []byte(body), webhooks.Signing{Scheme: scheme, ID: "msg_42"})
		event, err := verifier.ParseEvent(header, []byte(body))
		require.NoError(t, err)
		return event.ID
	}
	for _, scheme := range schemes {
		assert.Equal(t, "evt_1", parse(t, scheme, `{"id":"evt_1","type":"x"}`), "the envelope's, in every scheme")
	}
	assert.Equal(t, "msg_42", parse(t, webhooks.SchemeStandard, `{"type":"x"}`))
	assert.Equal(t, hashID(`{"type":"x"}`), parse(t, webhooks.SchemeTimestamped, `{"type":"x"}`))
	assert.Equal(t, hashID(`{"type":"x"}`), parse(t, webhooks.SchemeBody, `{"type":"x"}`))
}

func TestParseEventVerifiesBeforeItReads(t *testing.T) {
	header := sign(t, approvedBody, webhooks.Signing{Secrets: []string{otherSecret}})
	event, err := newVerifier(t, standardSecret).ParseEvent(header, approvedBody)
	assert.ErrorIs(t, err, webhooks.ErrSignatureMismatch)
	assert.Nil(t, event)
}

func TestEventRawAndDataShareMemoryOfBody(t *testing.T) {
	body := append(make([]byte, 0, 4096), approvedBody...)
	event, err := newVerifier(t, standardSecret).ParseEvent(sign(t, body, webhooks.Signing{}), body)
	require.NoError(t, err)
	assert.Same(t, &body[0], &event.Raw[0])
	assert.Equal(t, len(event.Raw), cap(event.Raw), "appending to Raw leaves the caller's memory alone")
	assert.Equal(t, len(event.Data), cap(event.Data), "appending to Data leaves Raw alone")
}

func TestEventPrintsIDAndTypeOnly(t *testing.T) {
	event := mustParse(t, `{"id":"evt_1","type":"x","data":{"email":"partner@example.com"}}`)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("received", "event", event, "value", *event)
	texts := []string{log.String()}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		texts = append(texts, fmt.Sprintf(format, event), fmt.Sprintf(format, *event))
	}
	assert.Contains(t, log.String(), `"event":{"id":"evt_1","type":"x"},"value":{"id":"evt_1","type":"x"}`)
	for _, text := range texts {
		assert.Contains(t, text, "evt_1")
		assert.NotContains(t, text, "partner")
		assert.NotContains(t, text, "112 97 114 116", "its bytes in decimal")
		assert.NotContains(t, text, "0x70, 0x61, 0x72, 0x74", "its bytes in hex")
	}
}

func TestParseRequestReadsBody(t *testing.T) {
	verifier := newVerifier(t, standardSecret)
	t.Run("unchanged", func(t *testing.T) {
		event, err := verifier.ParseRequest(delivery(t, string(approvedBody)))
		require.NoError(t, err)
		assert.Equal(t, string(approvedBody), string(event.Raw))
	})
	t.Run("without a stated length", func(t *testing.T) {
		request := delivery(t, string(approvedBody))
		request.ContentLength = -1
		_, err := verifier.ParseRequest(request)
		require.NoError(t, err)
	})
	t.Run("in pieces", func(t *testing.T) {
		request := delivery(t, string(approvedBody))
		pieces, arrived := iotest.OneByteReader(request.Body), 0
		request.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
			require.Len(t, p, len(approvedBody)+1-arrived, "it goes where there is room")
			arrived++
			return pieces.Read(p)
		}))
		_, err := verifier.ParseRequest(request)
		require.NoError(t, err)
	})
	t.Run("without a body", func(t *testing.T) {
		request := delivery(t, string(approvedBody))
		request.Body = nil
		_, err := verifier.ParseRequest(request)
		assert.ErrorIs(t, err, webhooks.ErrSignatureMismatch)
	})
	t.Run("up to the limit", func(t *testing.T) {
		limited := newVerifier(t, standardSecret, webhooks.WithMaxBody(int64(len(approvedBody))))
		_, err := limited.ParseRequest(delivery(t, string(approvedBody)))
		assert.NoError(t, err)
	})
	t.Run("a body beyond the limit is refused, whatever its Content-Length", func(t *testing.T) {
		limited := newVerifier(t, standardSecret, webhooks.WithMaxBody(int64(len(approvedBody))-1))
		for _, stated := range []int64{int64(len(approvedBody)), -1, 1} {
			request := delivery(t, string(approvedBody))
			request.ContentLength = stated
			_, err := limited.ParseRequest(request)
			assert.ErrorIs(t, err, webhooks.ErrBodyTooLarge)
		}
	})
	t.Run("a Content-Length beyond the limit is refused unread", func(t *testing.T) {
		request := delivery(t, string(approvedBody))
		request.ContentLength = 1<<20 + 1
		request.Body = io.NopCloser(iotest.ErrReader(errors.New("was read")))
		_, err := verifier.ParseRequest(request)
		assert.ErrorIs(t, err, webhooks.ErrBodyTooLarge)
	})
	t.Run("a body beyond an earlier http.MaxBytesReader is refused", func(t *testing.T) {
		request := delivery(t, string(approvedBody))
		request.Body = http.MaxBytesReader(httptest.NewRecorder(), request.Body, 10)
		_, err := verifier.ParseRequest(request)
		assert.ErrorIs(t, err, webhooks.ErrBodyTooLarge)
	})
	t.Run("a body beyond 1 MiB is refused by default", func(t *testing.T) {
		const frame = len(`{"type":"x","data":""}`)
		for size, want := range map[int]error{1 << 20: nil, 1<<20 + 1: webhooks.ErrBodyTooLarge} {
			_, err := verifier.ParseRequest(delivery(t, `{"type":"x","data":"`+strings.Repeat("x", size-frame)+`"}`))
			assert.ErrorIs(t, err, want)
		}
	})
	t.Run("a body takes at most twice its size in memory", func(t *testing.T) {
		const frame, limit = 22, 200_000
		limited := newVerifier(t, standardSecret, webhooks.WithMaxBody(limit))
		for _, size := range []int{0, 1, 511, 64<<10 - frame, 64<<10 + 1 - frame, 64 << 10, 100_000, 150_001, limit - frame} {
			body := []byte(`{"type":"x","data":"` + strings.Repeat("x", size) + `"}`)
			request := delivery(t, string(body))
			first := min(len(body), 64<<10) + 1
			if size%2 == 1 { // of a length that is not stated
				request.ContentLength, first = -1, 513
			}
			arrived := 0
			request.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
				require.NotEmpty(t, p)
				require.LessOrEqual(t, len(p), max(arrived, first))
				require.LessOrEqual(t, arrived+len(p), limit+1)
				if arrived == 0 {
					require.Len(t, p, first)
				}
				n := copy(p, body[arrived:])
				arrived += n
				if n == 0 {
					return 0, io.EOF
				}
				return n, nil
			}))
			event, err := limited.ParseRequest(request)
			require.NoError(t, err, size)
			require.Equal(t, string(body), string(event.Raw))
		}
	})
	t.Run("a body that breaks off is refused", func(t *testing.T) {
		broken := errors.New("connection reset")
		request := delivery(t, string(approvedBody))
		request.Body = io.NopCloser(io.MultiReader(strings.NewReader(string(approvedBody)), iotest.ErrReader(broken)))
		_, err := verifier.ParseRequest(request)
		assert.ErrorIs(t, err, webhooks.ErrBodyUnreadable)
		assert.ErrorIs(t, err, broken)
	})
	t.Run("a request without the headers of a delivery is refused unread", func(t *testing.T) {
		for name, change := range map[string]func(http.Header){
			"unsigned":  func(h http.Header) { h.Del("X-StackBE-Signature") },
			"malformed": func(h http.Header) { h.Set("X-StackBE-Signature", "t=now") },
			"old":       func(h http.Header) { h.Set("X-StackBE-Signature", "t=1,v1="+strings.Repeat("0", 64)) },
		} {
			request := delivery(t, string(approvedBody))
			change(request.Header)
			request.Body = io.NopCloser(iotest.ErrReader(errors.New("was read")))
			_, err := verifier.ParseRequest(request)
			assert.ErrorIs(t, err, webhooks.ErrUnverified, name)
		}
	})
	t.Run("a body that arrives too slowly is refused", func(t *testing.T) {
		clock := newClock()
		verifier := newVerifier(t, standardSecret, webhooks.WithClock(clock.Now))
		request := delivery(t, string(approvedBody))
		request.Body = io.NopCloser(io.MultiReader(request.Body, readerFunc(func([]byte) (int, error) {
			clock.advance(6 * time.Minute)
			return 0, io.EOF
		})))
		request.ContentLength = -1
		_, err := verifier.ParseRequest(request)
		assert.ErrorIs(t, err, webhooks.ErrTimestampTooOld)
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestParseEventRefusesInvisibleCharactersInID(t *testing.T) {
	verifier, err := webhooks.NewVerifier(plainSecret)
	require.NoError(t, err)
	for _, id := range []string{"\u0085", "evt\u202e1", "evt\u200b1"} {
		body := []byte(`{"event":"x","id":"` + id + `","data":{}}`)
		header, err := webhooks.Sign(body, webhooks.Signing{Secrets: []string{plainSecret}})
		require.NoError(t, err)
		_, err = verifier.ParseEvent(header, body)
		assert.ErrorIs(t, err, webhooks.ErrMalformedEvent, "%q", id)
	}
}
