package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go"
)

// clicks is an account whose server has another track endpoint.
func clicks(t *testing.T, track func(fields map[string]string) (status int, body string)) map[string]string {
	t.Helper()
	a := newAccount(t, stackbe.Contract{})
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var fields map[string]string
		switch {
		case !strings.HasPrefix(r.URL.Path, "/v1/affiliate/track"):
			forward(t, w, r, a.URL)
			return
		case r.Header.Get("X-Api-Key") != "":
			assert.NoError(t, json.NewDecoder(r.Body).Decode(&fields))
		}
		status, body := track(fields)
		if fields == nil {
			status, body = http.StatusUnauthorized, refusal(http.StatusUnauthorized, "UNAUTHORIZED", "no key")
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(target.Close)
	variables := a.variables()
	variables["STACKBE_BASE_URL"] = target.URL
	return variables
}

func refusal(status int, code, message string) string {
	return fmt.Sprintf(`{"statusCode":%d,"code":%q,"message":%q,"error":"Refused"}`, status, code, message)
}

var clickFields = []string{"TrackCodeField", "TrackURLField", "ClickIDField", "ClickCodeField", "ClickExpiresAtField"}

func TestServerWithoutTrackPathShowsNoFieldOfClick(t *testing.T) {
	p := runCheck(t, newAccount(t, stackbe.Contract{TrackPath: "/v1/affiliate/where-nobody-looks"}).variables(), "-write")
	assert.Equal(t, refuted, p.finding(t, "TrackPath").Outcome)
	for _, field := range clickFields {
		assert.Equal(t, unknown, p.finding(t, field).Outcome, field)
	}
	assert.Contains(t, p.finding(t, "TrackCodeField").Why, "see TrackPath")
}

func TestServerThatIgnoresUnknownFieldsShowsNoNameOfCode(t *testing.T) {
	p := runCheck(t, clicks(t, func(fields map[string]string) (int, string) {
		if fields["referralCode"] == "" {
			return http.StatusNotFound, refusal(http.StatusNotFound, "CODE_NOT_FOUND", "There is no such code")
		}
		return http.StatusCreated, `{"id":"click_1"}`
	}), "-write")
	assert.Equal(t, confirmed, p.finding(t, "TrackPath").Outcome)
	for _, field := range clickFields {
		assert.Equal(t, unknown, p.finding(t, field).Outcome, field)
	}
	assert.Contains(t, p.finding(t, "TrackCodeField").Why, "404 without a code as well")
}

func TestServerThatRequiresURLOfClickShowsItsFields(t *testing.T) {
	p := runCheck(t, clicks(t, func(fields map[string]string) (int, string) {
		for name := range fields {
			if name != "code" && name != "url" {
				return http.StatusBadRequest, refusal(http.StatusBadRequest, "VALIDATION_ERROR", "property "+name+" should not exist")
			}
		}
		switch {
		case fields["url"] == "" || fields["code"] == "":
			return http.StatusBadRequest, refusal(http.StatusBadRequest, "VALIDATION_ERROR", "a field is missing")
		case strings.HasPrefix(fields["code"], "STACKBE-CHECK"):
			return http.StatusNotFound, refusal(http.StatusNotFound, "CODE_NOT_FOUND", "There is no such code")
		}
		return http.StatusCreated, fmt.Sprintf(`{"clickId":"click_1","code":%q,"expiresAt":"2030-01-01T00:00:00Z"}`, fields["code"])
	}), "-write")
	for _, field := range clickFields {
		assert.Equal(t, confirmed, p.finding(t, field).Outcome, "%+v", p.finding(t, field))
	}
}
