package conformance

import (
	"cmp"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	contracts "github.com/stackbe/stackbe-go/internal/contract"
)

// A suite is one run against one target.
type suite struct {
	target   Target
	contract stackbe.Contract // with its defaults
	recorder *recorder
	http     *http.Client    // for requests made by hand
	client   *stackbe.Client // with the API key
	admin    *stackbe.Client // with the admin's token besides
}

// requestTimeout is how long a request may take, with its response, where the target's own
// client does not say.
const requestTimeout = 30 * time.Second

func newSuite(t *testing.T, target Target) *suite {
	t.Helper()
	target.BaseURL = strings.TrimSuffix(target.BaseURL, "/")

	client := &http.Client{}
	if target.HTTPClient != nil {
		*client = *target.HTTPClient
	}
	client.Timeout = cmp.Or(client.Timeout, requestTimeout)
	complete := contracts.Contract(target.Contract).Complete()
	recorder := &recorder{next: client.Transport, requestIDHeader: complete.RequestIDHeader}
	client.Transport = recorder
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	s := &suite{target: target, contract: stackbe.Contract(complete), recorder: recorder, http: client}
	s.client = s.clientOf(t, target.APIKey, target.AppID)
	s.admin = s.client.AsAdmin(target.AdminToken)
	return s
}

func (s *suite) clientOf(t *testing.T, apiKey, appID string) *stackbe.Client {
	t.Helper()
	client, err := stackbe.New(stackbe.Config{
		APIKey:     apiKey,
		AppID:      appID,
		BaseURL:    s.target.BaseURL,
		Contract:   s.target.Contract,
		HTTPClient: s.http,
		Retry:      &stackbe.Retry{Max: maxWaits, MaxWait: maxWait},
		UserAgent:  "stackbe-go-conformance",
	})
	require.NoError(t, err)
	return client
}
