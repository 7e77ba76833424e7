package browser

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patience is how long a tab waits for one thing to happen. It only bounds a failure.
const patience = time.Minute

// The widths of a window, in pixels.
const (
	desktop = 1280
	phone   = 375
)

// A look is how a person has set up the browser. The zero value is a desktop in light, with JavaScript.
type look struct {
	Width    int
	Dark     bool
	NoScript bool
}

func (l look) String() string {
	parts := []string{"light", "desktop"}
	if l.Dark {
		parts[0] = "dark"
	}
	if l.Width == phone {
		parts[1] = "phone"
	}
	if l.NoScript {
		parts = append(parts, "without JavaScript")
	}
	return strings.Join(parts, ", ")
}

// A tab is an open page of one visitor, who shares no cookie and no cache with the visitor of another. The test fails if
// a page of it has an error in the console, is refused something by its Content-Security-Policy, or requests
// anything from a host that is not this one.
type tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	problems []string
	expected map[int64]bool // statuses of responses that are not a problem
}

// newTab opens the empty tab of a new visitor.
func newTab(t testing.TB, as look) *tab {
	t.Helper()
	visitor := newUncheckedTab(t, as)
	t.Cleanup(func() { assert.Empty(t, visitor.found(), "problems of the pages") })
	return visitor
}

// newUncheckedTab opens a tab whose problems do not fail the test.
func newUncheckedTab(t testing.TB, as look) *tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(chromium(t), chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	visitor := &tab{t: t, ctx: ctx, expected: make(map[int64]bool)}
	require.NoError(t, chromedp.Do(ctx))
	require.NoError(t, chromedp.Listen(ctx, visitor.watch))
	visitor.do(
		command(audits.Enable, cdp.Empty{}),
		command(log.Enable, cdp.Empty{}),
		command(network.Enable, network.EnableParams{}),
	)
	visitor.appear(as)
	return visitor
}

// appear changes the look of the pages that are opened from now on, and the width and the colors of this one.
func (v *tab) appear(as look) {
	v.t.Helper()
	if as.Width == 0 {
		as.Width = desktop
	}
	scheme := "light"
	if as.Dark {
		scheme = "dark"
	}
	v.do(
		chromedp.EmulateViewport(int64(as.Width), height(as.Width)),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme},
			{Name: "prefers-reduced-motion", Value: "reduce"},
		}}),
		command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: as.NoScript}),
	)
}

func height(width int) int64 {
	if width == phone {
		return 812
	}
	return 900
}

// command is an action that sends a command of the protocol and needs no more than that it succeeds.
func command[P, R any](of cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, of, params)
		return err
	})
}

// do runs actions, and fails the test if they fail or take too long.
func (v *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	require.NoError(v.t, chromedp.Do(ctx, actions...))
}

// get is the result of an action.
func get[T any](v *tab, action chromedp.Action[T]) T {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	result, err := chromedp.Run(ctx, action)
	require.NoError(v.t, err)
	return result
}

// open opens an address that responds with 200.
func (v *tab) open(address string) {
	v.t.Helper()
	v.openAs(200, address)
}

// openAs opens an address that responds with a status.
func (v *tab) openAs(status int64, address string) {
	v.t.Helper()
	v.expect(status)
	response := get(v, chromedp.NavigateResponse(address))
	require.NotNil(v.t, response, "%s has no response", withoutSecrets(address))
	require.Equal(v.t, status, response.Status, withoutSecrets(response.URL))
}

// expect makes a response of the status no problem from now on.
func (v *tab) expect(status int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.expected[status] = true
}

// watch is called for each event of the tab.
func (v *tab) watch(event any) {
	switch event := event.(type) {
	case *log.EventEntryAdded:
		v.noteEntry(event.Entry)
	case *runtime.EventExceptionThrown:
		v.note("%s", (&chromedp.ExceptionError{ExceptionDetails: event.ExceptionDetails}).Error())
	case *runtime.EventConsoleAPICalled:
		switch event.Type {
		case runtime.ConsoleAPICalledTypeError, runtime.ConsoleAPICalledTypeWarning, runtime.ConsoleAPICalledTypeAssert:
			v.note("console.%s", event.Type)
		}
	case *audits.EventIssueAdded:
		v.noteIssue(event.Issue)
	case *network.EventRequestWillBeSent:
		if !local(event.Request.URL) {
			v.note("request of %s", event.Request.URL)
		}
	}
}

func (v *tab) noteEntry(entry *log.Entry) {
	if entry.Level != log.EntryLevelError && entry.Level != log.EntryLevelWarning {
		return
	}
	v.mu.Lock()
	for status := range v.expected {
		if entry.Source == log.EntrySourceNetwork && strings.Contains(entry.Text, fmt.Sprintf("status of %d ", status)) {
			v.mu.Unlock()
			return
		}
	}
	v.mu.Unlock()
	v.note("%s %s: %s (%s)", entry.Source, entry.Level, entry.Text, withoutSecrets(entry.URL))
}

func (v *tab) noteIssue(issue *audits.InspectorIssue) {
	if policy := issue.Details.ContentSecurityPolicyIssueDetails; policy != nil {
		v.note("Content-Security-Policy: %s refuses %q", policy.ViolatedDirective, policy.BlockedURL)
	}
}

func (v *tab) note(format string, arguments ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.problems = append(v.problems, fmt.Sprintf(format, arguments...))
}

func (v *tab) found() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.problems
}

// local reports whether a request of the address stays on this machine.
func local(address string) bool {
	parsed, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch parsed.Scheme {
	case "data", "blob", "about":
		return true
	}
	host := parsed.Hostname()
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// withoutSecrets is an address for messages of failures, without what signs a person in.
func withoutSecrets(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return "an invalid address"
	}
	parsed.RawQuery = ""
	if before, _, found := strings.Cut(parsed.Path, "/portal/"); found {
		parsed.Path = before + "/portal/…"
	}
	return parsed.String()
}
