package stackbe_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// calls is every method of the SDK, with arguments that are fine.
var calls = map[string]func(context.Context, *affiliates.Service) error{
	"Apply": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.Apply(ctx, affiliates.ApplyParams{Email: "jane@acme.com", Name: "Jane"})
		return err
	},
	"GetApplicationStatus": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.GetApplicationStatus(ctx, "jane@acme.com")
		return err
	},
	"Get": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.Get(ctx, "cust_1")
		return err
	},
	"GetCurrent": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.GetCurrent(ctx)
		return err
	},
	"GetDashboard": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.GetDashboard(ctx)
		return err
	},
	"GetPortalLink": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.GetPortalLink(ctx)
		return err
	},
	"TrackReferral": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.TrackReferral(ctx, affiliates.TrackParams{Code: "JANE20", URL: "https://yoursite.com?ref=JANE20"})
		return err
	},
	"RegisterDeal": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.RegisterDeal(ctx, affiliates.DealParams{LeadEmail: "lead@company.com", LeadName: "John"})
		return err
	},
	"ListApplications": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.ListApplications(ctx, affiliates.ApplicationFilter{})
		return err
	},
	"Applications": func(ctx context.Context, s *affiliates.Service) error {
		for _, err := range s.Applications(ctx, affiliates.ApplicationFilter{}) {
			return err
		}
		return nil
	},
	"GetApplication": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.GetApplication(ctx, "app_1")
		return err
	},
	"Review": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.Review(ctx, "app_1", affiliates.ReviewParams{Action: affiliates.ReviewActionApprove})
		return err
	},
	"Approve": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.Approve(ctx, "app_1", affiliates.ApproveParams{})
		return err
	},
	"Reject": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.Reject(ctx, "app_1", affiliates.RejectParams{})
		return err
	},
	"GetSettings": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.GetSettings(ctx)
		return err
	},
	"UpdateSettings": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.UpdateSettings(ctx, affiliates.UpdateSettingsParams{})
		return err
	},
}

// Nothing nil and nothing empty panics or reaches the network.
func TestHardPlaceNilAndEmpty(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		answerJSON(w, 200, `{"data":[],"url":"https://portal","id":"a","enrolled":true,"applied":true,"affiliate":{"id":"a"}}`)
	})
	empty := func(c *stackbe.Config) { *c = stackbe.Config{BaseURL: server.URL} }
	none, err := stackbe.New(stackbe.Config{BaseURL: server.URL})
	require.NoError(t, err)
	var nilClient *stackbe.Client

	for name, call := range calls {
		t.Run(name+" refuses a nil context", func(t *testing.T) {
			err := call(nil, newClient(t, server.URL).Affiliates) //nolint:staticcheck // the point of the test
			require.ErrorIs(t, err, stackbe.ErrInvalidArgument)
			assert.Contains(t, err.Error(), "ctx is nil")
		})
		t.Run(name+" without credentials names the one that is missing", func(t *testing.T) {
			err := call(t.Context(), none.Affiliates)
			missing := []error{stackbe.ErrNoAPIKey, stackbe.ErrNoSession, stackbe.ErrNoAdminToken, stackbe.ErrNoAppID}
			assert.Contains(t, missing, err)
			assert.Equal(t, err, call(t.Context(), none.AsCustomer("").AsAdmin("").Affiliates))
		})
		t.Run(name+" of a client that New did not make says so", func(t *testing.T) {
			for _, client := range []*stackbe.Client{{}, (&stackbe.Client{}).AsAdmin("x"), (&stackbe.Client{}).AsCustomer("x"), nilClient.AsCustomer("x"), nilClient.AsAdmin("x"), {Affiliates: &affiliates.Service{}}} {
				assert.ErrorIs(t, call(t.Context(), client.Affiliates), stackbe.ErrNoClient)
			}
		})
	}
	assert.Empty(t, server.received())

	t.Run("an http.Client without a transport is fine", func(t *testing.T) {
		client := newClient(t, server.URL, func(c *stackbe.Config) { c.HTTPClient = &http.Client{} })
		_, err := client.Affiliates.Get(t.Context(), "cust_1")
		require.NoError(t, err)
	})
	t.Run("no http.Client is fine", func(t *testing.T) {
		client := newClient(t, server.URL, empty, func(c *stackbe.Config) { c.APIKey = apiKey })
		_, err := client.Affiliates.Get(t.Context(), "cust_1")
		require.NoError(t, err)
	})
	t.Run("the zero Config is valid", func(t *testing.T) {
		_, err := stackbe.New(stackbe.Config{})
		require.NoError(t, err)
	})
	t.Run("an empty app id is named", func(t *testing.T) {
		client := newClient(t, server.URL, func(c *stackbe.Config) { c.AppID = "" })
		_, err := client.Affiliates.GetSettings(t.Context())
		assert.ErrorIs(t, err, stackbe.ErrNoAppID)
	})
}
