package csvtable_test

import (
	"context"
	"encoding/csv"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/internal/csvtable"
)

type payment struct {
	name   string
	amount string
	at     time.Time
}

var columns = []csvtable.Column[payment]{
	csvtable.Text("Name", func(p *payment) string { return p.name }),
	csvtable.Number("Amount", func(p *payment) string { return p.amount }),
	csvtable.Time("Paid at", func(p *payment) time.Time { return p.at }),
}

const names = "Name,Amount,Paid at (UTC)\r\n"

// pagesOf gives each page, and then the error if there is one.
func pagesOf(failure error, pages ...[]payment) iter.Seq2[[]payment, error] {
	return func(yield func([]payment, error) bool) {
		for _, page := range pages {
			if !yield(page, nil) {
				return
			}
		}
		if failure != nil {
			yield(nil, failure)
		}
	}
}

// written returns the table of one payment, without the names.
func written(t *testing.T, p payment) string {
	t.Helper()
	var table strings.Builder
	require.NoError(t, csvtable.Write(t.Context(), &table, columns, pagesOf(nil, []payment{p})))
	row, found := strings.CutPrefix(table.String(), names)
	require.True(t, found, table.String())
	return row
}

func TestATextThatASpreadsheetWouldRunIsMadeInert(t *testing.T) {
	for text, cell := range map[string]string{
		"=1+1":                       "'=1+1",
		"+1":                         "'+1",
		"-1":                         "'-1",
		"-":                          "'-",
		"@SUM(A1)":                   "'@SUM(A1)",
		"\t=1":                       "\"'\t=1\"",
		"\r=1":                       "\"'\r=1\"",
		"\n=1":                       "\"'\n=1\"",
		"\tJane":                     "\"'\tJane\"",
		" =1":                        "' =1",
		"\u00a0=1":                   "'\u00a0=1",
		"\u200b=1":                   "'\u200b=1",
		"\ufeff=1":                   "'\ufeff=1",
		"\x00=1":                     "'\x00=1",
		"＝1":                         "'＝1",
		"＋1":                         "'＋1",
		"－1":                         "'－1",
		"＠x":                         "'＠x",
		`=HYPERLINK("http://x","y")`: `"'=HYPERLINK(""http://x"",""y"")"`,
		"=cmd|' /C calc'!A0":         "'=cmd|' /C calc'!A0",
		"Jane":                       "Jane",
		"Jane = Smith":               "Jane = Smith",
		"a-b":                        "a-b",
		"jane@acme.com":              "jane@acme.com",
		"'=1":                        "'=1",
		"Zoë":                        "Zoë",
		"日本":                         "日本",
		"":                           "",
		"1.50":                       "1.50",
		" ":                          `" "`,
		`Jane "JJ" Smith`:            `"Jane ""JJ"" Smith"`,
		"Smith, Jane":                `"Smith, Jane"`,
		"Smith; Jane":                `"Smith; Jane"`,
		"two\nlines":                 "\"two\nlines\"",
		"two\r\nlines":               "\"two\r\nlines\"",
		"a\rb":                       "\"a\rb\"",
		"Jane ":                      `"Jane "`,
		`"`:                          `""""`,
		"\u2028=1":                   "'\u2028=1",
		"Jane\r\n=1+1":               "\"Jane\r\n=1+1\"",
	} {
		assert.Equal(t, cell+",,\r\n", written(t, payment{name: text}), "%q", text)
	}
}

func TestANumberStaysANumber(t *testing.T) {
	for text, cell := range map[string]string{
		"12.50": "12.50", "-12.50": "-12.50", "0": "0", "-0.01": "-0.01", "100000000000.00": "100000000000.00", "": "",
		"-": "'-", "-a": "'-a", "1.": "1.", "-1.": "'-1.", "-.5": "'-.5", "-1e9": "'-1e9", "--1": "'--1", "=1": "'=1", "-1 ": `"'-1 "`, "-1+2": "'-1+2", "-٣": "'-٣",
	} {
		assert.Equal(t, ","+cell+",\r\n", written(t, payment{amount: text}), "%q", text)
	}
}

