package stackbe_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	stackbe "github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/affiliates"
)

// canaries are the secrets that no log, error or printed value may show.
var canaries = []string{
	apiKey, sessionToken, adminToken,
	"jane.canary@acme.com", url.QueryEscape("jane.canary@acme.com"), "lead.canary@company.com", "jane.canary", "lead.canary",
	"portal-canary-token", "query-canary",
}

// printed collects everything that an SDK can show.
type printed struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf.Write(b)
}

func (p *printed) value(v any) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		fmt.Fprintf(p, verb+"\n", v)
	}
	slog.New(slog.NewTextHandler(p, nil)).Info("value", "v", v)
	slog.New(slog.NewJSONHandler(p, nil)).Info("value", "v", v)
	if encoded, err := json.Marshal(v); err == nil {
		fmt.Fprintf(p, "%s\n", encoded)
	}
}

// errorTree prints err and all that it wraps.
func (p *printed) errorTree(err error) {
	if err == nil {
		return
	}
	p.value(err)
	switch wrapping := err.(type) {
	case *stackbe.Error:
		p.value(*wrapping)
		p.errorTree(wrapping.Err)
	case interface{ Unwrap() error }:
		p.errorTree(wrapping.Unwrap())
	case interface{ Unwrap() []error }:
		for _, wrapped := range wrapping.Unwrap() {
			p.errorTree(wrapped)
		}
	}
}

// echo is a server, or a proxy, that gives all it receives back in its messages.
func echo(status int, contentType string) func(w http.ResponseWriter, r *http.Request, n int) {
	return func(w http.ResponseWriter, r *http.Request, _ int) {
		dump, _ := httputil.DumpRequest(r, true)
		all := string(dump) + " see https://portal.stackbe.io/p/portal-canary-token?x=query-canary and " + r.URL.String()
		w.Header().Set("X-Request-Id", r.Header.Get("X-Api-Key")+r.URL.Query().Get("email"))
		w.Header().Set("Content-Type", contentType)
		body, _ := json.Marshal(map[string]any{"statusCode": status, "code": cmp.Or(r.Header.Get("X-Api-Key"), all), "message": all, "error": all})
		if strings.Contains(contentType, "problem") {
			body, _ = json.Marshal(map[string]any{"message": []string{all, all}, "error": all})
		}
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}
}

// canaryCalls are calls with something to hide in every argument that may be secret.
var canaryCalls = map[string]func(context.Context, *affiliates.Service) error{
	"Apply": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.Apply(ctx, affiliates.ApplyParams{Email: "jane.canary@acme.com", Name: "Jane", Website: "https://acme.com?q=query-canary"})
		return err
	},
	"GetApplicationStatus": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.GetApplicationStatus(ctx, "jane.canary@acme.com")
		return err
	},
	"Get": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.Get(ctx, "jane.canary@acme.com") // some apps take emails for ids
		return err
	},
	"GetPortalLink": calls["GetPortalLink"],
	"TrackReferral": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.TrackReferral(ctx, affiliates.TrackParams{Code: "JANE20", URL: "https://yoursite.com?ref=query-canary"})
		return err
	},
	"RegisterDeal": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.RegisterDeal(ctx, affiliates.DealParams{LeadEmail: "lead.canary@company.com", LeadName: "John"})
		return err
	},
	"ListApplications": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.ListApplications(ctx, affiliates.ApplicationFilter{Cursor: "query-canary"})
		return err
	},
	"bad arguments": func(ctx context.Context, s *affiliates.Service) error {
		_, err := s.Apply(ctx, affiliates.ApplyParams{Email: "jane.canary@acme.com,lead.canary@company.com", Name: "Jane"})
		_, err2 := s.Get(ctx, "../jane.canary@acme.com")
		return errors.Join(err, err2)
	},
}

