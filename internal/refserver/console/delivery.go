package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/internal/refserver/page"
)

// deliveryView is a delivery with its attempts.
type deliveryView struct {
	delivery.Delivery
	Href, WebhookHref string
	Body              string
	Count             int
	Disabled          bool
	Badge             page.Badge
	Problems          []string
	Attempts          []attemptView
	Dropped           int
}

// attemptView is one attempt, newest first.
type attemptView struct {
	ID       string
	Number   int
	Started  time.Time
	Badge    page.Badge
	Summary  string
	Exchange bool
	// Request and Response are as HTTP/1.1 writes them.
	Request, Response string
	Cut               bool
}

func showDelivery(v *visit) { v.showDelivery(http.StatusOK, nil) }

func redeliver(v *visit) {
	err := v.webhooks.Redeliver(v.r.PathValue("id"), v.r.PathValue("event"))
	if errors.Is(err, delivery.ErrDisabled) {
		v.showDelivery(http.StatusConflict, err)
		return
	}
	if err != nil {
		v.fail(webhooksPath, err)
		return
	}
	v.done("The event is on its way again. Reload this page for its response.", at(webhooksPath, v.r.PathValue("id"), "deliveries", v.r.PathValue("event")))
}

func (v *visit) showDelivery(status int, refusal error) {
	found, err := v.webhooks.Delivery(v.r.PathValue("id"), v.r.PathValue("event"))
	if err != nil {
		v.fail(webhooksPath, err)
		return
	}
	endpoint, err := v.webhooks.Endpoint(found.EndpointID)
	if err != nil {
		v.fail(webhooksPath, err)
		return
	}
	shown := deliveryView{
		Delivery:    found,
		Href:        at(webhooksPath, found.EndpointID, "deliveries", found.EventID),
		WebhookHref: at(webhooksPath, found.EndpointID),
		Body:        indented(found.Body),
		Count:       len(found.Attempts) + found.DroppedAttempts,
		Disabled:    endpoint.Disabled,
		Badge:       deliveryBadges[found.State],
		Problems:    sentences(refusal),
		Dropped:     found.DroppedAttempts,
	}
	for i, attempt := range slices.Backward(found.Attempts) {
		shown.Attempts = append(shown.Attempts, newAttemptView(found, attempt, i+1+found.DroppedAttempts))
	}
	v.render(status, "delivery", webhooksPath, page.View{
		Title:   found.EventType,
		Back:    &page.Link{Href: shown.WebhookHref, Text: "Webhook"},
		Content: shown,
	})
}

// indented is a JSON body for a reader.
func indented(body []byte) string {
	var text bytes.Buffer
	if err := json.Indent(&text, body, "", "  "); err != nil {
		return string(body)
	}
	return text.String()
}

func newAttemptView(of delivery.Delivery, attempt delivery.Attempt, number int) attemptView {
	shown := attemptView{
		ID:      fmt.Sprint("attempt-", number),
		Number:  number,
		Started: attempt.Started,
		Badge:   page.Badge{Text: outcome(attempt), Tone: page.Bad},
		Summary: "The response took " + milliseconds(attempt.Duration) + ".",
	}
	if attempt.StatusCode >= 200 && attempt.StatusCode <= 299 {
		shown.Badge.Tone = page.Good
	}
	if attempt.Err != nil {
		shown.Summary = page.Sentence("There was no response after " + milliseconds(attempt.Duration) + ": " + attempt.Err.Error())
	}
	exchange := attempt.Exchange
	if exchange == nil {
		return shown
	}
	shown.Exchange, shown.Cut = true, exchange.Cut
	body := exchange.RequestBody
	if body == "" {
		body = string(of.Body)
	}
	shown.Request = requestLine(of.URL) + fields(exchange.RequestHeader) + "\n" + body
	if attempt.StatusCode != 0 {
		shown.Response = "HTTP/1.1 " + outcome(attempt) + "\n" + fields(exchange.ResponseHeader) + "\n" + exchange.ResponseBody
	}
	return shown
}

// requestLine is the first line of a request, and its Host.
func requestLine(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return "POST " + address + " HTTP/1.1\n"
	}
	return "POST " + parsed.RequestURI() + " HTTP/1.1\nHost: " + parsed.Host + "\n"
}

// fields are those of a header, by name.
func fields(header http.Header) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			text.WriteString(name + ": " + value + "\n")
		}
	}
	return text.String()
}

func milliseconds(d time.Duration) string {
	if d < time.Millisecond {
		return "less than 1 ms"
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}
