package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/program"
	"github.com/stackbe/stackbe-go/webhooks"
)

// A receiver accepts what its verifier does, and keeps it.
type receiver struct {
	url    string
	events chan *webhooks.Event
}

func newReceiver(t *testing.T, secret string, options ...webhooks.VerifierOption) receiver {
	verifier, err := webhooks.NewVerifier(secret, options...)
	require.NoError(t, err)
	r := receiver{events: make(chan *webhooks.Event, 100)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		event, err := verifier.ParseRequest(request)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		r.events <- event
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

const standardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// types are the events that package webhooks has constants for.
func types() []webhooks.EventType {
	return []webhooks.EventType{
		webhooks.EventApplicationApproved, webhooks.EventApplicationRejected,
		webhooks.EventSubscriptionCreated, webhooks.EventSubscriptionUpdated, webhooks.EventSubscriptionCanceled,
		webhooks.EventSubscriptionPaused, webhooks.EventSubscriptionResumed,
		webhooks.EventCustomerCreated, webhooks.EventCustomerUpdated,
		webhooks.EventPaymentSucceeded, webhooks.EventPaymentFailed, webhooks.EventEntitlementsUpdated,
	}
}

func TestTriggerKnowsEveryEvent(t *testing.T) {
	var known []webhooks.EventType
	for _, kind := range eventKinds() {
		known = append(known, webhooks.EventType(kind))
		assert.True(t, kind.Known(), kind)
	}
	assert.Equal(t, types(), known)
	source, err := os.ReadFile(filepath.FromSlash("../../webhooks/event.go"))
	require.NoError(t, err)
	assert.Equal(t, strings.Count(string(source), " EventType = "), len(known))
}

func TestTriggerIsAcceptedInEverySchemeAndEnvelope(t *testing.T) {
	for scheme, secret := range map[webhooks.Scheme]string{
		webhooks.SchemeTimestamped: "a secret of my own",
		webhooks.SchemeBody:        "a secret of my own",
		webhooks.SchemeStandard:    standardSecret,
	} {
		r := newReceiver(t, secret, webhooks.WithSchemes(scheme))
		for _, envelope := range []string{"partner", "general", "bare"} {
			for _, kind := range types() {
				var stdout strings.Builder
				require.NoError(t, run(t.Context(), []string{"trigger", string(kind), "-to", r.url, "-secret", secret, "-scheme", scheme.String(), "-envelope", envelope}, &stdout), "%s %s %s", scheme, envelope, kind)
				event := <-r.events
				assert.Equal(t, kind, event.Type)
				assert.Equal(t, scheme, event.Scheme)
				assert.Contains(t, stdout.String(), "accepted "+string(kind))
				assert.NoError(t, decode(event), "%s %s", envelope, kind)
				if envelope != "bare" {
					assert.Contains(t, stdout.String(), event.ID)
					assert.False(t, event.CreatedAt.IsZero())
				}
			}
		}
	}
}

// decode decodes the data as the type of the event has it.
func decode(event *webhooks.Event) (err error) {
	switch kind := string(event.Type); {
	case event.Type == webhooks.EventApplicationApproved:
		_, err = event.ApplicationApproved()
	case event.Type == webhooks.EventApplicationRejected:
		_, err = event.ApplicationRejected()
	case strings.HasPrefix(kind, "subscription."):
		_, err = event.SubscriptionChanged()
	case strings.HasPrefix(kind, "customer."):
		_, err = event.CustomerChanged()
	case strings.HasPrefix(kind, "payment."):
		_, err = event.PaymentAttempted()
	default:
		_, err = event.EntitlementsUpdated()
	}
	return err
}

func TestTriggeredEventsSayWhatHappened(t *testing.T) {
	r := newReceiver(t, defaultSecret)
	data := map[webhooks.EventType]string{}
	for _, kind := range types() {
		require.NoError(t, run(t.Context(), []string{"trigger", string(kind), "-to", r.url}, io.Discard))
		data[kind] = string((<-r.events).Data)
	}
	assert.Contains(t, data[webhooks.EventApplicationRejected], `"reason":"Not a good fit`)
	assert.NotContains(t, data[webhooks.EventApplicationRejected], `"affiliate"`)
	assert.Contains(t, data[webhooks.EventSubscriptionCanceled], `"status":"canceled"`)
	assert.NotContains(t, data[webhooks.EventSubscriptionPaused], `"pausedAt":null`)
	assert.Contains(t, data[webhooks.EventSubscriptionCreated], `"pausedAt":null`)
	assert.Contains(t, data[webhooks.EventPaymentFailed], `"status":"failed"`)
	assert.Contains(t, data[webhooks.EventPaymentSucceeded], `"status":"paid"`)
}

func TestTriggerSetsFields(t *testing.T) {
	r := newReceiver(t, defaultSecret)
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"a field of the data":             {[]string{"-set", "customer.email=jane@acme.com"}, `"email":"jane@acme.com"`},
		"a field with the path from data": {[]string{"-set", "data.customer.email=jane@acme.com"}, `"email":"jane@acme.com"`},
		"the id of the event":             {[]string{"-set", "id=evt_mine"}, `"id":"evt_mine"`},
		"a number":                        {[]string{"-set", "payment.amount=0.10"}, `"amount":0.10`},
		"a text of digits":                {[]string{"-set", `customer.name="007"`}, `"name":"007"`},
		"a truth":                         {[]string{"-set", "subscription.cancelAtPeriodEnd=true"}, `"cancelAtPeriodEnd":true`},
		"null":                            {[]string{"-set", "customer.name=null"}, `"name":null`},
		"an empty text":                   {[]string{"-set", "customer.name="}, `"name":""`},
		"an equals sign":                  {[]string{"-set", "customer.name=a=b"}, `"name":"a=b"`},
		"an object":                       {[]string{"-set", `plan.entitlements={"seats": 5}`}, `"seats":5`},
		"a field of that object":          {[]string{"-set", `plan.entitlements={"seats": 5}`, "-set", "plan.entitlements.sso=true"}, `"entitlements":{"seats":5,"sso":true}`},
		"a field that there is not":       {[]string{"-set", "extra.deep.field=x"}, `"extra":{"deep":{"field":"x"}}`},
		"two fields after one -set":       {[]string{"-set", "customer.email=a@b.co", "customer.name=Ann"}, `"email":"a@b.co","id":"cust_123","name":"Ann"`},
		"markup":                          {[]string{"-set", "customer.name=<b>&"}, `"name":"<b>&"`},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"trigger", "-to", r.url, "payment.succeeded"}, c.args...)
			require.NoError(t, run(t.Context(), args, io.Discard))
			assert.Contains(t, string((<-r.events).Raw), c.want)
		})
	}
}

