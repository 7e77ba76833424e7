package webhooks

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The vectors are those of RFC 4231, but for the one that truncates, and others in the
// form of Project Wycheproof. Keys and messages are not secrets and events, hence the
// test from within.
func TestKeySignsTestVectors(t *testing.T) {
	content, err := os.ReadFile("testdata/hmac_sha256.json")
	require.NoError(t, err)
	var vectors struct {
		NumberOfTests int
		TestGroups    []struct {
			Tests []struct {
				TcID    int
				Comment string
				Key     string
				Msg     string
				Tag     string
				Result  string
			}
		}
	}
	require.NoError(t, json.Unmarshal(content, &vectors))
	tests := vectors.TestGroups[0].Tests
	require.Len(t, tests, vectors.NumberOfTests)
	for _, test := range tests {
		key := newKey(unhex(t, test.Key))
		m := message{body: unhex(t, test.Msg)}
		tag := [sha256.Size]byte(unhex(t, test.Tag))
		for range 3 { // the states are reused
			assert.Equal(t, test.Result == "valid", key.sign(m) == tag, "test %d: %s", test.TcID, test.Comment)
			assert.Equal(t, test.Result == "valid", key.made([][sha256.Size]byte{tag}, m), "test %d: %s", test.TcID, test.Comment)
			assert.Equal(t, test.Result == "valid", key.made([][sha256.Size]byte{{1}, tag, {2}}, m), "test %d: %s", test.TcID, test.Comment)
		}
	}
}

func unhex(t *testing.T, digits string) []byte {
	t.Helper()
	bytes, err := hex.DecodeString(digits)
	require.NoError(t, err)
	return bytes
}
