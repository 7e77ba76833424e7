package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const axeFile = "../node_modules/axe-core/axe.min.js"

var axeSource = sync.OnceValues(func() (string, error) {
	source, err := os.ReadFile(axeFile)
	return string(source), err
})

// axe returns the source of axe-core. Where it is not installed, the test is skipped; in CI, it fails.
func axe(t testing.TB) string {
	t.Helper()
	source, err := axeSource()
	if os.IsNotExist(err) {
		missing(t, "run npm ci in e2e")
	}
	require.NoError(t, err)
	return source
}

// A violation is what axe-core finds wrong, and where.
type violation struct {
	ID, Help string
	Nodes    []struct{ HTML, FailureSummary string }
}

func (v violation) String() string {
	lines := []string{v.ID + ": " + v.Help}
	for _, node := range v.Nodes {
		lines = append(lines, "\t"+node.HTML, "\t"+strings.ReplaceAll(node.FailureSummary, "\n", "\n\t"))
	}
	return strings.Join(lines, "\n")
}

// violations runs all rules of axe-core on the page that is open.
func (v *tab) violations() []violation {
	v.t.Helper()
	v.do(chromedp.Evaluate[chromedp.Void](axe(v.t)))
	const run = `axe.run(document, {resultTypes: ["violations"]}).then(result => result.violations.map(violation => ({
		ID: violation.id, Help: violation.help,
		Nodes: violation.nodes.map(node => ({HTML: node.html, FailureSummary: node.failureSummary})),
	})))`
	return get(v, chromedp.Evaluate[[]violation](run, chromedp.EvalAwaitPromise))
}

// assertAccessible fails the test if axe-core finds something wrong with the page that is open.
func (v *tab) assertAccessible(page string) {
	v.t.Helper()
	for _, found := range v.violations() {
		assert.Fail(v.t, page, found.String())
	}
}

func TestAxeFindsWhatIsWrong(t *testing.T) {
	axe(t)
	const fine = `<!doctype html><html lang="en"><title>page</title><link rel="icon" href="data:,"><main><h1>page</h1>%s</main></html>`
	for name, test := range map[string]struct {
		body, rule string
		as         look
	}{
		"nothing":                    {body: `<p>text</p>`},
		"an image without a text":    {body: `<img src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==">`, rule: "image-alt"},
		"a field without a label":    {body: `<input name="email">`, rule: "label"},
		"pale text in the dark only": {body: `<style>@media (prefers-color-scheme: dark) { p { color: #ddd } }</style><p>text</p>`, rule: "color-contrast", as: look{Dark: true}},
		"pale text on the phone only": {
			body: `<style>@media (max-width: 400px) { p { color: #ddd } }</style><p>text</p>`, rule: "color-contrast", as: look{Width: phone},
		},
	} {
		t.Run(name, func(t *testing.T) {
			site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = fmt.Fprintf(w, fine, test.body)
			}))
			defer site.Close()
			visitor := newTab(t, test.as)
			visitor.open(site.URL)
			var rules []string
			for _, found := range visitor.violations() {
				rules = append(rules, found.ID)
			}
			if test.rule == "" {
				assert.Empty(t, rules)
			} else {
				assert.Equal(t, []string{test.rule}, rules)
			}
			visitor.appear(look{})
			if test.as != (look{}) {
				assert.Empty(t, visitor.violations(), "in light, on the desktop")
			}
		})
	}
}
