package browser

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTableKeepsItsRolesOnThePhone compares what a screen reader is told of lists whose rows look like cards with
// what it is told on the desktop.
func TestTableKeepsItsRolesOnThePhone(t *testing.T) {
	h, jane := newDemo(t)
	person := h.enterPortal(t, look{}, jane)
	for _, path := range []string{"/portal/users", "/portal/deals", "/portal/statement"} {
		person.open(h.URL + path)
		onDesktop := person.tableRoles()
		assert.Equal(t, 1, onDesktop["table"], path)
		assert.Greater(t, onDesktop["row"], 5, path)
		person.appear(look{Width: phone})
		assert.Equal(t, onDesktop, person.tableRoles(), path)
		person.appear(look{})
	}
}

// tableRoles counts the parts of tables in the accessibility tree.
func (v *tab) tableRoles() (counts map[string]int) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	tree, err := chromedp.Call(ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	require.NoError(v.t, err)
	counts = make(map[string]int)
	for _, node := range tree.Nodes {
		if node.Role == nil || node.Ignored {
			continue
		}
		role := strings.Trim(string(node.Role.Value), `"`)
		switch role {
		case "table", "row", "columnheader", "rowheader", "cell", "gridcell":
			counts[role]++
		}
	}
	return counts
}
