package browser

import (
	"fmt"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

// reachable numbers the controls of a page in the order in which they are on it, and describes them. Of radio buttons, the
// keyboard reaches the one that is checked.
const reachable = `(() => {
	const selector = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
	const checked = radio => document.querySelector("input[type=radio]:checked[name='" + radio.name + "']");
	const controls = [...document.querySelectorAll(selector)].filter(control =>
		!control.disabled && control.checkVisibility({visibilityProperty: true}) &&
		!(control.type === "radio" && checked(control) && !control.checked));
	window.controlsOfTest = controls;
	return controls.map(control => control.outerHTML.slice(0, 120));
})()`

// focused is the number of the control that has the focus, -1 if none has, and whether one sees it.
const focused = `(() => {
	const element = document.activeElement, style = getComputedStyle(element);
	return {
		Index: window.controlsOfTest.indexOf(element), HTML: element.outerHTML.slice(0, 120),
		Visible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none",
	};
})()`

// assertKeyboard fails the test if the tabulator key does not reach each control of the page that is open, in order, or
// if one does not see which control has the focus.
func (v *tab) assertKeyboard(page string) {
	v.t.Helper()
	controls := get(v, chromedp.Evaluate[[]string](reachable))
	assert.NotEmpty(v.t, controls, page)
	v.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.blur(), window.getSelection().removeAllRanges()`))
	next := 0
	for range len(controls) + 10 { // scrolled parts can have the focus as well
		v.do(chromedp.KeyEvent("\t"))
		now := get(v, chromedp.Evaluate[struct {
			Index   int
			HTML    string
			Visible bool
		}](focused))
		if now.Index < 0 {
			continue
		}
		if !assert.Equal(v.t, next, now.Index, "%s: after control %d, %s has the focus", page, next-1, now.HTML) {
			return
		}
		assert.True(v.t, now.Visible, "%s: one does not see that %s has the focus", page, now.HTML)
		if next++; next == len(controls) {
			return
		}
	}
	assert.Fail(v.t, fmt.Sprintf("%s: the keyboard does not reach %s", page, controls[next]))
}
