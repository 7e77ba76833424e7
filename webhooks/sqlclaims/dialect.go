package sqlclaims

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Dialect is the kind of a database.
type Dialect int

// The databases that a [Store] works with.
const (
	DialectPostgres Dialect = iota + 1 // PostgreSQL 10 or later
	DialectMySQL                       // MySQL 8.0 or later, MariaDB 10.6 or later
	DialectSQLite                      // SQLite 3.24 or later
)

// String returns the name of the database.
func (d Dialect) String() string {
	if known, ok := dialects[d]; ok {
		return known.name
	}
	return fmt.Sprintf("Dialect(%d)", int(d))
}

// dialect is what differs between the databases. In its statements {table} is the
// table's name, {index} that of its index, and {now} the time.
type dialect struct {
	name     string
	quote    string
	now      string // milliseconds since 1970 by the database's clock
	numbered bool   // parameters are $1, not ?

	ddl     []string
	ddlLock string // waits until no other replica creates the table, "" where that statement itself waits

	// claim is what takes the event: the first statement that affects a row has.
	claim []string

	// transaction is the id of the current transaction, which the statements that claim
	// and mark an event return; "" where the database has none that may be asked for.
	transaction string

	// lock and unlock are the advisory lock of the session that claims, "" where claim
	// takes one itself.
	lock, unlock string

	// singleWriter says that a write waits for the end of any transaction that has
	// written, of whatever event.
	singleWriter bool

	// sessions says that what a transaction is depends on the session: see ownSession.
	sessions bool

	// purge deletes a batch of expired rows, and passes over those that others have
	// locked; "" where it takes several statements: see deleteByKey.
	purge          string
	purgeIsolation sql.IsolationLevel

	// isReadOnly reports whether an error says that the transaction is read-only, and
	// setReadWrite begins one that is not, whatever the session's default, or makes it so.
	isReadOnly   func(error) bool
	setReadWrite string

	// contended reports whether a claim failed because of another one, or of whoever
	// else keeps the database busy.
	contended func(error) bool

	// noTable is the SQLSTATE of an error, or in its text, where the table is missing.
	noTable string
}

const (
	statusText = `SELECT done FROM {table} WHERE event_key = :key AND expires_at > {now}`
	doneText   = `UPDATE {table} SET done = TRUE, expires_at = {now} + :retention
		WHERE event_key = :key AND token = :token AND done = FALSE`
	doneBeforeText = `SELECT done FROM {table} WHERE event_key = :key AND token = :token`
	releaseText    = `DELETE FROM {table} WHERE event_key = :key AND token = :token AND done = FALSE`
)

var dialects = map[Dialect]dialect{
	DialectPostgres: {
		name:     "Postgres",
		quote:    `"`,
		now:      `CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)`, // now() stands still in a transaction
		numbered: true,
		ddl: []string{
			`CREATE TABLE IF NOT EXISTS {table} (
	event_key  BYTEA   PRIMARY KEY,
	event_id   TEXT    NOT NULL,
	token      TEXT    NOT NULL,
	done       BOOLEAN NOT NULL,
	expires_at BIGINT  NOT NULL
)`,
			`CREATE INDEX IF NOT EXISTS {index} ON {table} (expires_at)`,
		},
		ddlLock: `SELECT pg_advisory_xact_lock(:lock)`,
		claim: []string{
			`INSERT INTO {table} AS claims (event_key, event_id, token, done, expires_at)
			SELECT CAST(:key AS BYTEA), CAST(:id AS TEXT), CAST(:token AS TEXT), FALSE, {now} + CAST(:lease AS BIGINT)
			WHERE pg_try_advisory_xact_lock(CAST(:lock AS BIGINT))
			ON CONFLICT (event_key) DO UPDATE SET token = excluded.token, done = FALSE, expires_at = excluded.expires_at
			WHERE claims.expires_at <= {now}`,
		},
		transaction: `txid_current()`,
		purge: `DELETE FROM {table} WHERE event_key = ANY(ARRAY(
			SELECT event_key FROM {table} WHERE expires_at <= {now} - {grace}
			ORDER BY expires_at LIMIT {batch} FOR UPDATE SKIP LOCKED))`,
		purgeIsolation: sql.LevelReadCommitted, // which takes no conflict for an error
		isReadOnly:     func(err error) bool { return sqlState(err) == "25006" },
		setReadWrite:   `SET TRANSACTION READ WRITE`,
		contended:      postgresContended,
		noTable:        "42P01",
	},
	DialectMySQL: {
		name:  "MySQL",
		quote: "`",
		now:   `TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000`, // UNIX_TIMESTAMP depends on the time zone
		ddl: []string{
			`CREATE TABLE IF NOT EXISTS {table} (
	event_key  BINARY(32) PRIMARY KEY,
	event_id   LONGTEXT CHARACTER SET utf8mb4 NOT NULL,
	token      VARBINARY(64) NOT NULL,
	done       BOOLEAN NOT NULL,
	expires_at BIGINT NOT NULL,
	KEY {index} (expires_at)
) ENGINE = InnoDB`,
		},
		claim: []string{
			`INSERT IGNORE INTO {table} (event_key, event_id, token, done, expires_at)
			VALUES (:key, :id, :token, FALSE, {now} + :lease)`,
			// By the other index it would lock in another order than Done, and deadlock.
			`UPDATE {table} FORCE INDEX (PRIMARY) SET token = :token, done = FALSE, expires_at = {now} + :lease
			WHERE event_key = :key AND expires_at <= {now}`,
		},
		lock:           `SELECT GET_LOCK(SHA2(CONCAT(COALESCE(DATABASE(), '/'), '/', :lockname), 256), 0)`,
		unlock:         `SELECT RELEASE_LOCK(SHA2(CONCAT(COALESCE(DATABASE(), '/'), '/', :lockname), 256))`,
		sessions:       true,
		purgeIsolation: sql.LevelRepeatableRead, // a lower one cannot write with binlog_format=STATEMENT
		isReadOnly:     func(err error) bool { return strings.Contains(err.Error(), "Error 1792") },
		setReadWrite:   `SET TRANSACTION READ WRITE`,
		contended:      mysqlContended,
		noTable:        "Error 1146",
	},
	DialectSQLite: {
		name:  "SQLite",
		quote: `"`,
		now:   `CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)`,
		ddl: []string{
			`CREATE TABLE IF NOT EXISTS {table} (
	event_key  BLOB    PRIMARY KEY,
	event_id   TEXT    NOT NULL,
	token      TEXT    NOT NULL,
	done       BOOLEAN NOT NULL,
	expires_at INTEGER NOT NULL
) WITHOUT ROWID`,
			`CREATE INDEX IF NOT EXISTS {index} ON {table} (expires_at)`,
		},
		claim: []string{
			`INSERT INTO {table} AS claims (event_key, event_id, token, done, expires_at)
			VALUES (:key, :id, :token, FALSE, {now} + :lease)
			ON CONFLICT (event_key) DO UPDATE SET token = excluded.token, done = FALSE, expires_at = excluded.expires_at
			WHERE claims.expires_at <= {now}`,
		},
		singleWriter: true,
		purge: `DELETE FROM {table} WHERE event_key IN (
			SELECT event_key FROM {table} WHERE expires_at <= {now} - {grace} ORDER BY expires_at LIMIT {batch})`,
		isReadOnly: func(error) bool { return false },
		contended:  sqliteContended,
		noTable:    "no such table",
	},
}

