package conformance

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
)

// checkCode checks the code of an error, unless the scope is what StackBE documents, where an error
// need not have a code.
func (s *suite) checkCode(t *testing.T, code, got string) {
	t.Helper()
	if s.target.Scope != Documented {
		assert.Equal(t, code, got, "the code of the error")
	}
}

// requireRefused stops the test unless got is an error of the status and the code.
func (s *suite) requireRefused(t *testing.T, status int, code string, got response) {
	t.Helper()
	requireStatus(t, status, got)
	sent, _ := got.object(t)["code"].(string)
	s.checkCode(t, code, sent)
}

// requireErrorIs stops the test unless err is one of the status and the code.
func (s *suite) requireErrorIs(t *testing.T, err, status error, code string, about ...any) {
	t.Helper()
	require.ErrorIs(t, err, status, about...)
	var refused *stackbe.Error
	require.True(t, errors.As(err, &refused))
	s.checkCode(t, code, refused.Code)
}
