package page_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

var site = page.Site{
	Name: "A <site>", Home: "/desk", SignOut: "/desk/sign-out",
	Sections: []page.Section{{Path: "/desk", Name: "Home", Icon: "home"}, {Path: "/desk/users", Name: "Users", Icon: "users"}},
}

func newFrame(source string) *page.Frame {
	files := fstest.MapFS{"one.html": {Data: []byte(`{{define "content"}}` + source + `{{end}}`)}}
	return page.NewFrame(site, files, nil, slog.New(slog.DiscardHandler))
}

func rendered(f *page.Frame, view page.View) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	f.Guard("", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.Render(w, http.StatusOK, "one", view)
	})).ServeHTTP(w, httptest.NewRequest("GET", "/desk", nil))
	return w
}

func TestPageLoadsOnlyItsOwnFiles(t *testing.T) {
	w := rendered(newFrame("text"), page.View{Title: "T"})
	policy := w.Header().Get("Content-Security-Policy")
	assert.Contains(t, policy, "default-src 'none'")
	assert.NotContains(t, policy, "unsafe")
	assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	assert.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	assert.Equal(t, "no-referrer", w.Header().Get("Referrer-Policy"))

	body := w.Body.String()
	assert.Contains(t, body, `<meta name="referrer" content="strict-origin">`, "so that forms have an Origin")
	assert.NotContains(t, body, "<style")
	assert.NotContains(t, body, "style=")
	assert.NotRegexp(t, `\son\w+=`, body)
	files := regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`).FindAllStringSubmatch(body, -1)
	require.Len(t, files, 3)
	for _, file := range files {
		w := httptest.NewRecorder()
		page.Assets().ServeHTTP(w, httptest.NewRequest("GET", file[1], nil))
		assert.Equal(t, 200, w.Code, file[1])
		assert.Contains(t, w.Header().Get("Cache-Control"), "immutable")
		assert.NotEmpty(t, w.Header().Get("Content-Type"))
		assert.NotContains(t, w.Body.String(), "@import")
		assert.NotContains(t, w.Body.String(), "url(")
	}
}

func TestAssetsAreOnlyRead(t *testing.T) {
	for request, status := range map[string]int{"GET /assets/x": 404, "GET /assets/": 404, "GET /assets/../x": 404, "POST /assets/x": 405, "GET /assets": 404} {
		method, target, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		page.Assets().ServeHTTP(w, httptest.NewRequest(method, target, nil))
		assert.Equal(t, status, w.Code, request)
		assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	}
}

func TestTextsOfPageAreEscaped(t *testing.T) {
	hostile := `<script>alert(1)</script>"'`
	view := page.View{
		Title: hostile, Lead: hostile, Section: "/desk/users",
		Account: page.Account{Name: hostile, Detail: hostile},
		Flash:   &page.Flash{Kind: "success", Text: hostile},
		Actions: []page.Action{{Href: "/desk", Text: hostile}},
		Content: map[string]any{
			"Field": page.Field{ID: "f", Name: "f", Label: hostile, Type: "text", Value: hostile, Problems: []string{hostile}},
			"Area":  page.Field{ID: "a", Name: "a", Label: hostile, Type: "textarea", Value: "</textarea>" + hostile},
			"Copy":  page.Copy{ID: "c", Label: hostile, Value: hostile},
			"Chart": page.NewChart("chart", hostile, "Month", "Amount", []page.Figure{{Label: hostile, Short: hostile, Amount: 5}, {Label: "b", Short: "b", Amount: -7}}),
			"Tiles": []page.Tile{{Label: hostile, Value: hostile, Note: hostile}},
			"Empty": page.Empty{Icon: "users", Title: hostile, Text: hostile},
		},
	}
	body := rendered(newFrame(`{{template "field" .Field}}{{template "field" .Area}}{{template "copy" .Copy}}{{template "chart" .Chart}}{{template "tiles" .Tiles}}{{template "empty" .Empty}}`), view).Body.String()
	assert.Equal(t, 1, strings.Count(body, "<script"), "the script of the frame")
	assert.Equal(t, 1, strings.Count(body, "</textarea>"))
	assert.GreaterOrEqual(t, strings.Count(body, "&lt;script&gt;alert(1)"), 15)
	assert.Equal(t, 1, strings.Count(body, "<h1"))
	assert.Contains(t, body, `<a href="/desk/users" aria-current="page">`)
}

