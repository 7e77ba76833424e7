// Package sqlclaims keeps the claims of package webhooks in a table of PostgreSQL,
// MySQL, MariaDB or SQLite, through database/sql and any driver. All replicas of a
// receiver share the table.
//
//	store, err := sqlclaims.New(db, sqlclaims.DialectPostgres)
//	err = store.CreateTable(ctx)
//	handler, err := webhooks.NewHandler(verifier, webhooks.WithTransactionalClaims(store.Transactional()), …)
//
// There are two ways to use a [Store]:
//
//   - [Store.Transactional] runs each event's function in the transaction that claims
//     the event. What the function writes through [Tx] is committed together with the
//     claim, so each event takes effect exactly once, even if the process is killed in
//     between. The transaction is open for as long as the function runs.
//   - The Store itself claims under a lease, and leaves transactions to the function. If
//     a process is killed, its function is called again and repeats what it did before.
//
// Replicas of both kinds can share a table, but not in SQLite, where marking an event as
// done would wait for another event's function. Receivers of different webhooks get the
// same events, and need names to share a table: see [webhooks.WithReceiver].
//
// # The table
//
// [Store.CreateTable] creates it; [Store.DDL] returns the statements for those who
// create tables by other means. In PostgreSQL they are:
//
//	CREATE TABLE IF NOT EXISTS "stackbe_webhook_claims" (
//		event_key  BYTEA   PRIMARY KEY, -- SHA-256 of the event id
//		event_id   TEXT    NOT NULL,    -- for people, in ASCII; the program never reads it
//		token      TEXT    NOT NULL,    -- of the last claim
//		done       BOOLEAN NOT NULL,    -- whether the event is done, or being handled
//		expires_at BIGINT  NOT NULL     -- milliseconds since 1970; of the lease, or of the row once done
//	);
//	CREATE INDEX IF NOT EXISTS "stackbe_webhook_claims_expires_at"
//		ON "stackbe_webhook_claims" (expires_at);
//
// Events are identified by the hash, so that no collation, padding or length limit makes
// two of them equal. Times are those of the database's clock: the replicas' clocks may
// differ. Rows that have expired are deleted as new events come: see [Store.Purge].
//
// # Who is handling an event
//
// The primary key decides who handles an event. Each claim first tries to take an
// advisory lock, without waiting for it. So another delivery of the event is refused with
// [webhooks.ErrInFlight] at once, and does not wait for the transaction of the first:
//
//   - PostgreSQL 10 or later: pg_try_advisory_xact_lock, which ends with the transaction.
//     Connections may go through a pooler, with some settings of the driver. When a
//     process is killed, its events are free as soon as the database notices, which is
//     at once on most failures; after a loss of the network it takes the time of the
//     server's tcp_keepalives settings.
//   - MySQL 8.0 or later, MariaDB 10.6 or later: GET_LOCK, held by the session, which
//     takes a direct connection or a pooler that keeps sessions. A claim has a session
//     to itself, without autocommit while its event's function runs. The tables that the
//     event's function writes have to be transactional, of InnoDB. A statement that
//     commits implicitly, such as CREATE TABLE, ends the transaction, and the database
//     does not say so: see [Transactional.Run].
//   - SQLite 3.24 or later: there is one writer at a time, so the events of a process
//     are handled one after another, and those of other processes wait for as long as
//     the connection's busy_timeout says. Set one, in the data source name. A function
//     in a transaction must write only through [Tx]: any other write waits for the
//     function itself. If several deliveries of a done event arrive at once, one gets
//     [webhooks.ErrDone] and the others [webhooks.ErrInFlight].
//
// If the database is busy or reports a conflict during the claim, the claim also returns
// [webhooks.ErrInFlight]: nothing is claimed, and the sender retries.
//
// # Settings
//
// The pool of connections needs a limit: see [sql.DB.SetMaxOpenConns]. Isolation level,
// read-only mode, autocommit, SQL mode, time zone and encoding may be any. What holds
// under which settings of the database, a pooler and the driver is in docs/claims-sql.md.
package sqlclaims

import (
	"database/sql"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
)

