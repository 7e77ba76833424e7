package stackbetest_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/stackbetest"
)

// once is a client that does not retry.
func once(t *testing.T, server *stackbetest.Server) *stackbe.Client {
	config := server.Config()
	config.Retry = &stackbe.Retry{}
	client, err := stackbe.New(config)
	require.NoError(t, err)
	return client
}

func TestFaultReachesClient(t *testing.T) {
	for name, test := range map[string]struct {
		fault stackbetest.Fault
		check func(error) bool
	}{
		"a status":                    {stackbetest.Fault{Status: 429, Header: http.Header{"Retry-After": {"30"}}}, func(err error) bool { return errors.Is(err, stackbe.ErrRateLimited) }},
		"a proxy's page":              {stackbetest.Fault{Status: 502, Body: "<html>Bad gateway</html>"}, func(err error) bool { return errors.Is(err, stackbe.ErrServer) }},
		"a lost response":             {stackbetest.Fault{Drop: true}, func(err error) bool { return errors.Is(err, io.EOF) }},
		"a cut response":              {stackbetest.Fault{Truncate: 5}, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		"a response of another shape": {stackbetest.Fault{Status: 200, Body: "[]"}, func(err error) bool { return err != nil }},
	} {
		for socket, options := range map[string][]stackbetest.Option{"over a socket": nil, "without one": {stackbetest.WithoutSocket()}} {
			t.Run(name+" "+socket, func(t *testing.T) {
				server := stackbetest.New(t, options...)
				server.Fail(test.fault)
				_, err := once(t, server).Affiliates.GetApplicationStatus(t.Context(), "jane@acme.com")
				assert.True(t, test.check(err), "%v", err)
				assert.True(t, server.Requests()[0].Fault)
			})
		}
	}
}

func TestRetryWithKeyAfterLostResponseActsOnce(t *testing.T) {
	server := stackbetest.New(t, stackbetest.WithoutSocket())
	server.Fail(stackbetest.Fault{Method: http.MethodPost, Path: "/v1/affiliate/apply", Times: 1, Drop: true, AfterCommit: true})
	receipt, err := server.Client().Affiliates.Apply(t.Context(), affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane", IdempotencyKey: "jane"})
	require.NoError(t, err)
	assert.Equal(t, server.Application("jane@acme.com").ID, receipt.ID)
	requests := server.Requests()
	require.Len(t, requests, 2)
	assert.Equal(t, []int{0, 201}, []int{requests[0].Status, requests[1].Status})
	assert.Equal(t, "true", requests[1].ResponseHeader.Get("Idempotency-Replayed"))
}

func TestDelayedResponseEndsWithServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := stackbetest.New(t)
		server.Fail(stackbetest.Fault{Delay: time.Hour})
		failed := make(chan error, 1)
		client, begin := once(t, server), time.Now()
		go func() {
			_, err := client.Affiliates.GetApplicationStatus(t.Context(), "jane@acme.com")
			failed <- err
		}()
		synctest.Wait()
		server.Close()
		assert.Error(t, <-failed)
		assert.Equal(t, begin, time.Now())
	})
}

func TestRemovedFaultActsNoMore(t *testing.T) {
	server := stackbetest.New(t)
	client := once(t, server)
	remove := server.Fail(stackbetest.Fault{Status: 500})
	_, err := client.Affiliates.GetApplicationStatus(t.Context(), "jane@acme.com")
	require.ErrorIs(t, err, stackbe.ErrServer)
	remove()
	remove()
	_, err = client.Affiliates.GetApplicationStatus(t.Context(), "jane@acme.com")
	assert.NoError(t, err)
}