func TestSecretsAreNotShown(t *testing.T) {
	servers := map[string]http.RoundTripper{
		"a response of 400 that echoes":  handlerTransport(echo(400, "application/json")),
		"a response of 403 with details": handlerTransport(echo(403, "application/problem+json")),
		"a response of 500 that echoes":  handlerTransport(echo(500, "application/json")),
		"a response of 502 as HTML":      handlerTransport(echo(502, "text/html")),
		"a response whose type is the key": handlerTransport(func(w http.ResponseWriter, r *http.Request, _ int) {
			w.Header().Set("Content-Type", r.Header.Get("X-Api-Key")+r.Header.Get("Authorization"))
			w.WriteHeader(502)
			_, _ = io.WriteString(w, "x")
		}),
		"a response of 200 of another shape": handlerTransport(echo(200, "application/json")),
		"a transport that says all it knows": roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			dump, _ := httputil.DumpRequestOut(r, true)
			return nil, fmt.Errorf("cannot send %s to %s", dump, r.URL)
		}),
		"a transport with an error of net/url": roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			return nil, &url.Error{Op: "Proxy", URL: r.URL.String(), Err: errors.New("refused")}
		}),
		"a portal link": handlerTransport(func(w http.ResponseWriter, _ *http.Request, _ int) {
			respondJSON(w, 200, `{"url":"https://portal.stackbe.io/p/portal-canary-token?x=query-canary"}`)
		}),
	}
	for name, transport := range servers {
		t.Run(name, func(t *testing.T) {
			out := &printed{}
			cfg := stackbe.Config{
				APIKey: apiKey, AppID: appID, BaseURL: "http://localhost", Retry: quick(1),
				HTTPClient: &http.Client{Transport: transport},
				Logger:     slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug})),
				Observe:    func(_ context.Context, a stackbe.Attempt) { out.value(a) },
			}
			client, err := stackbe.New(cfg)
			require.NoError(t, err)
			client = client.AsCustomer(sessionToken).AsAdmin(adminToken)
			for _, v := range []any{cfg, &cfg, client, *client, client.Affiliates, *client.Affiliates} {
				out.value(v)
			}
			for call, run := range canaryCalls {
				if err := run(t.Context(), client.Affiliates); err != nil {
					fmt.Fprintln(out, call)
					out.errorTree(err)
				}
			}
			link, err := client.Affiliates.GetPortalLink(t.Context())
			if err == nil {
				for _, v := range []any{link, *link} {
					fmt.Fprintf(out, "%v\n%+v\n%#v\n%s\n%d\n", v, v, v, v, v) // as JSON it is meant to be read
					slog.New(slog.NewJSONHandler(out, nil)).Info("link", "v", v)
				}
				assert.Equal(t, "https://portal.stackbe.io/p/portal-canary-token?x=query-canary", link.URL)
			}
			for _, canary := range canaries {
				if at := strings.Index(out.buf.String(), canary); at >= 0 {
					t.Errorf("%q is shown: …%s…", canary, out.buf.String()[max(0, at-300):at+len(canary)])
				}
			}
			assert.Contains(t, out.buf.String(), "/v1/affiliate/by-customer/{customerID}", "the logs are there")
		})
	}
}

func TestConfigPrintsWithoutItsKey(t *testing.T) {
	cfg := stackbe.Config{APIKey: apiKey, AppID: "app_1", BaseURL: "https://api.example.com"}
	assert.Equal(t, "stackbe.Config{APIKey: (set), AppID: app_1, BaseURL: https://api.example.com}", fmt.Sprintf("%+v", cfg))
	assert.Equal(t, "stackbe.Config{APIKey: (none), AppID: , BaseURL: }", fmt.Sprint(stackbe.Config{}))
	assert.Equal(t, cfg.String(), cfg.LogValue().String())
}

func TestInvalidBaseURLIsNotQuoted(t *testing.T) {
	for _, bad := range []string{"https://user:" + apiKey + "@host", "https://host?key=" + apiKey, "ht!tp://" + apiKey, "https://[" + apiKey} {
		_, err := stackbe.New(stackbe.Config{BaseURL: bad})
		require.ErrorIs(t, err, stackbe.ErrInvalidArgument)
		assert.NotContains(t, fmt.Sprintf("%+v %#v", err, err), apiKey)
	}
}

