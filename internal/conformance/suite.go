package conformance

import (
	"cmp"
	"net/http"
	"strings"
	"sync"
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
	recorder *recorder        // of the requests of one case
	all      *recorder        // of the requests of all cases
	running  *sync.RWMutex    // held by each case that runs; to write, by one that is alone
	http     *http.Client     // for requests made by hand
	client   *stackbe.Client  // with the API key
	admin    *stackbe.Client  // with the admin's token besides

	readyAtOnce bool // the settings have no holding period
}

// requestTimeout is how long a request and its response may take, if the target's client
// sets no limit.
const requestTimeout = 30 * time.Second

func newSuite(t *testing.T, target Target) *suite {
	t.Helper()
	target.BaseURL = strings.TrimSuffix(target.BaseURL, "/")

	client := &http.Client{}
	if target.HTTPClient != nil {
		*client = *target.HTTPClient
	}
	client.Timeout = cmp.Or(client.Timeout, requestTimeout)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	complete := contracts.Contract(target.Contract).Complete()
	all := &recorder{next: client.Transport, requestIDHeader: complete.RequestIDHeader}
	client.Transport = all

	s := &suite{target: target, contract: stackbe.Contract(complete), all: all, running: &sync.RWMutex{}, http: client}
	return s.observed(t)
}

// observed is s with a separate recorder, for one case.
func (s *suite) observed(t *testing.T) *suite {
	t.Helper()
	own := *s
	own.recorder = &recorder{next: s.all, requestIDHeader: s.contract.RequestIDHeader}
	own.http = &http.Client{Transport: own.guarded(own.recorder), CheckRedirect: s.http.CheckRedirect, Timeout: s.http.Timeout}
	own.client = own.clientOf(t, s.target.APIKey, s.target.AppID)
	own.admin = own.client.AsAdmin(s.target.AdminToken)
	return &own
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