// broken are tests that fail, each in the line that the test's output must name.
var broken = map[string]func(*testing.T){
	"a fault that never fired": func(t *testing.T) {
		stackbetest.New(t).Fail(stackbetest.Fault{Method: "GET", Path: "/v1/affiliate", Status: 500})
	},
	"a fault that let all through": func(t *testing.T) {
		server := stackbetest.New(t)
		server.Fail(stackbetest.Fault{After: 1, Status: 500})
		_, _ = server.Client().Affiliates.GetApplicationStatus(t.Context(), "jane@acme.com")
	},
	"a removed fault that never fired": func(t *testing.T) { stackbetest.New(t).Fail(stackbetest.Fault{Drop: true})() },
	"an invalid fault":                 func(t *testing.T) { stackbetest.New(t).Fail(stackbetest.Fault{}) },
	"an unknown route": func(t *testing.T) {
		server := stackbetest.New(t, stackbetest.WithoutSocket())
		_, _ = (&http.Client{Transport: server.Transport()}).Get(server.URL + "/v1/affiliate/typo")
	},
	"an unknown method": func(t *testing.T) {
		server := stackbetest.New(t)
		_, _ = http.Post(server.URL+"/v1/affiliate/dashboard", "", nil)
	},
}

const brokenTest = "STACKBETEST_BROKEN"

func TestBroken(t *testing.T) {
	do := broken[os.Getenv(brokenTest)]
	if do == nil {
		t.Skip("is run by TestKitFailsBrokenTest")
	}
	do(t)
}

func TestKitFailsBrokenTest(t *testing.T) {
	for name, want := range map[string][]string{
		"a fault that never fired":         {"    fault_test.go:", "fault_test.go:97 never fired: no GET request to /v1/affiliate reached it"},
		"a fault that let all through":     {"    fault_test.go:101: stackbetest: the fault", "it let 1 matching requests through, and After is 1"},
		"a removed fault that never fired": {"    fault_test.go:", "never fired"},
		"an invalid fault":                 {"    fault_test.go:", "stackbetest: Fail: nothing goes wrong"},
		"an unknown route":                 {"stackbetest: GET /v1/affiliate/typo: the server has no such route"},
		"an unknown method":                {"stackbetest: POST /v1/affiliate/dashboard: the server has no such route"},
	} {
		command := exec.Command(os.Args[0], "-test.run=^TestBroken$")
		command.Env = append(os.Environ(), brokenTest+"="+name)
		output, err := command.CombinedOutput()
		assert.Error(t, err, name)
		for _, text := range want {
			assert.Contains(t, string(output), text, name)
		}
	}
}

func TestUnknownRouteIsAllowedByOption(t *testing.T) {
	server := stackbetest.New(t, stackbetest.WithUnknownRoutes())
	response, err := http.Get(server.URL + "/v1/affiliate/typo")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusNotFound, response.StatusCode)
}

func TestRequestsShowNoCredentials(t *testing.T) {
	server := stackbetest.New(t)
	jane := enroll(t, server.App, "jane@acme.com", "JANE20")
	token := server.SessionToken(jane.Affiliate.CustomerID)
	_, err := server.Client().AsCustomer(token).Affiliates.GetPortalLink(t.Context())
	require.NoError(t, err)
	for _, request := range server.Requests() {
		for _, secret := range []string{server.APIKey, server.AdminToken, token} {
			assert.NotContains(t, request.Header.Get("X-Api-Key")+request.Header.Get("Authorization"), secret)
			assert.NotContains(t, string(request.ResponseBody), secret)
		}
	}
	last := server.Requests()[2]
	assert.Equal(t, "GET /v1/affiliate/portal-link", last.Method+" "+last.Path)
	assert.Equal(t, "Bearer [redacted]", last.Header.Get("Authorization"))
	assert.Contains(t, string(last.ResponseBody), "/portal/[redacted]")
}

func TestFaultOfSkippedTestNeedNotFire(t *testing.T) {
	t.Run("skipped", func(t *testing.T) {
		stackbetest.New(t, stackbetest.WithoutSocket()).Fail(stackbetest.Fault{Drop: true})
		t.Skip("the test of a fault that a skipped test set")
	})
}