// A proxy's password is often put into its URL without an escape.
func TestProxyPasswordIsRedacted(t *testing.T) {
	for _, proxy := range []string{
		"http://user:SECRET1/SECRET2@proxy:3128", "http://user:SECRET1?SECRET2@proxy", "http://user:SECRET1#SECRET2@proxy",
		"http://user:SECRET1 SECRET2@proxy", "http://user:SECRET1%SECRET2@proxy", "http://user:SECRET1\x7fSECRET2@proxy",
		`http://user:SECRET1"SECRET2@proxy`, "http://user:SECRET1<SECRET2>@proxy:3128", "socks5://user:[SECRET1]@SECRET2/@proxy",
		"user:SECRET1/SECRET2@proxy:3128", "user:SECRET1 SECRET2@proxy:3128", "://user:SECRET1@proxy", "http://[user:SECRET1@proxy",
	} {
		_, err := url.Parse(proxy)
		if err == nil {
			err = fmt.Errorf("proxy %q refused the connection", proxy)
		}
		t.Run(proxy, func(t *testing.T) {
			for _, err := range []error{err, fmt.Errorf("tunnel (%v)", err), &url.Error{Op: "Proxy", URL: proxy, Err: err}} {
				transport := newTransport(t)
				transport.Proxy = func(*http.Request) (*url.URL, error) { return nil, err }
				client := newClient(t, "http://stackbe.internal", func(c *stackbe.Config) {
					c.AllowInsecure, c.HTTPClient = true, &http.Client{Transport: transport}
				})
				_, got := client.Affiliates.Get(t.Context(), "cust_1")
				require.ErrorIs(t, got, err)
				shown := &printed{}
				shown.errorTree(got)
				assert.NotContains(t, shown.buf.String(), "SECRET", err.Error())
			}
		})
	}
}

func TestConfigPrintsWithoutThePasswordInItsBaseURL(t *testing.T) {
	for base, want := range map[string]string{
		"https://user:SECRET@host/path":    "https://host/[redacted]",
		"https://user:SECRET/SECRET@host":  "https://[redacted]",
		"https://host/path?key=SECRET":     "https://host/[redacted]",
		"https://host/path#SECRET":         "https://host/[redacted]",
		"user:SECRET@host":                 "[redacted]",
		"https://proxy.internal:1/stackbe": "https://proxy.internal:1/stackbe",
		"":                                 "",
	} {
		assert.Equal(t, "stackbe.Config{APIKey: (none), AppID: , BaseURL: "+want+"}", fmt.Sprint(stackbe.Config{BaseURL: base}))
	}
}

func TestShortCredentialIsRedactedAsAWord(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		w.Header().Set("X-Request-Id", []string{"req_k1", "k"}[n])
		respondJSON(w, 401, `{"message":"The key k is unknown","error":"k"}`)
	})
	client := newClient(t, server.URL, func(c *stackbe.Config) { c.APIKey = "k" }).AsCustomer("s").AsAdmin("a.b")
	_, err := client.Affiliates.Get(t.Context(), "cust_1")
	assert.EqualError(t, err, "stackbe: GET /v1/affiliate/by-customer/{customerID}: 401 [redacted]: The key [redacted] is unknown; check Config.APIKey (request req_k1)")
	_, err = client.Affiliates.Get(t.Context(), "cust_1")
	var e *stackbe.Error
	require.ErrorAs(t, err, &e)
	assert.Empty(t, e.RequestID)
}

// The server may send parts of the request back in another encoding.
func TestEscapedCredentialsAreRedacted(t *testing.T) {
	const key = `sk_live+/="1&2`
	for name, text := range map[string]string{
		"in a query":            url.QueryEscape(key),
		"in a path":             url.PathEscape(key),
		"in JSON":               strings.Trim(fmt.Sprintf("%q", key), `"`),
		"in Basic":              "Basic " + basic("user", key),
		"in Basic as the user":  "Basic " + basic(key, ""),
		"in a query in a query": url.QueryEscape("https://h/?key=" + url.QueryEscape(key)),
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				body, _ := json.Marshal(map[string]any{"message": []string{"not " + text + " here"}})
				respondJSON(w, 400, string(body))
			})
			_, err := newClient(t, server.URL, func(c *stackbe.Config) { c.APIKey = key }).Affiliates.Get(t.Context(), "cust_1")
			var e *stackbe.Error
			require.ErrorAs(t, err, &e)
			assert.Regexp(t, `^not .*\[redacted\] here$`, e.Message)
			assert.NotContains(t, e.Message, "live")
			assert.NotContains(t, e.Message, strings.TrimPrefix(text, "Basic "))
		})
	}
}

func basic(user, password string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Basic ")
}

func TestRequestIDIsShownUnlessItHoldsACredential(t *testing.T) {
	for id, kept := range map[string]bool{"req_9-a.b:c": true, "jane@acme.com": false, "req-" + sessionToken + "-1": false} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("X-Request-Id", id)
			respondJSON(w, 404, `{}`)
		})
		err := call(newClient(t, server.URL), t.Context())
		var e *stackbe.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, kept, e.RequestID == id)
		assert.Equal(t, kept, strings.HasSuffix(err.Error(), "(request "+id+")"))
	}
}
