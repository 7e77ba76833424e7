// Package services tells tests where their databases are.
package services

import (
	"os"
	"testing"
)

// The variables that say where a database is. .ci/services starts all of them and
// prints their values.
const (
	Postgres       = "STACKBE_TEST_POSTGRES"        // a URL, as pgx takes it
	PgBouncer      = "STACKBE_TEST_PGBOUNCER"       // the same through a pooler, whose databases are named after its modes
	MySQL          = "STACKBE_TEST_MYSQL"           // a data source name of go-sql-driver/mysql; of a MariaDB, too
	MySQLStatement = "STACKBE_TEST_MYSQL_STATEMENT" // one with binlog_format=STATEMENT and innodb_rollback_on_timeout=ON
	Redis          = "STACKBE_TEST_REDIS"           // a URL, as go-redis takes it
)

// Require returns the variable's value. If it is not set, the test is skipped; in CI,
// the test fails.
func Require(t *testing.T, variable string) string {
	t.Helper()
	value := os.Getenv(variable)
	switch {
	case value != "":
		return value
	case os.Getenv("CI") == "true":
		t.Fatalf("%s is not set: CI runs .ci/services start", variable)
	}
	t.Skipf("set %s to run this test; .ci/services start prints a value", variable)
	return ""
}