const (
	// DefaultTable is the table's name without [WithTable].
	DefaultTable = "stackbe_webhook_claims"

	// DefaultRetention is how long a done event is remembered without [WithRetention].
	DefaultRetention = 7 * 24 * time.Hour
)

// Store keeps claims in a table, each under a lease: see the package's documentation. It
// is safe for concurrent use. A call returns when its context ends, even if the driver
// waits for a silent database: see [Store.Wait].
type Store struct {
	db         *sql.DB
	dialect    dialect
	table      string
	retention  time.Duration
	isolation  sql.IsolationLevel
	logger     *slog.Logger
	statements statements
	writer     *writer // nil unless the database has one writer
	calls      calls
	poolSeen   sync.Once

	readOnly      atomic.Bool // the default of sessions
	claimed       atomic.Uint64
	purged        atomic.Int64
	purgeFailures atomic.Int64
}

var _ webhooks.Claims = (*Store)(nil)

// Option changes how a [Store] works: see [New].
type Option func(*Store) error

// WithTable names the table, [DefaultTable] by default. A name has at most 50 letters,
// digits and underscores, and does not begin with a digit; a schema's name and a full
// stop may precede it. Names are quoted, so letter case counts.
//
// All replicas of a receiver share a table. Receivers of different webhooks get the
// same events under the same ids: in one database each needs its own table, or a name,
// see [webhooks.WithReceiver]. Otherwise one takes the other's events as handled.
func WithTable(name string) Option {
	return func(s *Store) error {
		if !tableName.MatchString(name) {
			return invalidOption("%q is not a table name: use up to 50 letters, digits and underscores, after a schema and a full stop or without", name)
		}
		s.table = name
		return nil
	}
}

var tableName = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]{0,49}\.)?[A-Za-z_][A-Za-z0-9_]{0,49}$`)

// WithRetention sets how long an event that is done is remembered, [DefaultRetention]
// by default. Less than [webhooks.MinRetention] is refused.
func WithRetention(retention time.Duration) Option {
	return func(s *Store) error {
		if retention < webhooks.MinRetention {
			return invalidOption("the retention %v is less than webhooks.MinRetention, %v, for which the sender retries", retention, webhooks.MinRetention)
		}
		s.retention = retention
		return nil
	}
}

// WithIsolation sets the isolation level of [Transactional.Run]; the default is that of
// the database. Claims are exclusive at every level, but the event's function may need
// a certain one.
func WithIsolation(level sql.IsolationLevel) Option {
	return func(s *Store) error {
		s.isolation = level
		return nil
	}
}

// WithLogger sets the log, [slog.Default] by default. It receives, at Warn, batches of
// expired rows that could not be deleted, and a pool of connections without a limit.
func WithLogger(logger *slog.Logger) Option {
	return func(s *Store) error {
		if logger == nil {
			return invalidOption("the logger is nil")
		}
		s.logger = logger
		return nil
	}
}

// New returns a Store in the database. It sends nothing: see [Store.CreateTable]. The
// caller still owns db. Errors match [webhooks.ErrInvalidOption].
func New(db *sql.DB, dialect Dialect, options ...Option) (*Store, error) {
	if db == nil {
		return nil, invalidOption("the database is nil")
	}
	syntax, ok := dialects[dialect]
	if !ok {
		return nil, invalidOption("there is no %v: use DialectPostgres, DialectMySQL or DialectSQLite", dialect)
	}
	s := &Store{db: db, dialect: syntax, table: DefaultTable, retention: DefaultRetention, logger: slog.Default()}
	for _, option := range options {
		if option == nil {
			return nil, invalidOption("an Option is nil")
		}
		if err := option(s); err != nil {
			return nil, err
		}
	}
	s.statements = s.dialect.compile(s.table)
	if s.dialect.singleWriter {
		s.writer = newWriter()
	}
	return s, nil
}

var errNotMade = fmt.Errorf("%w: use sqlclaims.New", webhooks.ErrNoClaims)

// made reports whether New made s.
func (s *Store) made() bool { return s != nil && s.db != nil }

func invalidOption(problem string, args ...any) error {
	return fmt.Errorf("%w: sqlclaims: %s", webhooks.ErrInvalidOption, fmt.Sprintf(problem, args...))
}
