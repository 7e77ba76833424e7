package sqlclaims

import (
	"database/sql/driver"
	"io"
	"reflect"
)

// guardedRows are the rows of a guard's statement. Some drivers run a statement when its
// first row is read, which may be after a rollback. The methods but Next are the driver's,
// or what database/sql takes where the driver has none.
type guardedRows struct {
	driver.Rows
	ensure func() // nil once the first row was read
}

// guardRows guards rows of a statement.
func guardRows(rows driver.Rows, err error, ensure func()) (driver.Rows, error) {
	if err != nil {
		return nil, err
	}
	return &guardedRows{rows, ensure}, nil
}

// Next implements [driver.Rows].
func (r *guardedRows) Next(row []driver.Value) error {
	if r.ensure != nil {
		r.ensure()
		r.ensure = nil
	}
	return r.Rows.Next(row)
}

// HasNextResultSet implements [driver.RowsNextResultSet].
func (r *guardedRows) HasNextResultSet() bool {
	rows, ok := r.Rows.(driver.RowsNextResultSet)
	return ok && rows.HasNextResultSet()
}

// NextResultSet implements [driver.RowsNextResultSet].
func (r *guardedRows) NextResultSet() error {
	if rows, ok := r.Rows.(driver.RowsNextResultSet); ok {
		return rows.NextResultSet()
	}
	return io.EOF
}

// ColumnTypeScanType implements [driver.RowsColumnTypeScanType].
func (r *guardedRows) ColumnTypeScanType(column int) reflect.Type {
	if rows, ok := r.Rows.(driver.RowsColumnTypeScanType); ok {
		return rows.ColumnTypeScanType(column)
	}
	return reflect.TypeFor[any]()
}

// ColumnTypeDatabaseTypeName implements [driver.RowsColumnTypeDatabaseTypeName].
func (r *guardedRows) ColumnTypeDatabaseTypeName(column int) string {
	if rows, ok := r.Rows.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return rows.ColumnTypeDatabaseTypeName(column)
	}
	return ""
}

// ColumnTypeLength implements [driver.RowsColumnTypeLength].
func (r *guardedRows) ColumnTypeLength(column int) (length int64, ok bool) {
	if rows, ok := r.Rows.(driver.RowsColumnTypeLength); ok {
		return rows.ColumnTypeLength(column)
	}
	return 0, false
}

// ColumnTypeNullable implements [driver.RowsColumnTypeNullable].
func (r *guardedRows) ColumnTypeNullable(column int) (nullable, ok bool) {
	if rows, ok := r.Rows.(driver.RowsColumnTypeNullable); ok {
		return rows.ColumnTypeNullable(column)
	}
	return false, false
}

// ColumnTypePrecisionScale implements [driver.RowsColumnTypePrecisionScale].
func (r *guardedRows) ColumnTypePrecisionScale(column int) (precision, scale int64, ok bool) {
	if rows, ok := r.Rows.(driver.RowsColumnTypePrecisionScale); ok {
		return rows.ColumnTypePrecisionScale(column)
	}
	return 0, 0, false
}
