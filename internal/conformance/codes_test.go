package conformance_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/conformance"
)

// codeCollector notes the codes of errors.
type codeCollector struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (c *codeCollector) RoundTrip(request *http.Request) (*http.Response, error) {
	received, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer received.Body.Close()
	body, err := io.ReadAll(received.Body)
	if err != nil {
		return nil, err
	}
	received.Body = io.NopCloser(bytes.NewReader(body))
	var refusal struct{ Code string }
	if received.StatusCode >= http.StatusBadRequest && json.Unmarshal(body, &refusal) == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.seen[refusal.Code] = true
	}
	return received, nil
}

// The server's own tests show the codes that the suite cannot cause.
func TestReferenceServerSendsEachCode(t *testing.T) {
	collector := &codeCollector{seen: map[string]bool{stackbe.CodeRateLimited: true, stackbe.CodeInternalError: true, stackbe.CodeServiceUnavailable: true}}
	target := referenceServer(t, stackbe.Contract{})
	target.HTTPClient = &http.Client{Transport: collector}
	conformance.Run(t, target)

	source, err := os.ReadFile(filepath.FromSlash("../../codes.go"))
	require.NoError(t, err)
	declared := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^\tCode\w+ += "(\w+)"`).FindAllSubmatch(source, -1) {
		declared[string(match[1])] = true
	}
	assert.Equal(t, declared, collector.seen)
}
