package browser

import (
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

// paper is the width of a sheet of A4 between its margins, in pixels.
const paper = 717

// printed is what is on paper of the page that is open, as it looks on paper.
const printed = `(() => {
	const seen = element => element.checkVisibility({visibilityProperty: true});
	const rgb = color => color.match(/[\d.]+/g).map(Number);
	const body = getComputedStyle(document.body), [r, g, b] = rgb(body.color), paper = rgb(body.backgroundColor);
	return {
		Heading: [...document.querySelectorAll("h1")].filter(seen).map(element => element.innerText).join(),
		Controls: [...document.querySelectorAll("nav, button, a.button")].filter(seen).map(element => element.outerHTML.slice(0, 120)),
		Cards: [...document.querySelectorAll("table tr")].filter(row => getComputedStyle(row).display !== "table-row").length,
		Units: !document.querySelector(".foot") || [...document.querySelectorAll(".foot")].some(seen),
		Hidden: [...document.querySelectorAll(".figures td")].filter(cell => !seen(cell)).length,
		Cut: [...document.querySelectorAll(".table-wrap")].filter(wrap => wrap.scrollWidth > wrap.clientWidth).length,
		Dark: r + g + b < 200, White: paper[3] === 0 || paper[0] + paper[1] + paper[2] === 765,
		Wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
	};
})()`

// assertPrints fails the test if the page that is open, on paper, has a navigation or buttons, lacks figures or their
// units, or is not dark on white.
func (v *tab) assertPrints(page string) {
	v.t.Helper()
	v.do(
		chromedp.EmulateViewport(paper, height(paper)),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}),
	)
	sheet := get(v, chromedp.Evaluate[struct {
		Heading            string
		Controls           []string
		Cards, Hidden, Cut int
		Units, Dark, White bool
		Wide               int
	}](printed))
	assert.NotEmpty(v.t, sheet.Heading, page)
	assert.Empty(v.t, sheet.Controls, "%s has a navigation or buttons on paper", page)
	assert.True(v.t, sheet.Dark && sheet.White, "%s is not dark on white on paper", page)
	assert.Zero(v.t, sheet.Cards, "rows of %s that are cards on paper", page)
	assert.Zero(v.t, sheet.Hidden, "figures of a chart of %s that are not on paper", page)
	assert.True(v.t, sheet.Units, "%s does not say on paper what its amounts and times are in", page)
	assert.Zero(v.t, sheet.Cut, "tables of %s that are cut off on paper", page)
	assert.Zero(v.t, sheet.Wide, "pixels by which %s is wider than the paper", page)
	v.appear(look{})
}