// statements are a dialect's, for a table.
type statements struct {
	ddl                                                             []string
	claim                                                           []statement
	ddlLock, lock, unlock, status, done, doneBefore, release, purge statement

	byKey deleteByKey
}

func (d dialect) compile(table string) statements {
	replacer := strings.NewReplacer("{table}", d.quoted(table), "{index}", d.indexName(table), "{now}", d.now,
		"{batch}", strconv.Itoa(purgeBatch), "{grace}", strconv.FormatInt(purgeGrace.Milliseconds(), 10))
	compiled := func(text string) statement { return d.newStatement(replacer.Replace(text)) }
	s := statements{
		ddlLock:    compiled(d.ddlLock),
		lock:       compiled(d.lock),
		unlock:     compiled(d.unlock),
		status:     compiled(statusText),
		done:       compiled(doneText).returning(d.transaction),
		doneBefore: compiled(doneBeforeText),
		release:    compiled(releaseText),
		purge:      compiled(d.purge),
		byKey: deleteByKey{
			expired: replacer.Replace(expiredText),
			lock:    replacer.Replace(lockText),
			forget:  replacer.Replace(forgetText),
		},
	}
	for _, text := range d.claim {
		s.claim = append(s.claim, compiled(text).returning(d.transaction))
	}
	for _, text := range d.ddl {
		s.ddl = append(s.ddl, replacer.Replace(text))
	}
	return s
}

// quoted quotes a table's name, whose characters were checked.
func (d dialect) quoted(table string) string {
	return d.quote + strings.ReplaceAll(table, ".", d.quote+"."+d.quote) + d.quote
}

// indexName is the quoted name of the table's index, which is in the table's schema
// without saying so.
func (d dialect) indexName(table string) string {
	return d.quoted(table[strings.LastIndexByte(table, '.')+1:] + "_expires_at")
}

func postgresContended(err error) bool {
	switch sqlState(err) {
	case "40001", "40P01", "55P03": // serialization failure, deadlock, lock not available
		return true
	}
	return false
}

// sqlState returns the code of PostgreSQL's errors, "" of others.
func sqlState(err error) string {
	var coded interface{ SQLState() string } // as pgx's and lib/pq's errors have it
	if !errors.As(err, &coded) {
		return ""
	}
	return coded.SQLState()
}

func mysqlContended(err error) bool {
	text := err.Error()
	for _, code := range []string{"1205", "1213", "1020"} { // lock wait timeout, deadlock, changed since the snapshot
		if strings.Contains(text, "Error "+code) {
			return true
		}
	}
	return false
}

func sqliteContended(err error) bool {
	text := err.Error()
	return strings.Contains(text, "database is locked") || strings.Contains(text, "database table is locked")
}
