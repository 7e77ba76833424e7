package console

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
	"github.com/stackbe/stackbe-go/webhooks"
)

// endpointView is a webhook, and the forms that change it.
type endpointView struct {
	delivery.EndpointView
	Href, Events, Scheme, Envelope string
	Badge                          page.Badge
	Secret                         page.Copy
	Problems                       []string
	SecretField                    page.Field
	Deliveries                     deliveryList
}

func newEndpointView(endpoint delivery.EndpointView) endpointView {
	shown := endpointView{
		EndpointView: endpoint,
		Href:         at(webhooksPath, endpoint.ID),
		Events:       "All events",
		Scheme:       signature(endpoint),
		Envelope:     "Partner events as StackBE’s page on the partner program has them, others as its page on webhooks",
		Badge:        page.Badge{Text: "Enabled", Tone: page.Good},
		Secret:       page.Copy{ID: "signing-secret", Label: "Secret", Value: endpoint.Secret},
	}
	switch endpoint.Envelope {
	case delivery.GeneralEnvelope:
		shown.Envelope = "All events as StackBE’s page on webhooks has them"
	case delivery.BareEnvelope:
		shown.Envelope = "All events as {event, data}"
	}
	if endpoint.Disabled {
		shown.Badge = page.Badge{Text: "Disabled", Tone: page.Bad}
	}
	if len(endpoint.Events) > 0 {
		var names []string
		for _, kind := range endpoint.Events {
			names = append(names, string(kind))
		}
		shown.Events = strings.Join(names, ", ")
	}
	return shown
}

// signature says how deliveries are signed.
func signature(endpoint delivery.EndpointView) string {
	header := cmp.Or(endpoint.Header, webhooks.DefaultSignatureHeader)
	switch endpoint.Scheme {
	case webhooks.SchemeBody:
		return "The body, in " + header
	case webhooks.SchemeStandard:
		return "Standard Webhooks"
	default:
		return "The time and the body, in " + header
	}
}

// webhooksView is all webhooks, their deliveries, and the form that adds one.
type webhooksView struct {
	Problems              []string
	Endpoints             []endpointView
	Deliveries            deliveryList
	URLField, SecretField page.Field
}

func listWebhooks(v *visit) { v.showWebhooks(http.StatusOK, "", "", nil, nil) }

func addWebhook(v *visit) {
	form, ok := v.form()
	if !ok {
		return
	}
	params := delivery.EndpointParams{URL: page.Entered(form, "url"), Secret: page.Entered(form, "secret")}
	entered := params.Secret
	if params.Secret == "" {
		params.Secret = v.console.config.NewWebhookSecret()
	}
	if err := delivery.CheckURL(params.URL); err != nil {
		v.showWebhooks(http.StatusUnprocessableEntity, params.URL, entered, err, nil)
		return
	}
	added, err := v.webhooks.AddEndpoint(params)
	if err != nil {
		v.showWebhooks(http.StatusUnprocessableEntity, params.URL, entered, nil, err)
		return
	}
	v.done("The webhook is added. Give its secret to the receiver.", at(webhooksPath, added.ID))
}

// showWebhooks shows the webhooks with what was entered for another, and why it was refused.
func (v *visit) showWebhooks(status int, url, secret string, ofURL, ofSecret error) {
	asked, ok := v.page(webhooksPath)
	if !ok {
		return
	}
	deliveries, ok := v.deliveries(webhooksPath, "", asked)
	if !ok {
		return
	}
	shown := webhooksView{
		Deliveries: deliveries,
		URLField: page.Field{
			ID: "url", Name: "url", Label: "URL", Type: "url", Required: true, Autocomplete: "off", Value: url, Problems: sentences(ofURL),
			Hint: "The receiver, such as https://example.com/webhooks.",
		},
		SecretField: secretField("Signing secret", secret, ofSecret),
	}
	for _, endpoint := range v.webhooks.Endpoints() {
		shown.Endpoints = append(shown.Endpoints, newEndpointView(endpoint))
	}
	v.render(status, "webhooks", webhooksPath, page.View{
		Title:   "Webhooks",
		Lead:    "Who receives the events of the program, and how each delivery went.",
		Content: shown,
	})
}

func secretField(label, value string, problem error) page.Field {
	return page.Field{
		ID: "secret", Name: "secret", Label: label, Type: "text", Optional: true, Autocomplete: "off", Value: value, Problems: sentences(problem),
		Hint: "If it is empty, one is generated.",
	}
}

func sentences(err error) []string {
	if err == nil {
		return nil
	}
	return []string{page.Sentence(err.Error())}
}

func showWebhook(v *visit) { v.showWebhook(http.StatusOK, "", nil) }

