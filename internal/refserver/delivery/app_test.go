package delivery_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
	"github.com/stackbe/stackbe-go/webhooks"
)

// everyApp says that an app exists.
func everyApp(string) bool { return true }

func TestAppNeitherShowsNorChangesTheWebhooksOfAnother(t *testing.T) {
	dispatcher, _ := newDispatcher(t, time.Now, withStatus(200))
	defer dispatcher.Close()
	dispatcher.Publish("app", rejected("cm1"))
	dispatcher.Settle()
	made := dispatcher.Deliveries()[0]
	before := dispatcher.Document(everyApp)

	other := dispatcher.App("other")
	assert.Empty(t, other.Endpoints())
	assert.Empty(t, other.Deliveries(delivery.DeliveryQuery{PageQuery: program.PageQuery{Limit: 10}}).Rows)
	assert.Empty(t, other.Deliveries(delivery.DeliveryQuery{EndpointID: made.EndpointID, PageQuery: program.PageQuery{Limit: 10}}).Rows)
	for name, call := range map[string]func() error{
		"Endpoint":  func() error { _, err := other.Endpoint(made.EndpointID); return err },
		"Delivery":  func() error { _, err := other.Delivery(made.EndpointID, made.EventID); return err },
		"Rotate":    func() error { return other.Rotate(made.EndpointID, "another secret of the tests") },
		"Enable":    func() error { return other.Enable(made.EndpointID) },
		"Disable":   func() error { return other.Disable(made.EndpointID) },
		"Redeliver": func() error { return other.Redeliver(made.EndpointID, made.EventID) },
	} {
		assert.ErrorIs(t, call(), delivery.ErrUnknown, name)
	}
	dispatcher.Settle()
	assert.Equal(t, before, dispatcher.Document(everyApp))
}

func TestDeliveriesOfAppArePaged(t *testing.T) {
	dispatcher, _ := newDispatcher(t, time.Now, withStatus(200))
	defer dispatcher.Close()
	failing, err := dispatcher.AddEndpoint("app", delivery.EndpointParams{URL: "http://failing.test", Secret: secret, Transport: withStatus(500)})
	require.NoError(t, err)
	_, err = dispatcher.AddEndpoint("other", delivery.EndpointParams{URL: "http://other.test", Secret: secret, Transport: withStatus(200)})
	require.NoError(t, err)
	for i := range 5 {
		dispatcher.Publish("app", rejected(fmt.Sprint("cm", i)))
		dispatcher.Publish("other", rejected(fmt.Sprint("cx", i)))
	}
	dispatcher.Settle()

	for name, test := range map[string]struct {
		query delivery.DeliveryQuery
		want  []string
	}{
		"all":            {delivery.DeliveryQuery{}, []string{"cm4", "cm4", "cm3", "cm3", "cm2", "cm2", "cm1", "cm1", "cm0", "cm0"}},
		"of an endpoint": {delivery.DeliveryQuery{EndpointID: failing.ID}, []string{"cm4", "cm3", "cm2", "cm1", "cm0"}},
		"in a state":     {delivery.DeliveryQuery{State: delivery.Delivered}, []string{"cm4", "cm3", "cm2", "cm1", "cm0"}},
		"of neither":     {delivery.DeliveryQuery{EndpointID: failing.ID, State: delivery.Delivered}, nil},
	} {
		for limit := 1; limit <= 11; limit++ {
			t.Run(fmt.Sprintf("%s, %d to a page", name, limit), func(t *testing.T) {
				asked := test.query
				asked.Limit = limit
				var got []string
				for {
					page := dispatcher.App("app").Deliveries(asked)
					for _, made := range page.Rows {
						got = append(got, application(made))
					}
					if page.Next == 0 {
						break
					}
					require.Len(t, page.Rows, limit)
					asked.Before = page.Next
				}
				assert.Equal(t, test.want, got)
			})
		}
	}
}

func TestOneDeliveryIsMadeAgainToOneEndpoint(t *testing.T) {
	dispatcher, _ := newDispatcher(t, time.Now, withStatus(200))
	defer dispatcher.Close()
	second, err := dispatcher.AddEndpoint("app", delivery.EndpointParams{URL: "http://second.test", Secret: secret, Transport: withStatus(200)})
	require.NoError(t, err)
	dispatcher.Publish("app", rejected("cm1"))
	dispatcher.Settle()
	event := dispatcher.Deliveries()[0].EventID

	require.NoError(t, dispatcher.App("app").Redeliver(second.ID, event))
	dispatcher.Settle()
	shown := dispatcher.Deliveries()
	assert.Len(t, shown[0].Attempts, 1)
	assert.Len(t, shown[1].Attempts, 2)
	assert.Equal(t, second.ID, shown[1].EndpointID)
}

func TestDisabledEndpointReceivesNothingUntilItIsEnabled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dispatcher, _ := newDispatcher(t, time.Now, withStatus(500))
		defer dispatcher.Close()
		app := dispatcher.App("app")
		endpoint := app.Endpoints()[0]
		dispatcher.Publish("app", rejected("cm1"))
		dispatcher.Settle()

		require.NoError(t, app.Disable(endpoint.ID))
		dispatcher.Publish("app", rejected("cm2"))
		time.Sleep(80 * time.Hour)
		shown := dispatcher.Deliveries()
		require.Len(t, shown, 1)
		assert.Equal(t, delivery.Canceled, shown[0].State)
		assert.Len(t, shown[0].Attempts, 1)
		assert.ErrorIs(t, app.Redeliver(endpoint.ID, shown[0].EventID), delivery.ErrDisabled)

		require.NoError(t, app.Enable(endpoint.ID))
		dispatcher.Publish("app", rejected("cm3"))
		dispatcher.Settle()
		require.Len(t, dispatcher.Deliveries(), 2)
	})
}

func TestEndpointShowsUntilWhenOldSecretsSign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var signatures string
		dispatcher, _ := newDispatcher(t, time.Now, func() responseFunc {
			return func(r *http.Request) (*http.Response, error) {
				signatures = r.Header.Get(webhooks.DefaultSignatureHeader)
				return withStatus(200)(r)
			}
		}())
		defer dispatcher.Close()
		app := dispatcher.App("app")
		id := app.Endpoints()[0].ID
		const newSecret = "a new secret of the tests"
		require.NoError(t, app.Rotate(id, newSecret))

		view, err := app.Endpoint(id)
		require.NoError(t, err)
		assert.Equal(t, newSecret, view.Secret)
		assert.Equal(t, webhooks.SchemeTimestamped, view.Scheme)
		assert.Equal(t, time.Now().Add(24*time.Hour), view.OldSecretUntil)
		dispatcher.Publish("app", rejected("cm1"))
		dispatcher.Settle()
		assert.Regexp(t, `v1=[0-9a-f]+,v1=[0-9a-f]+$`, signatures)

		time.Sleep(24 * time.Hour)
		view, err = app.Endpoint(id)
		require.NoError(t, err)
		assert.Zero(t, view.OldSecretUntil)
		dispatcher.Publish("app", rejected("cm2"))
		dispatcher.Settle()
		assert.Regexp(t, `^t=\d+,v1=[0-9a-f]+$`, signatures)
	})
}
