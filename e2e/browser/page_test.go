package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// content is what a page shows, as a person reads it.
type content struct {
	Title, Heading string
	Text           string            // of the main part, without pictures
	Facts          map[string]string // terms and what they are: tiles and lists of facts
	Tables         []table
	Links          map[string]string // addresses by text, in the main part
	Live           []string          // elements that a hostile text could have made
	Language       string
}

// A table has a title above it, and its rows by the names of the columns.
type table struct {
	Title string
	Rows  []map[string]string
}

// read is a function of the page, which works without its script and with any: nothing of it is in the page.
const read = `(() => {
	const spoken = element => {
		const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), texts = [];
		while (walker.nextNode()) {
			if (!walker.currentNode.parentElement.closest("svg")) texts.push(walker.currentNode.data.trim().replace(/\s+/g, " "));
		}
		return texts.filter(text => text).join(" ");
	};
	const main = document.querySelector("main");
	const facts = {};
	for (const term of main.querySelectorAll("dt")) facts[spoken(term)] = spoken(term.nextElementSibling);
	const links = {};
	for (const link of main.querySelectorAll("a[href]")) links[spoken(link)] ??= link.href;
	const tables = [...main.querySelectorAll("table")].map(table => {
		const columns = [...table.tHead?.rows[0]?.cells ?? []].map(spoken);
		const card = table.closest(".card, section, figure");
		return {
			Title: spoken(table.caption ?? card?.querySelector("h2, h3") ?? document.querySelector("h1")),
			Rows: [...table.tBodies].flatMap(body => [...body.rows]).map(row =>
				Object.fromEntries([...row.cells].map((cell, i) => [columns[i] ?? "", spoken(cell)]))),
		};
	});
	return {
		Title: document.title, Heading: spoken(document.querySelector("h1")), Text: spoken(main),
		Facts: facts, Tables: tables, Links: links, Language: document.documentElement.lang,
		Live: [...document.querySelectorAll("body script, iframe, object, embed, base, [onerror], [onload], [onclick]")].map(element => element.outerHTML),
	};
})()`

// content reads the page that is open.
func (v *tab) content() content {
	v.t.Helper()
	var page content
	require.NoError(v.t, json.Unmarshal(get(v, chromedp.Evaluate[[]byte](read)), &page))
	return page
}

// table is the one with a title.
func (c content) table(t testing.TB, title string) table {
	t.Helper()
	var titles []string
	for _, table := range c.Tables {
		if table.Title == title {
			return table
		}
		titles = append(titles, table.Title)
	}
	require.Failf(t, "no such table", "%q is not one of %q on the page %q", title, titles, c.Title)
	return table{}
}

// column is what a table has in one of its columns, from the first row to the last.
func (t table) column(name string) (cells []string) {
	for _, row := range t.Rows {
		cells = append(cells, row[name])
	}
	return cells
}

var amountPattern = regexp.MustCompile(`\$-?[0-9][0-9,]*(\.[0-9]+)?`)

// amounts are all amounts of money in the text of the page.
func (c content) amounts() []string { return amountPattern.FindAllString(c.Text, -1) }

// control is a link or a button with a text.
func control(text string) chromedp.Search { return controlIn("//body", text) }

// controlIn is a link or a button with a text, inside of what an XPath selects.
func controlIn(path, text string) chromedp.Search {
	return chromedp.Search(fmt.Sprintf(`(%s)//*[self::a or self::button][normalize-space(.)=%q]`, path, text))
}

// field is the field with a label.
func field(label string) chromedp.Search { return fieldIn("//body", label) }

// fieldIn is the field with a label, inside of what an XPath selects.
func fieldIn(path, label string) chromedp.Search {
	return chromedp.Search(fmt.Sprintf(`(%s)//*[@id=//label[starts-with(normalize-space(.), %q)]/@for]`, path, label))
}

// follow clicks on something that opens another page, with a status of 200.
func (v *tab) follow(what chromedp.Search) content {
	v.t.Helper()
	return v.followTo(200, what)
}

// followTo clicks on something that opens another page, with a status.
func (v *tab) followTo(status int64, what chromedp.Search) content {
	v.t.Helper()
	v.expect(status)
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	response, err := chromedp.RunResponse(ctx, chromedp.Click(what))
	require.NoError(v.t, err, "%s", what)
	require.NotNil(v.t, response, "%s opens no page", what)
	require.Equal(v.t, status, response.Status, "%s opens %s", what, withoutSecrets(response.URL))
	return v.content()
}

// fill types a text into a field, in the place of the text that it has.
func (v *tab) fill(what chromedp.Search, text string) {
	v.t.Helper()
	v.do(chromedp.Focus(what), chromedp.Evaluate[chromedp.Void](`document.activeElement.select()`), chromedp.KeyEvent(text))
}

// assertNothingOverflows fails the test if the page is wider than the window.
func (v *tab) assertNothingOverflows(page string) {
	v.t.Helper()
	const overflow = `document.documentElement.scrollWidth - document.documentElement.clientWidth`
	assert.Zero(v.t, get(v, chromedp.Evaluate[int](overflow)), "pixels by which %s is too wide", page)
}
