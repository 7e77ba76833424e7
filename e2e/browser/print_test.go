package browser

import (
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

// printed is what is on paper of the page that is open, while it is shown as on paper.
const printed = `(() => {
	const seen = element => element.checkVisibility({visibilityProperty: true});
	const rgb = color => color.match(/[\d.]+/g).map(Number);
	const body = getComputedStyle(document.body), [r, g, b] = rgb(body.color), paper = rgb(body.backgroundColor);
	return {
		Heading: [...document.querySelectorAll("h1")].filter(seen).map(element => element.innerText).join(),
		Controls: [...document.querySelectorAll("nav, button, a.button")].filter(seen).map(element => element.outerHTML.slice(0, 120)),
		Dark: r + g + b < 200, White: paper[3] === 0 || paper[0] + paper[1] + paper[2] === 765,
		Wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
	};
})()`

// assertPrints fails the test if the page that is open, on paper, has a navigation or buttons, or is not dark on white.
func (v *tab) assertPrints(page string) {
	v.t.Helper()
	v.do(command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
	paper := get(v, chromedp.Evaluate[struct {
		Heading     string
		Controls    []string
		Dark, White bool
		Wide        int
	}](printed))
	assert.NotEmpty(v.t, paper.Heading, page)
	assert.Empty(v.t, paper.Controls, "%s has a navigation or buttons on paper", page)
	assert.True(v.t, paper.Dark && paper.White, "%s is not dark on white on paper", page)
	assert.Zero(v.t, paper.Wide, "pixels by which %s is wider than the paper", page)
	v.do(command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{}))
}
