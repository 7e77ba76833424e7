package sqlclaims

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

const (
	// purgeBatch bounds how many rows a transaction deletes.
	purgeBatch = 500

	// purgePeriod is after how many claims of a replica a batch is deleted.
	purgePeriod = 256

	// purgeGrace is how long a row is kept beyond its expiry, so that a late Done
	// finds its claim.
	purgeGrace = time.Hour

	// purgeTimeout bounds how long a claim is held up by the batch that it deletes.
	purgeTimeout = 2 * time.Second
)

// Purge deletes all rows that expired more than an hour ago, in batches of 500, and
// returns their number, even if it fails after some batches. There is no need to call
// it: one in 256 claims of a replica deletes a batch. All replicas may call it at the
// same time.
func (s *Store) Purge(ctx context.Context) (deleted int64, err error) {
	if !s.made() {
		return 0, errNotMade
	}
	for {
		batch, err := s.purge(ctx)
		deleted += batch
		if err != nil || batch < purgeBatch {
			return deleted, err
		}
	}
}

// purgeSometimes deletes a batch once in a while. An error does not concern the event,
// which is claimed: it is logged and counted, and the next batch comes.
func (s *Store) purgeSometimes(ctx context.Context) {
	if s.claimed.Add(1)%purgePeriod != 0 || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, purgeTimeout)
	defer cancel()
	if _, err := s.purge(ctx); err != nil {
		s.logger.LogAttrs(ctx, slog.LevelWarn, "expired webhook claims were not deleted",
			slog.String("table", s.table), slog.Int64("failures", s.purgeFailures.Load()), slog.Any("error", err))
	}
}

// purge deletes a batch: rows that a claim in progress has locked are left to it.
func (s *Store) purge(ctx context.Context) (deleted int64, err error) {
	count := func(deleted int64) { s.purged.Add(deleted) }
	deleted, err = await(ctx, &s.calls, func() (int64, error) { return s.deleteBatch(ctx) }, count)
	if err != nil {
		s.purgeFailures.Add(1)
		return 0, err
	}
	count(deleted)
	return deleted, nil
}

func (s *Store) deleteBatch(ctx context.Context) (deleted int64, err error) {
	err = s.writing(ctx, func(in beginner) error {
		return s.unlessReadOnly(func() (err error) {
			deleted, err = s.purgeIn(ctx, in)
			return err
		})
	})
	if err != nil {
		return 0, fmt.Errorf("sqlclaims: purge: %w", err)
	}
	return deleted, nil
}

func (s *Store) purgeIn(ctx context.Context, in beginner) (deleted int64, err error) {
	tx, err := s.begin(ctx, ctx, in, s.dialect.purgeIsolation)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }()
	if s.dialect.purge != "" {
		deleted, err = s.statements.purge.exec(ctx, tx, nil)
	} else {
		deleted, err = s.statements.byKey.delete(ctx, tx)
	}
	if err != nil {
		return 0, err
	}
	return deleted, tx.Commit()
}

// deleteByKey deletes expired rows of MySQL or MariaDB, whose DELETE can neither skip
// locked rows nor select them from its own table. In the order of the primary key the
// optimizer does not read, and lock, the whole table; with a limit sql_safe_updates and
// sql_select_limit do no harm.
type deleteByKey struct {
	expired, lock, forget string // with {keys} for the list of them
}

const (
	expiredText = `SELECT event_key FROM {table} WHERE expires_at <= {now} - {grace} ORDER BY expires_at LIMIT {batch}`
	lockText    = `SELECT event_key FROM {table} FORCE INDEX (PRIMARY)
		WHERE event_key IN ({keys}) AND expires_at <= {now} - {grace}
		ORDER BY event_key LIMIT {batch} FOR UPDATE SKIP LOCKED`
	forgetText = `DELETE FROM {table} WHERE event_key IN ({keys}) ORDER BY event_key LIMIT {batch}`
)

func (d deleteByKey) delete(ctx context.Context, tx *sql.Tx) (deleted int64, err error) {
	keys, err := selectKeys(ctx, tx, d.expired, nil)
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	// Some may have been claimed since: their locks are passed over, and their time is new.
	keys, err = selectKeys(ctx, tx, withKeys(d.lock, keys), keys)
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	result, err := tx.ExecContext(ctx, withKeys(d.forget, keys), keys...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func withKeys(text string, keys []any) string {
	return strings.Replace(text, "{keys}", strings.TrimSuffix(strings.Repeat("?, ", len(keys)), ", "), 1)
}

func selectKeys(ctx context.Context, tx *sql.Tx, text string, args []any) (keys []any, err error) {
	rows, err := tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key []byte
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}
