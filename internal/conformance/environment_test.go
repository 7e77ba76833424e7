package conformance_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
	"github.com/stackbe/stackbe-go/internal/conformance"
	"github.com/stackbe/stackbe-go/internal/conformance/fixture"
)

// setenv sets the variables of a target, and unsets all others.
func setenv(t *testing.T, set map[string]string) {
	t.Helper()
	for _, name := range []string{
		"URL", "API_KEY", "APP_ID", "ADMIN_TOKEN", "SESSION_TOKEN", "CUSTOMER_ID",
		"FOREIGN_APP_ID", "FOREIGN_API_KEY", "FOREIGN_ADMIN_TOKEN", "SCOPE", "CONTRACT", "CHANGE",
	} {
		t.Setenv("STACKBE_CONFORMANCE_"+name, set[name])
	}
}

func TestTargetFromEnv(t *testing.T) {
	t.Run("there is no target without a URL", func(t *testing.T) {
		setenv(t, map[string]string{"API_KEY": "key"})
		_, ok, err := conformance.TargetFromEnv()
		require.NoError(t, err)
		assert.False(t, ok)
	})
	t.Run("the target has the values of the variables", func(t *testing.T) {
		setenv(t, map[string]string{
			"URL": "https://api.stackbe.io", "API_KEY": "key", "APP_ID": "app", "ADMIN_TOKEN": "admin",
			"SESSION_TOKEN": "session", "CUSTOMER_ID": "customer",
			"FOREIGN_APP_ID": "app2", "FOREIGN_API_KEY": "key2", "FOREIGN_ADMIN_TOKEN": "admin2", "SCOPE": "documented",
			"CHANGE": "settings-and-money",
		})
		target, ok, err := conformance.TargetFromEnv()
		require.NoError(t, err)
		assert.True(t, ok)
		assert.Equal(t, conformance.Target{
			BaseURL: "https://api.stackbe.io", APIKey: "key", AppID: "app", AdminToken: "admin",
			Session: conformance.Session{Token: "session", CustomerID: "customer"},
			Foreign: conformance.Foreign{AppID: "app2", APIKey: "key2", AdminToken: "admin2"},
			Scope:   conformance.Documented,
			Change:  true,
		}, target)
	})
	t.Run("the contract is that of a file", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "contract.json")
		require.NoError(t, os.WriteFile(file, []byte(`{"ListField": "items"}`), 0o600))
		setenv(t, map[string]string{"URL": "u", "API_KEY": "key", "CONTRACT": file})
		target, _, err := conformance.TargetFromEnv()
		require.NoError(t, err)
		assert.Equal(t, stackbe.Contract{ListField: "items"}, target.Contract)
	})
	unusable := filepath.Join(t.TempDir(), "contract.json")
	require.NoError(t, os.WriteFile(unusable, []byte(`{"DealsPath": "no slash"}`), 0o600))
	for name, set := range map[string]map[string]string{
		"a contract that cannot be used is refused": {"URL": "u", "API_KEY": "key", "CONTRACT": unusable},
		"a missing file of a contract is an error":  {"URL": "u", "API_KEY": "key", "CONTRACT": "nowhere.json"},
		"leave for something unknown is refused":    {"URL": "u", "API_KEY": "key", "CHANGE": "1"},
		"an unknown scope is refused":               {"URL": "u", "SCOPE": "some"},
		"a session without its customer is refused": {"URL": "u", "SESSION_TOKEN": "session"},
		"a customer without its session is refused": {"URL": "u", "CUSTOMER_ID": "customer"},
		"half of another app is refused":            {"URL": "u", "FOREIGN_APP_ID": "app2"},
	} {
		t.Run(name, func(t *testing.T) {
			setenv(t, set)
			_, _, err := conformance.TargetFromEnv()
			assert.ErrorContains(t, err, "STACKBE_CONFORMANCE_")
		})
	}
}

// A live API offers less than the reference server does: no case may fail for that.
func TestTargetWithoutControl(t *testing.T) {
	complete := referenceServer(t, stackbe.Contract{})
	standing := complete.Control.CreateCustomer(conformance.Customer{Email: "jane@stackbe-go.example"})
	everything := conformance.Target{
		APIKey: complete.APIKey, AppID: complete.AppID, AdminToken: complete.AdminToken, Foreign: complete.Foreign,
		Session: conformance.Session{Token: complete.Control.SessionToken(partnerOf(t, complete, standing)), CustomerID: standing},
		Change:  true,
	}
	unchanged := everything
	unchanged.Change = false
	for name, target := range map[string]conformance.Target{
		"with every variable":            everything,
		"with every variable but CHANGE": unchanged,
		"with what StackBE documents": {
			APIKey: complete.APIKey, AppID: complete.AppID, AdminToken: complete.AdminToken, Scope: conformance.Documented,
		},
		"with an API key alone": {APIKey: complete.APIKey},
		"with a URL alone":      {},
	} {
		t.Run(name, func(t *testing.T) {
			target.BaseURL = complete.BaseURL
			conformance.Run(t, target)
		})
	}
}

// partnerOf makes a partner of a customer of the complete target.
func partnerOf(t *testing.T, target conformance.Target, customerID string) string {
	t.Helper()
	client, err := stackbe.New(stackbe.Config{BaseURL: target.BaseURL, APIKey: target.APIKey, AppID: target.AppID})
	require.NoError(t, err)
	jane := affiliates.ApplyParams{Email: "jane@stackbe-go.example", Name: "Jane"}
	review, err := fixture.Enroll(t.Context(), client.AsAdmin(target.AdminToken), jane, "")
	require.NoError(t, err)
	require.Equal(t, customerID, review.Affiliate.CustomerID)
	return customerID
}

// StackBE documents four settings. Another server may know no other, and refuse the rest.
func TestSettingsArePutBackOnServerWithDocumentedSettingsOnly(t *testing.T) {
	target := referenceServer(t, stackbe.Contract{})
	client, err := stackbe.New(stackbe.Config{BaseURL: target.BaseURL, APIKey: target.APIKey, AppID: target.AppID})
	require.NoError(t, err)
	before, err := client.AsAdmin(target.AdminToken).Affiliates.GetSettings(t.Context())
	require.NoError(t, err)

	target.HTTPClient = &http.Client{Transport: documentedSettings{}}
	conformance.RunCase(t, target, "settings: apps have settings of their own")
	after, err := client.AsAdmin(target.AdminToken).Affiliates.GetSettings(t.Context())
	require.NoError(t, err)
	assert.JSONEq(t, string(before.Raw), string(after.Raw))
}

// documentedSettings has only the settings that StackBE documents.
type documentedSettings struct{}

func (documentedSettings) RoundTrip(request *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(request.URL.Path, "/affiliates/settings") {
		return http.DefaultTransport.RoundTrip(request)
	}
	if request.Method == http.MethodPatch {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
		if bytes.Contains(body, []byte(`"levels"`)) || bytes.Contains(body, []byte(`"plans"`)) {
			request.URL.RawQuery = "unknown=field" // the server refuses it in the same way
		}
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil || response.StatusCode != http.StatusOK {
		return response, err
	}
	defer response.Body.Close()
	var settings map[string]json.RawMessage
	if err := json.NewDecoder(response.Body).Decode(&settings); err != nil {
		return nil, err
	}
	delete(settings, "levels")
	delete(settings, "plans")
	body, err := json.Marshal(settings)
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	response.Header.Del("Content-Length")
	return response, err
}