func TestSendSignsTheBytesOfTheFile(t *testing.T) {
	body := "{ \"type\" : \"own.event\",\n  \"id\": \"evt_own\" }\n"
	file := filepath.Join(t.TempDir(), "event.json")
	require.NoError(t, os.WriteFile(file, []byte(body), 0o600))
	for scheme, secret := range map[string]string{"timestamped": "a secret of my own", "body": "a secret of my own", "standard": standardSecret} {
		r := newReceiver(t, secret)
		require.NoError(t, run(t.Context(), []string{"send", "-body", file, "-to", r.url, "-secret", secret, "-scheme", scheme}, io.Discard))
		assert.Equal(t, body, string((<-r.events).Raw), scheme)

		status, stdout, stderr := runs(t, body, "send", "-body", "-", "-to", r.url, "-secret", secret, "-scheme", scheme)
		require.Zero(t, status, stderr)
		assert.Equal(t, body, string((<-r.events).Raw), scheme)
		assert.Contains(t, stdout, "accepted the body")
	}
}

func TestSecretComesFromEnvironment(t *testing.T) {
	t.Setenv("STACKBE_WEBHOOK_SECRET", "the secret of the environment")
	r := newReceiver(t, "the secret of the environment")
	require.NoError(t, run(t.Context(), []string{"trigger", "customer.created", "-to", r.url}, io.Discard))
}

func TestSignatureHeaderCanBeNamed(t *testing.T) {
	r := newReceiver(t, defaultSecret, webhooks.WithSignatureHeader("X-Own-Signature"))
	require.NoError(t, run(t.Context(), []string{"trigger", "customer.created", "-to", r.url, "-header", "X-Own-Signature"}, io.Discard))
}

func TestPostingFailsUnlessAccepted(t *testing.T) {
	respond := func(status int, body string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/" {
				t.Error("the redirect was followed")
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // so that the server sees the connection close
		<-r.Context().Done()
	}))
	t.Cleanup(silent.Close)
	file := filepath.Join(t.TempDir(), "event.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"type": "own"}`), 0o600))
	for name, c := range map[string]struct {
		to   string
		want string
	}{
		"the signature is refused":      {newReceiver(t, "another secret of the receiver").url, "401 Unauthorized: "},
		"there is a redirect":           {respond(307, ""), "307 Temporary Redirect"},
		"the receiver fails":            {respond(500, "no\n  luck\x1b[31m"), `500 Internal Server Error: no luck\x1b[31m`},
		"the body is long":              {respond(400, strings.Repeat("long ", 1000)), "long long…"},
		"nothing listens":               {"http://127.0.0.1:9", "refused"},
		"the receiver does not respond": {silent.URL, "no response"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, args := range [][]string{{"trigger", "customer.created"}, {"send", "-body", file}} {
				if c.to == silent.URL {
					args = append(args, "-timeout", "200ms")
				}
				err := run(t.Context(), append(args, "-to", c.to), io.Discard)
				require.ErrorContains(t, err, c.want)
				assert.Less(t, len(err.Error()), 700)
				assert.NotContains(t, err.Error(), "\n")
			}
		})
	}
	status, stdout, stderr := runs(t, "", "trigger", "customer.created", "-to", respond(418, "short and stout"))
	assert.Equal(t, 1, status)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "418 I'm a teapot: short and stout")
}