func rotateSecret(v *visit) {
	form, ok := v.form()
	if !ok {
		return
	}
	id, entered := v.r.PathValue("id"), page.Entered(form, "secret")
	if _, err := v.webhooks.Endpoint(id); err != nil {
		v.fail(webhooksPath, err)
		return
	}
	secret := entered
	if secret == "" {
		secret = v.console.config.NewWebhookSecret()
	}
	if err := v.webhooks.Rotate(id, secret); err != nil {
		v.showWebhook(http.StatusUnprocessableEntity, entered, err)
		return
	}
	v.done("The secret is rotated. The old one signs beside it for 24 hours: give the new one to the receiver until then.", at(webhooksPath, id))
}

func enableWebhook(v *visit) {
	v.changeWebhook(v.webhooks.Enable, "The webhook is enabled, and receives the events from now on.")
}

func disableWebhook(v *visit) {
	v.changeWebhook(v.webhooks.Disable, "The webhook is disabled. Its pending deliveries are canceled.")
}

func (v *visit) changeWebhook(change func(id string) error, done string) {
	id := v.r.PathValue("id")
	if err := change(id); err != nil {
		v.fail(webhooksPath, err)
		return
	}
	v.done(done, at(webhooksPath, id))
}

// showWebhook shows a webhook with the secret that was entered, and why it was refused.
func (v *visit) showWebhook(status int, entered string, refusal error) {
	endpoint, err := v.webhooks.Endpoint(v.r.PathValue("id"))
	if err != nil {
		v.fail(webhooksPath, err)
		return
	}
	asked, ok := v.page(webhooksPath)
	if !ok {
		return
	}
	shown := newEndpointView(endpoint)
	shown.SecretField = secretField("New secret", entered, refusal)
	if shown.Deliveries, ok = v.deliveries(shown.Href, endpoint.ID, asked); !ok {
		return
	}
	v.render(status, "webhook", webhooksPath, page.View{
		Title:   endpoint.URL,
		Back:    &page.Link{Href: webhooksPath, Text: "Webhooks"},
		Content: shown,
	})
}

// deliveryList is a page of deliveries.
type deliveryList struct {
	Caption string
	Filters page.Pills
	Rows    []deliveryRow
	Pager   page.Pager
	Empty   page.Empty
}

// deliveryRow is a delivery in the list.
type deliveryRow struct {
	delivery.Delivery
	Href     string
	Badge    page.Badge
	Attempts int
	Last     string
}

// deliveries are those of one webhook, or of all if the id is empty. path is that of the list.
func (v *visit) deliveries(path, endpointID string, asked program.PageQuery) (list deliveryList, ok bool) {
	state := v.r.URL.Query().Get("state")
	current := state
	if current == "" {
		current = allStatuses
	}
	if _, known := deliveryBadges[delivery.State(current)]; !known && current != allStatuses {
		v.fail(webhooksPath, &program.Invalid{})
		return deliveryList{}, false
	}
	query := delivery.DeliveryQuery{EndpointID: endpointID, PageQuery: asked}
	if current != allStatuses {
		query.State = delivery.State(current)
	}
	found := v.webhooks.Deliveries(query)
	list = deliveryList{
		Caption: "Deliveries, newest first",
		Filters: pills("State", path, "state", current, []filter{
			{allStatuses, "All"},
			{string(delivery.Pending), deliveryBadges[delivery.Pending].Text},
			{string(delivery.Delivered), deliveryBadges[delivery.Delivered].Text},
			{string(delivery.GivenUp), deliveryBadges[delivery.GivenUp].Text},
			{string(delivery.Canceled), deliveryBadges[delivery.Canceled].Text},
		}),
		Pager: page.NewPager(v.r, len(found.Rows), found.Next),
		Empty: page.Empty{Icon: "send", Title: "No delivery yet", Text: "Review an application, and its event is delivered at once."},
	}
	if current != allStatuses {
		list.Empty = page.Empty{Icon: "send", Title: "No such delivery", Text: "No delivery that is kept is in this state.", Actions: []page.Action{{Href: path, Text: "Show all deliveries"}}}
	}
	for _, one := range found.Rows {
		list.Rows = append(list.Rows, newDeliveryRow(one))
	}
	return list, true
}

var deliveryBadges = map[delivery.State]page.Badge{
	delivery.Pending:   {Text: "Pending", Tone: page.Wait},
	delivery.Delivered: {Text: "Delivered", Tone: page.Good},
	delivery.GivenUp:   {Text: "Given up", Tone: page.Bad},
	delivery.Canceled:  {Text: "Canceled"},
}

func newDeliveryRow(one delivery.Delivery) deliveryRow {
	row := deliveryRow{
		Delivery: one,
		Href:     at(webhooksPath, one.EndpointID, "deliveries", one.EventID),
		Badge:    deliveryBadges[one.State],
		Attempts: len(one.Attempts) + one.DroppedAttempts,
		Last:     "—",
	}
	if made := len(one.Attempts); made > 0 {
		row.Last = outcome(one.Attempts[made-1])
	}
	return row
}

// outcome is the status of a response, or that there was none.
func outcome(attempt delivery.Attempt) string {
	if attempt.StatusCode == 0 {
		return "No response"
	}
	return statusText(attempt.StatusCode)
}
