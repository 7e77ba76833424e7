package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/refserver/control"
)

// A greeting is what is printed at the start.
type greeting struct {
	shown
	options
	url     string
	console string // a link that signs in; empty if the console is off
	access  control.Access
}

// announcement is a greeting for programs.
type announcement struct {
	URL           string `json:"url"`
	AppID         string `json:"appId"`
	APIKey        string `json:"apiKey"`
	AdminToken    string `json:"adminToken"`
	CustomerID    string `json:"customerId,omitempty"` // of a partner
	AffiliateID   string `json:"affiliateId,omitempty"`
	Email         string `json:"email,omitempty"`
	Code          string `json:"code,omitempty"`
	Session       string `json:"session,omitempty"`
	WebhookURL    string `json:"webhookUrl,omitempty"`
	WebhookSecret string `json:"webhookSecret"`
	OpenAPIURL    string `json:"openapiUrl"`
	ControlURL    string `json:"controlUrl,omitempty"`
	ConsoleURL    string `json:"consoleUrl,omitempty"`
	Version       string `json:"version"`
}

func (g greeting) writeJSON(stdout io.Writer) error {
	webhookURL, secret := g.firstWebhook()
	made := announcement{
		URL:           g.url,
		AppID:         g.ID,
		APIKey:        g.APIKey,
		AdminToken:    g.AdminToken,
		CustomerID:    g.partner.CustomerID,
		AffiliateID:   g.partner.ID,
		Email:         g.partner.Email,
		Code:          g.partner.Code,
		Session:       g.session,
		WebhookURL:    webhookURL,
		WebhookSecret: secret,
		OpenAPIURL:    g.url + "/openapi.yaml",
		ConsoleURL:    g.console,
		Version:       buildVersion(),
	}
	if g.access != control.None {
		made.ControlURL = g.url + strings.TrimSuffix(control.Prefix, "/")
	}
	encoder := json.NewEncoder(stdout) // which writes one line
	encoder.SetEscapeHTML(false)
	return encoder.Encode(made)
}

// firstWebhook is where events go, and what they are signed with: the secret of the flag, if they go
// nowhere.
func (g greeting) firstWebhook() (url, secret string) {
	for _, webhook := range g.webhooks {
		return webhook.URL, webhook.Secrets[0].Secret
	}
	return "", g.webhook.Secret
}

func (g greeting) write(stdout io.Writer) error {
	if g.json {
		return g.writeJSON(stdout)
	}
	c := g.contract.Complete()
	_, err := fmt.Fprintf(stdout, `StackBE reference server: %[1]s%[2]s

  API key        %[3]s  (%[4]s)
  app id         %[5]s
  admin token    %[6]s  (%[7]s)
  %[8]s
  webhook        %[9]s
  console        %[10]s
  control API    %[11]s

Submit a partner application:

curl -X POST %[1]s%[12]s \
--noproxy '*' \
-H "%[13]s" \
-H "Content-Type: application/json" \
-d '{
"email": "partner@example.com",
"name": "Jane Smith",
"company": "Acme Inc",
"website": "https://acme.com",
"reason": "I have a large audience in the SaaS space"
}'

%[14]s
%[15]s
`, g.url, insecure(g.url), g.APIKey, carrier(c.APIKeyHeader), g.ID, g.AdminToken, carrier(c.AdminHeader),
		g.describePartner(c), g.describeWebhook(), g.describeConsole(), g.describeControl(),
		c.ApplyPath, header(c.APIKeyHeader, g.APIKey), g.describeContract(), g.describeEnd())
	return err
}

func (g greeting) describePartner(c contract.Contract) string {
	if g.session == "" {
		return "partner        none yet"
	}
	return fmt.Sprintf("demo partner   %s, code %s, customer %s\n  session token  %s  (%s)",
		g.partner.Email, g.partner.Code, g.partner.CustomerID, g.session, carrier(c.SessionHeader))
}

func (g greeting) describeWebhook() string {
	url, secret := g.firstWebhook()
	if url == "" {
		return "none; give one with -webhook-url"
	}
	described := fmt.Sprintf("%s, secret %s", url, secret)
	if more := len(g.webhooks) - 1; more > 0 {
		described += fmt.Sprintf(", and %d more", more)
	}
	return described
}

const off = "off, since -addr is not on loopback; -public turns it on"

func (g greeting) describeConsole() string {
	if g.console == "" {
		return off
	}
	return g.console + "  (signs in, once)"
}

func (g greeting) describeControl() string {
	switch g.access {
	case control.None:
		return off
	case control.Public:
		return g.url + control.Prefix + "  (public: everyone who reaches the server can use it)"
	default:
		return g.url + control.Prefix
	}
}

// describeContract says where the contract can be read, and whether the server follows it.
func (g greeting) describeContract() string {
	if g.contract.Complete() == contract.Default() {
		return "The contract is at " + g.url + "/openapi.yaml."
	}
	return "The contract is that of " + g.contractFile + ". " + g.url + "/openapi.yaml is that of the default contract,\nand has none of the changes."
}

func (g greeting) describeEnd() string {
	if g.data != "" {
		return "Ctrl-C ends the server; " + g.data + " keeps its state."
	}
	return "Ctrl-C ends the server, and forgets everything."
}

// carrier says how a credential is sent.
func carrier(name string) string { return strings.TrimSuffix(header(name, ""), ": ") }

// header is that of a request, with a token.
func header(name, token string) string {
	if strings.EqualFold(name, "Authorization") {
		return strings.TrimSpace(name + ": Bearer " + token)
	}
	return name + ": " + token
}
