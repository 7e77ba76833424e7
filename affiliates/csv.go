package affiliates

import (
	"context"
	"io"
	"iter"
	"strconv"

	"github.com/stackbe/stackbe-go/internal/csvtable"
)

// csvLimit is the size of a page if the filter has none.
const csvLimit = maxLimit

// writeCSV writes what filter selects, page by page.
func writeCSV[T, F any, P pager[F]](ctx context.Context, s *Service, w io.Writer, columns []csvtable.Column[T], route string, filter F, read func(context.Context, F) (*Page[T], error)) error {
	if err := s.check(argument{field: "w", problem: nilProblem(w)}); err != nil {
		return err
	}
	if size, _ := P(&filter).paging(); *size == 0 {
		*size = csvLimit
	}
	return csvtable.Write(ctx, w, columns, rows(pages[T, F, P](ctx, s, route, filter, read)))
}

func nilProblem(w io.Writer) string {
	if w == nil {
		return "is nil"
	}
	return ""
}

// rows returns the elements of each page.
func rows[T any](pages iter.Seq2[*Page[T], error]) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		for page, err := range pages {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(page.Data, nil) {
				return
			}
		}
	}
}

// number returns a column of amounts.
func number[T any](name string, of func(*T) Money) csvtable.Column[T] {
	return csvtable.Number(name, func(row *T) string { return of(row).String() })
}

// rate returns a column of percentages, without their sign.
func rate[T any](name string, of func(*T) Percent) csvtable.Column[T] {
	return csvtable.Number(name+" (%)", func(row *T) string { return of(row).Decimal().String() })
}

// count returns a column of whole numbers.
func count[T any](name string, of func(*T) int) csvtable.Column[T] {
	return csvtable.Number(name, func(row *T) string { return strconv.Itoa(of(row)) })
}
