package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/stackbe/stackbe-go/internal/refserver/delivery"
	"github.com/stackbe/stackbe-go/webhooks"
)

const (
	defaultSecret   = "webhook_secret_mock"
	defaultReceiver = "http://127.0.0.1:8080/webhooks/stackbe" // that of examples/webhook, as its doc starts it
)

// A posting is how a delivery is signed, and where it goes.
type posting struct {
	to      string
	secret  string
	scheme  webhooks.Scheme
	header  string
	timeout time.Duration
}

// flags are those that trigger and send have in common.
func (p *posting) flags(flags *flag.FlagSet) {
	p.scheme = webhooks.SchemeTimestamped
	flags.StringVar(&p.to, "to", defaultReceiver, "`URL` of the receiver")
	flags.StringVar(&p.secret, "secret", "", "`secret` to sign with (default: that of STACKBE_WEBHOOK_SECRET, or else "+defaultSecret+")")
	flags.Func("scheme", "`scheme` of the signature: timestamped, body, or standard, which needs a secret that begins with whsec_ (default timestamped)", func(text string) (err error) {
		p.scheme, err = parseScheme(text)
		return err
	})
	flags.StringVar(&p.header, "header", webhooks.DefaultSignatureHeader, "`name` of the header with the signature, except in the scheme standard")
	flags.DurationVar(&p.timeout, "timeout", webhooks.SenderTimeout, "`duration` that the receiver has to respond")
}

func parseScheme(text string) (webhooks.Scheme, error) {
	for _, scheme := range []webhooks.Scheme{webhooks.SchemeTimestamped, webhooks.SchemeBody, webhooks.SchemeStandard} {
		if text == scheme.String() {
			return scheme, nil
		}
	}
	return 0, errors.New("must be timestamped, body or standard")
}

// check names the flag whose value is invalid.
func (p *posting) check() error {
	p.secret = cmp.Or(p.secret, os.Getenv("STACKBE_WEBHOOK_SECRET"), defaultSecret)
	if err := delivery.CheckURL(p.to); err != nil {
		return fmt.Errorf("-to: %w", err)
	}
	if p.timeout <= 0 {
		return errors.New("-timeout: must be above 0")
	}
	if _, err := webhooks.NewVerifier(p.secret, webhooks.WithSignatureHeader(p.header)); errors.Is(err, webhooks.ErrInvalidOption) {
		return fmt.Errorf("-header: %w", err)
	}
	if _, err := webhooks.Sign([]byte("{}"), p.signing("")); err != nil {
		return fmt.Errorf("-secret: %w", err)
	}
	return nil
}

func (p *posting) signing(id string) webhooks.Signing {
	return webhooks.Signing{Secrets: []string{p.secret}, Scheme: p.scheme, ID: id, Header: p.header}
}

// post sends a body, and returns an error unless the receiver accepts it. What is the event or file that
// is sent.
func (p *posting) post(ctx context.Context, what string, body []byte, id string, stdout io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	request, err := webhooks.NewRequest(ctx, p.to, body, p.signing(id))
	if err != nil {
		return err
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: no response to %s within %v", p.to, what, p.timeout)
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("%s did not accept %s: %s%s", p.to, what, response.Status, firstWords(response.Body))
	}
	_, err = fmt.Fprintf(stdout, "%s accepted %s: %s\n", p.to, what, response.Status)
	return err
}

// firstWords are the beginning of a response's body, in one line of text.
func firstWords(body io.Reader) string {
	const longest = 500
	read, _ := io.ReadAll(io.LimitReader(body, longest+1)) // what came before a failure is shown
	more := ""
	if len(read) > longest {
		read, more = read[:longest], "…"
	}
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(read), "")), " ")
	if text == "" {
		return ""
	}
	quoted := strconv.Quote(text) // no character of it controls the terminal
	return ": " + strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`) + more
}
