package browser

import (
	"testing"
)

// TestEveryPageIsAccessible opens each page, with and without records behind it, and checks it with axe-core in light and in
// dark, on the desktop and on the phone; with the keyboard alone; and on paper.
func TestEveryPageIsAccessible(t *testing.T) {
	axe(t)
	full, jane := newDemo(t)
	full.addWebhooks(t)
	empty := newHost(t)
	bob := empty.enroll(t, "bob@beta.example", "Bob Fischer", "BOB10")
	for name, enter := range map[string]func(*testing.T) walk{
		"portal":                  func(t *testing.T) walk { return full.enterPortal(t, look{}, jane) },
		"console":                 func(t *testing.T) walk { return full.enterConsole(t, look{}) },
		"portal of a new partner": func(t *testing.T) walk { return empty.enterPortal(t, look{}, bob) },
		"console of a new app":    func(t *testing.T) walk { return empty.enterConsole(t, look{}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			person := enter(t)
			person.each(func(at place) {
				for _, as := range looks {
					person.appear(as)
					person.assertAccessible(at.Name + ", " + as.String())
					person.assertNothingOverflows(at.Name + ", " + as.String())
				}
				person.appear(look{})
				person.assertKeyboard(at.Name)
				person.assertPrints(at.Name)
			})
		})
	}
}
