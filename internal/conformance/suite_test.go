package conformance

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// silent never responds.
type silent struct{}

func (silent) RoundTrip(request *http.Request) (*http.Response, error) {
	<-request.Context().Done()
	return nil, request.Context().Err()
}

func TestServerThatDoesNotRespondTimesOut(t *testing.T) {
	for name, c := range map[string]struct{ own, want time.Duration }{
		"by the suite's limit":       {0, 30 * time.Second},
		"by the limit of the target": {time.Second, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				target := Target{BaseURL: "http://127.0.0.1:1", APIKey: "key", HTTPClient: &http.Client{Transport: silent{}, Timeout: c.own}}
				s := newSuite(t, target)
				started := time.Now()
				_, err := s.exchange(t, request{method: http.MethodGet, path: s.contract.CurrentAffiliatePath})
				assert.Error(t, err)
				assert.Equal(t, c.want, time.Since(started))
			})
		})
	}
}
