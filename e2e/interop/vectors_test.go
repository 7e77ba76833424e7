package interop

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/webhooks"
)

// published is a delivery whose signature stands in the tests of the libraries of
// Standard Webhooks, which many languages share.
type published struct {
	secret    string
	id        string
	timestamp string
	body      string
	signature string
}

var (
	vectorOfMost = published{secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
		`{"test": 2432232314}`, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}
	vectorOfRust = published{otherSecret, "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", "1649367553",
		`{"email":"test@example.com","username":"test_user"}`, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="}
)

func (p published) header() http.Header {
	header := make(http.Header)
	header.Set("webhook-id", p.id)
	header.Set("webhook-timestamp", p.timestamp)
	header.Set("webhook-signature", p.signature)
	return header
}

func TestPublishedVectorsOfStandardWebhooks(t *testing.T) {
	for name, test := range map[string]struct {
		vector published
		change func(header http.Header)
		want   error
	}{
		"most libraries' passes":                              {vectorOfMost, nil, nil},
		"Rust's passes":                                       {vectorOfRust, nil, nil},
		"one signature of several passes":                     {vectorOfMost, setSignature("v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= " + vectorOfMost.signature + " v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="), nil},
		"one signature of Rust's several passes":              {vectorOfRust, setSignature("v1,tFtCZ5RDCPxzWQRWXWPgrCgE2frDBe9gjpbWQxnVfsQ= v1,Mm7xgUVICxZfQ3bgf0h0Dof65L/IFx+PnZvnDWPCX6Q= " + vectorOfRust.signature + " v1,9DfC1c3eeOrXB6w/5dIDydLNQaEyww5KalE5jLBZucE="), nil},
		"none of Rust's several is refused":                   {vectorOfRust, setSignature("v1,tFtCZ5RDCPxzWQRWXWPgrCgE2frDBe9gjpbWQxnVfsQ= v1,Mm7xgUVICxZfQ3bgf0h0Dof65L/IFx+PnZvnDWPCX6Q= v1,9DfC1c3eeOrXB6w/5dIDydLNQaEyww5KalE5jLBZucE="), webhooks.ErrSignatureMismatch},
		"another signature is refused":                        {vectorOfMost, setSignature("v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="), webhooks.ErrSignatureMismatch},
		"another signature of Rust's is refused":              {vectorOfRust, setSignature("v1,R3PTzyfHASBKHH98a7yexTwaJ4yNIcGhFQc1yuN+BPU="), webhooks.ErrSignatureMismatch},
		"one other bit is refused":                            {vectorOfMost, setSignature("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="), webhooks.ErrSignatureMismatch},
		"a signature that is too long is refused":             {vectorOfMost, setSignature("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLawdd"), webhooks.ErrMalformedSignature},
		"a version without a signature is refused":            {vectorOfMost, setSignature("v1,"), webhooks.ErrMalformedSignature},
		"the beginning of a signature is refused":             {vectorOfRust, setSignature(vectorOfRust.signature[:8]), webhooks.ErrMalformedSignature},
		"the pair of signatures of the specification is read": {vectorOfMost, setSignature("v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="), webhooks.ErrSignatureMismatch},
		"no id is refused":                                    {vectorOfMost, remove("webhook-id"), webhooks.ErrMissingHeader},
		"no timestamp is refused":                             {vectorOfMost, remove("webhook-timestamp"), webhooks.ErrMissingHeader},
		"no signature is refused":                             {vectorOfMost, remove("webhook-signature"), webhooks.ErrNoSignature},
		"a word for a timestamp is refused":                   {vectorOfMost, setTimestamp("hello"), webhooks.ErrMalformedTimestamp},
		"a fraction for a timestamp is refused":               {vectorOfMost, setTimestamp("161426533.0"), webhooks.ErrMalformedTimestamp},
		"a negative timestamp is refused":                     {vectorOfMost, setTimestamp("-161426533"), webhooks.ErrMalformedTimestamp},
		"a timestamp of 5 minutes and a second before":        {vectorOfMost, setTimestamp("1614265029"), webhooks.ErrTimestampTooOld},
		"a timestamp of 5 minutes and a second after":         {vectorOfMost, setTimestamp("1614265631"), webhooks.ErrTimestampTooNew},
	} {
		t.Run(name, func(t *testing.T) {
			vector := test.vector
			header := vector.header()
			if test.change != nil {
				test.change(header)
			}
			err := newVerifier(t, vector.secret, vector.atItsTime(t)).Verify(header, []byte(vector.body))
			if test.want == nil {
				assert.NoError(t, err)
				return
			}
			assert.ErrorIs(t, err, test.want)
			assert.ErrorIs(t, err, webhooks.ErrUnverified)
		})
	}
}

func TestSignMakesPublishedSignatures(t *testing.T) {
	for _, vector := range []published{vectorOfMost, vectorOfRust} {
		header, err := webhooks.Sign([]byte(vector.body), webhooks.Signing{
			Scheme: webhooks.SchemeStandard, Secrets: []string{vector.secret}, ID: vector.id, Time: vector.time(t)})
		require.NoError(t, err)
		assert.Equal(t, vector.header(), header)
	}
}

// atItsTime is a clock that stands at the vector's timestamp.
func (p published) atItsTime(t *testing.T) webhooks.VerifierOption {
	at := p.time(t)
	return webhooks.WithClock(func() time.Time { return at })
}

func (p published) time(t *testing.T) time.Time {
	t.Helper()
	var seconds int64
	require.NoError(t, json.Unmarshal([]byte(p.timestamp), &seconds))
	return time.Unix(seconds, 0)
}

func setSignature(value string) func(http.Header) {
	return func(header http.Header) { header.Set("webhook-signature", value) }
}

func setTimestamp(value string) func(http.Header) {
	return func(header http.Header) { header.Set("webhook-timestamp", value) }
}

func remove(name string) func(http.Header) { return func(header http.Header) { header.Del(name) } }

// The vectors of HMAC-SHA256 are those of RFC 4231, and others in the form of Project
// Wycheproof. Most messages are no events: what is signed well is refused for that, with
// an error that does not match ErrUnverified, and what is not, as unverified.
func TestHMACVectorsVerify(t *testing.T) {
	for _, vector := range hmacVectors(t) {
		t.Run(vector.Comment, func(t *testing.T) {
			verifier, err := webhooks.NewVerifier(vector.secret(t), webhooks.WithSchemes(webhooks.SchemeBody))
			if vector.keyIsWhiteSpace(t) {
				require.ErrorIs(t, err, webhooks.ErrMalformedSecret)
				return
			}
			require.NoError(t, err)
			message, tag := unhex(t, vector.Msg), unhex(t, vector.Tag)

			err = verifier.Verify(bodySignature(tag), message)
			if vector.Result == "invalid" {
				assert.ErrorIs(t, err, webhooks.ErrSignatureMismatch)
				return
			}
			assertSignedWell(t, err, message)
			assertOnlyTheTagPasses(t, verifier, message, tag)
		})
	}
}

func assertSignedWell(t *testing.T, err error, message []byte) {
	t.Helper()
	if bytes.HasPrefix(message, []byte("{")) {
		assert.NoError(t, err)
		return
	}
	assert.ErrorIs(t, err, webhooks.ErrMalformedEvent)
	assert.NotErrorIs(t, err, webhooks.ErrUnverified)
}

// assertOnlyTheTagPasses tries the tag with each of its bits flipped, truncated to every
// length, extended, and written in another way.
func assertOnlyTheTagPasses(t *testing.T, verifier *webhooks.Verifier, message, tag []byte) {
	t.Helper()
	for bit := range 8 * len(tag) {
		modified := append([]byte(nil), tag...)
		modified[bit/8] ^= 1 << (bit % 8)
		assert.ErrorIs(t, verifier.Verify(bodySignature(modified), message), webhooks.ErrSignatureMismatch, "bit %d", bit)
	}
	for length := range tag {
		assert.ErrorIs(t, verifier.Verify(bodySignature(tag[:length]), message), webhooks.ErrMalformedSignature, "%d bytes", length)
	}
	digits := hex.EncodeToString(tag)
	for _, written := range []string{digits + "00", digits + digits, digits[1:], digits + " ", " " + digits, "0x" + digits, strings.ToUpper(digits)} {
		header := http.Header{"X-Stackbe-Signature": {"sha256=" + written}}
		assert.ErrorIs(t, verifier.Verify(header, message), webhooks.ErrMalformedSignature, written)
	}
	if len(message) > 0 {
		assert.ErrorIs(t, verifier.Verify(bodySignature(tag), message[1:]), webhooks.ErrSignatureMismatch)
	}
	assert.ErrorIs(t, verifier.Verify(bodySignature(tag), append(message[:len(message):len(message)], 0)), webhooks.ErrSignatureMismatch)
}

func bodySignature(tag []byte) http.Header {
	return http.Header{"X-Stackbe-Signature": {"sha256=" + hex.EncodeToString(tag)}}
}

type hmacVector struct {
	Comment string
	Key     string
	Msg     string
	Tag     string
	Result  string
}

// secret is the vector's key as a secret. HMAC fills a key with zeros to its block, and so
// a key that is too short for a secret has the same signatures with zeros after it.
func (v hmacVector) secret(t *testing.T) string {
	const shortest = 16
	key := unhex(t, v.Key)
	if len(key) < shortest {
		key = append(key, make([]byte, shortest-len(key))...)
	}
	return string(key)
}

// keyIsWhiteSpace is so of one vector, whose key is vertical tabs: no secret begins so.
func (v hmacVector) keyIsWhiteSpace(t *testing.T) bool {
	secret := v.secret(t)
	return strings.TrimSpace(secret) != secret
}

// hmacVectors are those that the package itself is tested with, from within.
func hmacVectors(t *testing.T) []hmacVector {
	t.Helper()
	content, err := os.ReadFile("../../webhooks/testdata/hmac_sha256.json")
	require.NoError(t, err)
	var file struct {
		NumberOfTests int
		TestGroups    []struct{ Tests []hmacVector }
	}
	require.NoError(t, json.Unmarshal(content, &file))
	var vectors []hmacVector
	whiteSpace := 0
	for _, group := range file.TestGroups {
		for _, vector := range group.Tests {
			vectors = append(vectors, vector)
			if vector.keyIsWhiteSpace(t) {
				whiteSpace++
			}
		}
	}
	require.Len(t, vectors, file.NumberOfTests)
	require.NotEmpty(t, vectors)
	require.Equal(t, 1, whiteSpace, "vectors that cannot be secrets")
	return vectors
}

func unhex(t *testing.T, digits string) []byte {
	t.Helper()
	decoded, err := hex.DecodeString(digits)
	require.NoError(t, err)
	return decoded
}
