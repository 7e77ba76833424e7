// Package csvtable writes lists as CSV (RFC 4180) that a spreadsheet opens without harm: texts that
// it would take for formulas are made inert, numbers stay numbers, and times are in UTC and say so.
package csvtable

import (
	"bytes"
	"context"
	"io"
	"iter"
	"strings"
	"time"
)

// Column is one column of a table of Ts.
type Column[T any] struct {
	name string
	cell func(*T) string // as it stands in the file, but for its quotes
}

// Text returns a column of texts that people have written, or that others may have: names, emails, ids.
func Text[T any](name string, of func(*T) string) Column[T] {
	return Column[T]{name, func(row *T) string { return Inert(of(row)) }}
}

// Number returns a column of plain decimal numbers such as "-12.50". Anything else is written as a text.
func Number[T any](name string, of func(*T) string) Column[T] {
	return Column[T]{name, func(row *T) string {
		if text := of(row); isNumber(text) {
			return text
		}
		return Inert(of(row))
	}}
}

// Time returns a column of times, in RFC 3339 and UTC, as its name then says. A time that is zero is
// an empty cell.
func Time[T any](name string, of func(*T) time.Time) Column[T] {
	return Column[T]{name + " (UTC)", func(row *T) string {
		if at := of(row); !at.IsZero() {
			return at.UTC().Format(time.RFC3339Nano)
		}
		return ""
	}}
}

// Write writes a row with the columns' names, and a row for each element of each page. It writes
// a page at a time, the names with the first, so that nothing is written where the first page
// fails, and returns the first error of pages, of ctx or of w.
func Write[T any](ctx context.Context, w io.Writer, columns []Column[T], pages iter.Seq2[[]T, error]) error {
	var rows bytes.Buffer
	header(&rows, columns)
	for page, err := range pages {
		if err != nil {
			return err
		}
		for i := range page {
			row(&rows, columns, &page[i])
		}
		if err := flush(ctx, w, &rows); err != nil {
			return err
		}
	}
	return flush(ctx, w, &rows) // the names, where there was no page
}

// flush writes what is in rows, and empties it.
func flush(ctx context.Context, w io.Writer, rows *bytes.Buffer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := rows.WriteTo(w)
	return err
}

func header[T any](to *bytes.Buffer, columns []Column[T]) {
	for i, column := range columns {
		field(to, i, column.name)
	}
	to.WriteString("\r\n")
}

func row[T any](to *bytes.Buffer, columns []Column[T], of *T) {
	for i, column := range columns {
		field(to, i, column.cell(of))
	}
	to.WriteString("\r\n")
}

// field writes the text unchanged. encoding/csv would write another line break for one inside of it.
func field(to *bytes.Buffer, index int, text string) {
	if index > 0 {
		to.WriteByte(',')
	}
	if !needsQuotes(text) {
		to.WriteString(text)
		return
	}
	to.WriteByte('"')
	to.WriteString(strings.ReplaceAll(text, `"`, `""`))
	to.WriteByte('"')
}

// needsQuotes reports whether a text has what means something in CSV, in some country's CSV, or to
// programs that trim.
func needsQuotes(text string) bool {
	return strings.ContainsAny(text, "\",;\t\r\n") || strings.TrimSpace(text) != text
}
