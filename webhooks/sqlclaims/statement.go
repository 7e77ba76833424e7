package sqlclaims

import (
	"context"
	"database/sql"
	"regexp"
	"strconv"
)

// session is what statements run in: the database, a connection of it, or a transaction.
type session interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// statement is a statement whose parameters, written :name, have names.
type statement struct {
	text    string
	names   []string // of the parameters, in their order
	returns bool     // a value for each row that it writes
}

var parameter = regexp.MustCompile(`:[a-z]+`)

// newStatement compiles the text.
func (d dialect) newStatement(text string) statement {
	var s statement
	s.text = parameter.ReplaceAllStringFunc(text, func(name string) string {
		s.names = append(s.names, name[1:])
		return d.place(len(s.names))
	})
	return s
}

// returning returns the statement that also returns a value, unless that is "".
func (s statement) returning(value string) statement {
	if value != "" {
		s.text += " RETURNING " + value
		s.returns = true
	}
	return s
}

// place is what stands in a statement for its n-th parameter.
func (d dialect) place(n int) string {
	if d.numbered {
		return "$" + strconv.Itoa(n)
	}
	return "?"
}

// arguments are the values of parameters, by name.
type arguments map[string]any

func (s statement) values(args arguments) []any {
	values := make([]any, len(s.names))
	for i, name := range s.names {
		values[i] = args[name]
	}
	return values
}

// exec returns how many rows the statement affected.
func (s statement) exec(ctx context.Context, in session, args arguments) (int64, error) {
	result, err := in.ExecContext(ctx, s.text, s.values(args)...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// write runs a statement that writes one row. It gives what the statement returns, ""
// if that is nothing, or [sql.ErrNoRows] where there was no row to write.
func (s statement) write(ctx context.Context, in session, args arguments) (returned string, err error) {
	if s.returns {
		err := s.queryRow(ctx, in, args).Scan(&returned)
		return returned, err
	}
	rows, err := s.exec(ctx, in, args)
	if err == nil && rows == 0 {
		err = sql.ErrNoRows
	}
	return "", err
}

func (s statement) queryRow(ctx context.Context, in session, args arguments) *sql.Row {
	return in.QueryRowContext(ctx, s.text, s.values(args)...)
}
