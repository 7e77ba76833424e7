package browser

import (
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

// reachable finds the controls of a page in the order in which they are on it, and has the page note from now on which
// one has the focus. Of radio buttons, the keyboard reaches the one that is checked.
const reachable = `(() => {
	const selector = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
	const checked = radio => document.querySelector("input[type=radio]:checked[name='" + radio.name + "']");
	const controls = [...document.querySelectorAll(selector)].filter(control =>
		!control.disabled && control.checkVisibility({visibilityProperty: true}) &&
		!(control.type === "radio" && checked(control) && !control.checked));
	const described = element => element.outerHTML.slice(0, 120);
	window.focusOfTest = [];
	document.addEventListener("focusin", event => {
		const style = getComputedStyle(event.target);
		const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
		if (controls.includes(event.target)) window.focusOfTest.push({HTML: described(event.target), Seen: seen});
	});
	document.activeElement.blur();
	return controls.map(described);
})()`

// assertKeyboard fails the test if the tabulator key does not reach each control of the page that is open, in order, or
// if one does not see which control has the focus.
func (v *tab) assertKeyboard(page string) {
	v.t.Helper()
	controls := get(v, chromedp.Evaluate[[]string](reachable))
	v.do(chromedp.KeyEvent(strings.Repeat("\t", len(controls)+5))) // parts that scroll can have the focus as well
	focused := get(v, chromedp.Evaluate[[]struct {
		HTML string
		Seen bool
	}](`window.focusOfTest`))
	reached := []string{}
	for _, control := range focused[:min(len(focused), len(controls))] {
		reached = append(reached, control.HTML)
		assert.True(v.t, control.Seen, "%s: one does not see that %s has the focus", page, control.HTML)
	}
	assert.Equal(v.t, controls, reached, "%s: what the tabulator key reaches", page)
}