func TestChartHasItsFiguresInATable(t *testing.T) {
	chart := page.NewChart("chart", "Commissions", "Month", "Amount", []page.Figure{{Label: "January 2026", Short: "Jan", Amount: 12345}, {Label: "February 2026", Short: "Feb", Amount: -99}})
	body := rendered(newFrame(`{{template "chart" .}}`), page.View{Title: "T", Content: chart}).Body.String()
	assert.Contains(t, body, `<th scope="row">January 2026</th><td class="num">$123.45</td>`)
	assert.Contains(t, body, `<th scope="row">February 2026</th><td class="num">$-0.99</td>`)
	for _, bar := range chart.Bars {
		assert.Positive(t, bar.Width)
		assert.GreaterOrEqual(t, bar.Height, 0)
		assert.GreaterOrEqual(t, bar.Y, 0)
		assert.LessOrEqual(t, bar.Y+bar.Height, chart.Height)
	}
}

func TestChartOfAnyFiguresFits(t *testing.T) {
	for _, figures := range [][]page.Figure{nil, {{Amount: 0}}, {{Amount: 1}}, {{Amount: -1}}, {{Amount: 1 << 62}, {Amount: -(1 << 62)}}, {{Amount: 101}, {Amount: -101}}, {{Amount: 799}, {Amount: -3}}} {
		chart := page.NewChart("c", "T", "L", "V", figures)
		assert.Len(t, chart.Bars, len(figures))
		for _, bar := range chart.Bars {
			assert.GreaterOrEqual(t, bar.Y, 0)
			assert.GreaterOrEqual(t, bar.Height, 0)
			assert.LessOrEqual(t, bar.Y+bar.Height, chart.Height)
		}
	}
}

func TestFieldIsDescribedByItsHintAndAllItsProblems(t *testing.T) {
	field := page.Field{ID: "f", Name: "f", Label: "F", Type: "text", Hint: "Hint.", Problems: []string{"One.", "Two.", "Three."}}
	body := rendered(newFrame(`{{template "field" .}}`), page.View{Title: "T", Content: field}).Body.String()
	described := regexp.MustCompile(`aria-describedby="([^"]*)"`).FindStringSubmatch(body)
	require.NotNil(t, described)
	ids := strings.Fields(described[1])
	assert.Len(t, ids, 4)
	for _, id := range ids {
		assert.Equal(t, 1, strings.Count(body, ` id="`+id+`"`), id)
	}
}

func TestLabelsOfChartFitBesideIt(t *testing.T) {
	// widest is the width of a digit in ems, in the widest of the fonts.
	const widest = 0.64
	size := largestLabel(t)
	for _, amount := range []program.Cents{0, 1, 99_99, 100_00, 1_000_00, 99_999_00, 1_234_567_89, 10_000_000_00, -10_000_000_00} {
		chart := page.NewChart("c", "T", "L", "V", []page.Figure{{Amount: amount}, {Amount: amount / 2}})
		for _, line := range chart.Lines {
			assert.LessOrEqual(t, float64(len(line.Text))*size*widest, float64(line.TextX), line.Text)
			assert.Less(t, line.TextX, line.X1)
		}
		for _, bar := range chart.Bars {
			assert.GreaterOrEqual(t, bar.X, chart.Lines[0].X1)
			assert.LessOrEqual(t, bar.X+bar.Width, chart.Width)
		}
	}
}