func TestCommandsRefuseArguments(t *testing.T) {
	file := filepath.Join(t.TempDir(), "event.json")
	require.NoError(t, os.WriteFile(file, []byte(`[1]`), 0o600))
	object := filepath.Join(t.TempDir(), "object.json")
	require.NoError(t, os.WriteFile(object, []byte(`{"id": "a.b"}`), 0o600))
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no event":                      {[]string{"trigger"}, "subscription.paused"},
		"an unknown event":              {[]string{"trigger", "customer.creatd"}, "customer.created"},
		"two events":                    {[]string{"trigger", "customer.created", "customer.updated"}, `"customer.updated"`},
		"an unknown flag of trigger":    {[]string{"trigger", "customer.created", "-color", "red"}, "-color"},
		"an unknown scheme":             {[]string{"trigger", "customer.created", "-scheme", "rsa"}, "-scheme"},
		"an unknown envelope":           {[]string{"trigger", "customer.created", "-envelope", "brown"}, "-envelope"},
		"a receiver without a scheme":   {[]string{"trigger", "customer.created", "-to", "localhost"}, "-to: "},
		"a receiver with credentials":   {[]string{"trigger", "customer.created", "-to", "http://a:b@localhost"}, "-to: "},
		"a short secret":                {[]string{"trigger", "customer.created", "-secret", "x"}, "-secret: "},
		"a secret of another scheme":    {[]string{"trigger", "customer.created", "-scheme", "standard"}, "-secret: "},
		"a header that is not one":      {[]string{"trigger", "customer.created", "-header", "X Own"}, "-header: "},
		"no time for the response":      {[]string{"trigger", "customer.created", "-timeout", "0s"}, "-timeout: "},
		"a change without a value":      {[]string{"trigger", "customer.created", "-set", "customer"}, "-set: "},
		"a change without a path":       {[]string{"trigger", "customer.created", "-set", "=x"}, "-set: "},
		"a change with an empty name":   {[]string{"trigger", "customer.created", "-set", "customer..email=x"}, "-set: "},
		"a change of a field of a text": {[]string{"trigger", "customer.created", "-set", "customer.email.domain=x"}, "-set: "},
		"no body":                       {[]string{"send"}, "-body: "},
		"a file that there is not":      {[]string{"send", "-body", "none.json"}, "-body: "},
		"a body that is not an object":  {[]string{"send", "-body", file}, "-body: "},
		"an id that cannot be one":      {[]string{"send", "-body", object, "-scheme", "standard", "-secret", standardSecret, "-id", "a.b"}, "-id: "},
		"an argument of send":           {[]string{"send", "event.json"}, `"event.json"`},
		"an unknown flag of send":       {[]string{"send", "-color"}, "-color"},
		"an argument of health":         {[]string{"health", "now"}, `"now"`},
		"an address without a port":     {[]string{"health", "-addr", "localhost"}, "-addr: "},
		"an address and a URL":          {[]string{"health", "-addr", ":1", "-url", "http://localhost"}, "-url: "},
		"a URL without a scheme":        {[]string{"health", "-url", "localhost"}, "-url: "},
		"no time for the health":        {[]string{"health", "-timeout", "-1s"}, "-timeout: "},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, run(t.Context(), c.args, io.Discard), c.want)
		})
	}
}

func TestHelpOfCommands(t *testing.T) {
	for name, wanted := range map[string][]string{
		"trigger": append(names(), "-set path=value", "-to URL"),
		"send":    {"-body file", "-to URL"},
		"health":  {"-addr host:port", "-url URL"},
		"":        {"trigger EVENT", "send -body FILE", "health", "-data file", "-public"},
	} {
		for _, help := range []string{"-h", "-help", "--help"} {
			args := []string{help}
			if name != "" {
				args = []string{name, help}
			}
			status, stdout, stderr := runs(t, "", args...)
			assert.Zero(t, status, name)
			assert.Empty(t, stderr, name)
			for _, text := range wanted {
				assert.Contains(t, stdout, text, name)
			}
		}
	}
}

func names() (all []string) {
	for _, kind := range []program.EventKind(eventKinds()) {
		all = append(all, string(kind))
	}
	return all
}

func TestHealth(t *testing.T) {
	m := start(t)
	address := strings.TrimPrefix(m.url, "http://")
	_, port, _ := strings.Cut(address, ":")
	for _, args := range [][]string{{"-addr", address}, {"-url", m.url}, {"-url", m.url + "/"}, {"-addr", "localhost:" + port}} {
		var stdout strings.Builder
		require.NoError(t, run(t.Context(), append([]string{"health"}, args...), &stdout))
		assert.Contains(t, stdout.String(), "is healthy")
	}
	everywhere := start(t, "-addr", "0.0.0.0:0")
	_, port, _ = strings.Cut(strings.TrimPrefix(everywhere.url, "http://"), ":")
	status, _, stderr := runs(t, "", "health", "-addr", "0.0.0.0:"+port)
	assert.Zero(t, status, stderr)

	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(other.Close)
	status, _, stderr = runs(t, "", "health", "-url", other.URL)
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "not that of a stackbe-mock")
	status, stdout, stderr := runs(t, "", "health", "-url", "http://127.0.0.1:9")
	assert.Equal(t, 1, status)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "is not healthy")
}
