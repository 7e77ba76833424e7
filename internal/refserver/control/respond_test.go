package control

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestBodyThatCannotBeWrittenIsAFailure(t *testing.T) {
	c := &control{Config: Config{Logger: slog.New(slog.DiscardHandler)}}
	recorder := httptest.NewRecorder()
	c.respond(func(*http.Request) (int, any, error) {
		return http.StatusOK, []any{"written", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, nil
	}).ServeHTTP(recorder, httptest.NewRequest("GET", "/_mock/clock", nil))
	assert.Equal(t, http.StatusInternalServerError, recorder.Code)
	assert.Contains(t, recorder.Body.String(), `"INTERNAL_ERROR"`)
	assert.NotContains(t, recorder.Body.String(), "written")
}