// largestLabel is the size of the labels of a chart on the phone, where they are largest.
func largestLabel(t *testing.T) float64 {
	style, err := os.ReadFile("assets/style.css")
	require.NoError(t, err)
	largest := 0.0
	for _, found := range regexp.MustCompile(`\.chart text \{[^}]*font-size: (\d+)px`).FindAllSubmatch(style, -1) {
		size, err := strconv.ParseFloat(string(found[1]), 64)
		require.NoError(t, err)
		largest = max(largest, size)
	}
	require.Positive(t, largest)
	return largest
}

func TestFormOfAnotherSiteIsRefused(t *testing.T) {
	f := newFrame("text")
	for name, c := range map[string]struct {
		method    string
		headers   map[string]string
		publicURL string
		status    int
	}{
		"a form of the page":                              {"POST", map[string]string{"Sec-Fetch-Site": "same-origin"}, "", 200},
		"a form of another site":                          {"POST", map[string]string{"Sec-Fetch-Site": "cross-site"}, "", 403},
		"a form of another site of the same domain":       {"POST", map[string]string{"Sec-Fetch-Site": "same-site"}, "", 403},
		"another origin, by an old browser":               {"POST", map[string]string{"Origin": "https://evil.example.com"}, "", 403},
		"the origin of the public URL":                    {"POST", map[string]string{"Origin": "https://partners.example.com"}, "https://partners.example.com/", 200},
		"the origin of a public URL in capital letters":   {"POST", map[string]string{"Origin": "http://mock.example.com"}, "http://Mock.Example.com", 200},
		"the origin of a public URL with its port":        {"POST", map[string]string{"Origin": "http://mock.example.com"}, "http://mock.example.com:80/", 200},
		"the origin of an https URL with its port":        {"POST", map[string]string{"Origin": "https://[::1]"}, "https://[::1]:443", 200},
		"the origin of a public URL with another port":    {"POST", map[string]string{"Origin": "http://mock.example.com:443"}, "http://mock.example.com:443", 200},
		"another origin beside the one of public URL":     {"POST", map[string]string{"Origin": "https://evil.example.com"}, "https://partners.example.com", 403},
		"a page that a link of another site leads to":     {"GET", map[string]string{"Sec-Fetch-Site": "cross-site"}, "", 200},
		"a program that is not a browser, with no header": {"POST", nil, "", 200},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(c.method, "http://127.0.0.1/desk", nil)
			for name, value := range c.headers {
				r.Header.Set(name, value)
			}
			f.Guard(c.publicURL, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
			assert.Equal(t, c.status, w.Code)
			if c.status == 403 {
				assert.Contains(t, w.Body.String(), "Nothing was changed")
			}
		})
	}
}

func TestFormIsBounded(t *testing.T) {
	for name, c := range map[string]struct {
		contentType, body string
		status            int
	}{
		"a form":           {"application/x-www-form-urlencoded", "name=Jane", 0},
		"a button":         {"", "", 0},
		"JSON":             {"application/json", "{}", 415},
		"a multipart form": {"multipart/form-data; boundary=x", "--x--", 415},
		"no form":          {"application/x-www-form-urlencoded", "a=%zz", 400},
		"too large a form": {"application/x-www-form-urlencoded", "a=" + strings.Repeat("x", page.MaxForm), 413},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/desk", strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.contentType)
			_, problem := page.ReadForm(httptest.NewRecorder(), r)
			if c.status == 0 {
				assert.Nil(t, problem)
				return
			}
			require.NotNil(t, problem)
			assert.Equal(t, c.status, problem.Status)
		})
	}
}

func TestPositionIsAPositiveNumber(t *testing.T) {
	for query, want := range map[string]int{"": 0, "before=": 0, "before=1": 1, "before=2147483647": 2147483647} {
		got, ok := page.Position(httptest.NewRequest("GET", "/desk?"+query, nil))
		assert.True(t, ok, query)
		assert.Equal(t, want, got, query)
	}
	for _, text := range []string{"0", "-1", "x", "007", "%2B7", "1.0", "2147483648", "99999999999999999999"} {
		_, ok := page.Position(httptest.NewRequest("GET", "/desk?before="+text, nil))
		assert.False(t, ok, text)
	}
}