func TestATimeIsInUTC(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	for cell, at := range map[string]time.Time{
		"":                         {},
		"2026-02-28T23:30:00Z":     time.Date(2026, 3, 1, 0, 30, 0, 0, berlin),
		"2026-03-01T10:00:00.5Z":   time.Date(2026, 3, 1, 10, 0, 0, 5e8, time.UTC),
		"2026-03-01T10:00:00.001Z": time.Date(2026, 3, 1, 10, 0, 0, 1e6, time.UTC),
	} {
		assert.Equal(t, ",,"+cell+"\r\n", written(t, payment{at: at}))
	}
}

// Whatever is in a text, a reader of CSV finds it where it belongs, and no formula anywhere.
func TestAnyTextIsReadBackFromItsCell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("=+-@\"',;\t\r\n \u200b＝")))).Draw(t, "text")
		var table strings.Builder
		require.NoError(t, csvtable.Write(context.Background(), &table, columns, pagesOf(nil, []payment{{name: text, amount: "-1"}})))
		reader := csv.NewReader(strings.NewReader(table.String()))
		rows, err := reader.ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 2)
		unbroken := strings.NewReplacer("\r\n", "\n") // which package csv reads in the place of a line break
		got := rows[1][0]
		if got != unbroken.Replace(text) {
			assert.Equal(t, "'"+unbroken.Replace(text), got)
		}
		if got != "" {
			assert.NotContains(t, "=+-@\t\r\n", got[:1])
		}
		assert.Equal(t, "-1", rows[1][1])
	})
}

// recorder notes each write, and fails those after the first few.
type recorder struct {
	writes []string
	fails  error
	after  int
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.fails != nil && len(r.writes) == r.after {
		return 0, r.fails
	}
	r.writes = append(r.writes, string(p))
	return len(p), nil
}

func TestWriteWritesAPageAtATime(t *testing.T) {
	var w recorder
	err := csvtable.Write(t.Context(), &w, columns, pagesOf(nil, []payment{{name: "a"}, {name: "b"}}, nil, []payment{{name: "c"}}))
	require.NoError(t, err)
	assert.Equal(t, []string{names + "a,,\r\nb,,\r\n", "c,,\r\n"}, w.writes)
}

func TestAnEmptyListIsARowOfNames(t *testing.T) {
	for _, pages := range []iter.Seq2[[]payment, error]{pagesOf(nil), pagesOf(nil, nil)} {
		var w recorder
		require.NoError(t, csvtable.Write(t.Context(), &w, columns, pages))
		assert.Equal(t, []string{names}, w.writes)
	}
}

func TestWriteReturnsWhatFails(t *testing.T) {
	failure := errors.New("failed")

	t.Run("of the first page, and writes nothing", func(t *testing.T) {
		var w recorder
		assert.ErrorIs(t, csvtable.Write(t.Context(), &w, columns, pagesOf(failure)), failure)
		assert.Empty(t, w.writes)
	})
	t.Run("of a later page, after those before", func(t *testing.T) {
		var w recorder
		assert.ErrorIs(t, csvtable.Write(t.Context(), &w, columns, pagesOf(failure, []payment{{name: "a"}})), failure)
		assert.Equal(t, []string{names + "a,,\r\n"}, w.writes)
	})
	t.Run("of the writer, and reads no further page", func(t *testing.T) {
		w := recorder{fails: failure, after: 1}
		read := 0
		pages := func(yield func([]payment, error) bool) {
			for read = 1; yield([]payment{{name: "a"}}, nil); read++ {
			}
		}
		assert.ErrorIs(t, csvtable.Write(t.Context(), &w, columns, pages), failure)
		assert.Equal(t, 2, read)
	})
	t.Run("of the context, and writes no more", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var w recorder
		pages := func(yield func([]payment, error) bool) {
			if !yield([]payment{{name: "a"}}, nil) {
				return
			}
			cancel()
			yield([]payment{{name: "b"}}, nil)
		}
		assert.ErrorIs(t, csvtable.Write(ctx, &w, columns, pages), context.Canceled)
		assert.Len(t, w.writes, 1)
	})
}
