package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

// A delivery is the report about a verified delivery.
type delivery struct {
	Scheme   string   `json:"scheme"`
	Header   string   `json:"header"`
	Envelope []string `json:"envelope"` // its fields, as they stand
	Go       string   `json:"go"`       // accepts this and nothing else
	Contract string   `json:"contract"`

	assumed bool // all of it is the default
}

// listen tells of the first delivery that verifies, and ends.
func listen(ctx context.Context, o options, stdout, stderr io.Writer) int {
	listener, err := net.Listen("tcp", o.webhook)
	if err != nil {
		fmt.Fprintln(stderr, "stackbe-check: -webhook:", err)
		return exitFailed
	}
	r := &receiver{secret: o.webhookSecret, log: stderr, verified: make(chan delivery, 1)}
	server := &http.Server{Handler: r, ReadTimeout: 30 * time.Second, MaxHeaderBytes: 64 << 10}
	go func() { _ = server.Serve(listener) }() // ends with Shutdown
	fmt.Fprintf(stderr, "Listening on %s. Have an event delivered: review an application, for instance. Ctrl-C ends.\n", listener.Addr())

	var d delivery
	status := exitFailed
	select {
	case d = <-r.verified:
		status = exitHolds
		if !d.assumed {
			status = exitRefuted
		}
		err = d.print(stdout, o.json)
	case <-ctx.Done():
		err = errors.New("no delivery has verified")
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = server.Shutdown(ending) // the response to the delivery, or nothing, is under way
	if err != nil {
		fmt.Fprintln(stderr, "stackbe-check:", err)
		return exitFailed
	}
	return status
}

// A receiver responds to a delivery with 200 if it verifies, and with 401 if not, so that the
// sender retries it.
type receiver struct {
	secret   string
	log      io.Writer
	verified chan delivery
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, 1<<20))
	if err != nil || request.Method != http.MethodPost {
		http.Error(w, "not a delivery", http.StatusBadRequest)
		return
	}
	d, err := identify(request.Header, body, r.secret)
	if err != nil {
		fmt.Fprintln(r.log, "A request is not verified:", err)
		http.Error(w, "not verified", http.StatusUnauthorized)
		return
	}
	w.WriteHeader(http.StatusOK)
	select {
	case r.verified <- d:
	default: // one is enough
	}
}

// ownSchemes are those whose header has no fixed name.
var ownSchemes = []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeBody}

// identify finds the scheme and the header under which a delivery verifies.
func identify(header http.Header, body []byte, secret string) (delivery, error) {
	const standardHeader = "webhook-signature"
	try := func(name string) (*webhooks.Event, error) {
		if name == standardHeader {
			return parseAs(header, body, secret, webhooks.WithSchemes(webhooks.SchemeStandard))
		}
		return parseAs(header, body, secret, webhooks.WithSignatureHeader(name), webhooks.WithSchemes(ownSchemes...))
	}
	for _, name := range append([]string{standardHeader}, names(header)...) {
		event, err := try(name)
		if err == nil {
			return describe(event, name), nil
		}
		if errors.Is(err, webhooks.ErrMalformedEvent) {
			return delivery{}, fmt.Errorf("the signature in %s verifies, and the body is not an event: %w", name, err)
		}
	}
	return delivery{}, fmt.Errorf("no header holds a signature that verifies with the secret; the headers that may hold one are %q", suspects(header))
}

func parseAs(header http.Header, body []byte, secret string, options ...webhooks.VerifierOption) (*webhooks.Event, error) {
	verifier, err := webhooks.NewVerifier(secret, options...)
	if err != nil {
		return nil, err
	}
	return verifier.ParseEvent(header, body)
}

// names are those of the headers, the likely ones first.
func names(header http.Header) []string {
	var likely, others []string
	for _, name := range append([]string{webhooks.DefaultSignatureHeader}, candidates["SignatureHeader"]...) {
		if header.Get(name) != "" {
			likely = append(likely, name)
		}
	}
	for name := range header {
		if !slices.ContainsFunc(likely, func(other string) bool { return strings.EqualFold(name, other) }) {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	return append(likely, others...)
}

func suspects(header http.Header) []string {
	return slices.DeleteFunc(names(header), func(name string) bool {
		return !strings.Contains(strings.ToLower(name), "sign") && !strings.Contains(strings.ToLower(name), "hmac")
	})
}

func describe(event *webhooks.Event, header string) delivery {
	options := "webhooks.WithSchemes(" + schemeNames[event.Scheme] + ")"
	contract := "stackbe.Contract{}"
	own := event.Scheme != webhooks.SchemeStandard && !strings.EqualFold(header, webhooks.DefaultSignatureHeader)
	if own {
		options = "webhooks.WithSignatureHeader(" + strconv.Quote(header) + "), " + options
		contract = "stackbe.Contract{\n\tSignatureHeader: " + strconv.Quote(header) + ",\n}"
	}
	fields := envelope(event.Raw)
	return delivery{
		Scheme:   event.Scheme.String(),
		Header:   header,
		Envelope: fields,
		Go:       `webhooks.NewVerifier(os.Getenv("STACKBE_WEBHOOK_SECRET"), ` + options + ")",
		Contract: contract,
		assumed:  !own && event.Scheme == webhooks.SchemeTimestamped && isAssumed(fields),
	}
}

// isAssumed reports whether the fields are those of the contract's envelope, in any order.
func isAssumed(fields []string) bool {
	sorted := slices.Sorted(slices.Values(fields))
	return slices.Equal(sorted, []string{"data", "event", "id", "timestamp"})
}

var schemeNames = map[webhooks.Scheme]string{
	webhooks.SchemeTimestamped: "webhooks.SchemeTimestamped",
	webhooks.SchemeBody:        "webhooks.SchemeBody",
	webhooks.SchemeStandard:    "webhooks.SchemeStandard",
}

// envelope is the names of a body's fields, in their order.
func envelope(body json.RawMessage) []string {
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	_, _ = decoder.Token() // it is a JSON object, since it was an event
	var names []string
	for decoder.More() {
		name, _ := decoder.Token()
		names = append(names, fmt.Sprint(name))
		var value json.RawMessage
		_ = decoder.Decode(&value)
	}
	return names
}

func (d delivery) print(to io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(to)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(d)
	}
	_, err := fmt.Fprintf(to, `scheme    %s
header    %s
envelope  {%s}

This accepts it, and nothing else:

%s

Config.Contract for this account, as far as a delivery shows it:

%s
`, d.Scheme, d.Header, strings.Join(d.Envelope, ", "), d.Go, d.Contract)
	return err
}
