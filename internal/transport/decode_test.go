package transport_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/transport"
)

func TestResponseIsDecodedIntoOut(t *testing.T) {
	for name, test := range map[string]struct {
		body    string
		emptyOK bool
		want    string // what Out has received
		fails   bool
	}{
		"an object":                           {`{"a":1}`, false, `{"a":1}`, false},
		"an object with space around it":      {" \n{\"a\" : 1}\r\n ", false, `{"a" : 1}`, false},
		"an object after a byte order mark":   {"\ufeff{}", false, `{}`, false},
		"JSON that Out refuses":               {`[1]`, false, `[1]`, true},
		"a page":                              {"<html>", false, "<html>", true},
		"nothing":                             {"", false, "", true},
		"space":                               {" \n", false, "", true},
		"nothing, where that is a response":   {"", true, "", false},
		"space, where nothing is a response":  {" \n", true, "", false},
		"a page, where nothing is a response": {"<html>", true, "<html>", true},
	} {
		t.Run(name, func(t *testing.T) {
			var out object
			call := reading(&out)
			call.EmptyOK = test.emptyOK
			err := newClient(t, "http://localhost", withNetwork(always(200, test.body))).Do(t.Context(), call)
			assert.Equal(t, test.want, out.raw)
			if !test.fails {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, transport.ErrInvalidResponse)
			f := failureOf(t, err)
			assert.Equal(t, 200, f.StatusCode)
			assert.Equal(t, 1, f.Attempts, "it is not retried")
			assert.Equal(t, test.body, string(f.Body))
		})
	}
}

func TestResponseIsIgnoredWithoutOut(t *testing.T) {
	for _, body := range []string{"", "<html>", "\xff", "{}"} {
		require.NoError(t, newClient(t, "http://localhost", withNetwork(always(200, body))).Do(t.Context(), reading(nil)))
	}
}

func TestOwnOutReceivesAnyBody(t *testing.T) {
	const body = "id;name\n1;J\xe9\n"
	var out bytes.Buffer
	call := reading(nil)
	call.Own = &transport.Own{Out: func(r io.Reader) error { _, err := out.ReadFrom(r); return err }}
	client := newClient(t, "http://localhost", withNetwork(always(200, body)))
	require.NoError(t, client.Do(t.Context(), call))
	assert.Equal(t, body, out.String())

	full := errors.New("disk full")
	call.Own = &transport.Own{Out: func(io.Reader) error { return full }}
	err := client.Do(t.Context(), call)
	require.ErrorIs(t, err, full)
	assert.Equal(t, 200, failureOf(t, err).StatusCode)
}

func TestOwnOutIsNotCalledForFailure(t *testing.T) {
	call := reading(nil)
	call.Own = &transport.Own{Out: func(io.Reader) error { t.Error("it is called"); return nil }}
	requireStatus(t, newClient(t, "http://localhost", withNetwork(always(404, "x"))).Do(t.Context(), call), 404)
}
