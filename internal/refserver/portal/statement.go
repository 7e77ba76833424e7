package portal

import (
	"net/http"

	"github.com/stackbe/stackbe-go/internal/refserver/page"
	"github.com/stackbe/stackbe-go/internal/refserver/program"
)

type statementView struct {
	Rows  []program.StatementLine
	Pager page.Pager
	Empty page.Empty
}

func (v *visit) statement() {
	entries, err := v.app.Statement(v.me(), v.page())
	if err != nil {
		v.fail(err)
		return
	}
	v.render(http.StatusOK, "statement", page.View{
		Title: "Statement", Section: statementPath, Lead: "Every entry that changed a balance, with the balances after it.",
		Actions: []page.Action{v.csv()},
		Content: statementView{
			Rows:  entries.Rows,
			Pager: page.NewPager(v.r, len(entries.Rows), entries.Next),
			Empty: page.Empty{Icon: "list", Title: "No entries yet", Text: "The first one appears with your first commission.", Actions: []page.Action{{Href: usersPath, Text: "To your users", Primary: true}}},
		},
	})
}
