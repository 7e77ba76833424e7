package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/stackbe/stackbe-go/affiliates"
)

// table prints rows in aligned columns, indented like the story.
func table(out io.Writer, rows ...[]string) error {
	var text bytes.Buffer
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintf(w, "  %s\n", strings.Join(row, "\t"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		if _, err := fmt.Fprintln(out, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// right is a cell of a column of amounts, or its heading.
func right(text string) string { return fmt.Sprintf("%9s", text) }

func money(amount affiliates.Money) string { return right(dollars(amount)) }

// balance is an amount in a column that is zero most of the time.
func balance(amount affiliates.Money) string {
	if amount.IsZero() {
		return right("-")
	}
	return money(amount)
}

func dollars(amount affiliates.Money) string {
	text, negative := strings.CutPrefix(amount.String(), "-")
	if negative {
		return "-$" + text
	}
	return "$" + text
}

func date(t time.Time) string { return t.UTC().Format("2 January 2006") }

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func words(text string) string { return strings.ReplaceAll(text, "_", " ") }
