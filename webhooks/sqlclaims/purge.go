package sqlclaims

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

const (
	// purgeBatch bounds how many rows a transaction deletes.
	purgeBatch = 1000

	// purgePeriod is after how many claims of a replica a batch is deleted.
	purgePeriod = 256

	// purgeGrace is how long a row is kept beyond its expiry, so that a late Done
	// finds its claim.
	purgeGrace = time.Hour
)

// Purge deletes all rows that expired more than an hour ago, in batches of 1,000, and
// returns their number, also when it fails on the way. There is no need to call it: of
// every 256 claims that a replica makes, one deletes a batch. All replicas may call it
// at once.
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
// which is claimed, and the next batch comes: it is passed over.
func (s *Store) purgeSometimes(ctx context.Context) {
	if s.claimed.Add(1)%purgePeriod == 0 {
		_, _ = s.purge(ctx)
	}
}

// purge deletes a batch: rows that a claim in progress has locked are left to it.
func (s *Store) purge(ctx context.Context) (deleted int64, err error) {
	err = s.write(ctx, func() (err error) {
		tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: s.dialect.purgeIsolation})
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		keys, err := s.expired(ctx, tx)
		if err != nil || len(keys) == 0 {
			return err
		}
		if deleted, err = s.forget(ctx, tx, keys); err != nil {
			return err
		}
		return tx.Commit()
	})
	if err != nil {
		return 0, fmt.Errorf("sqlclaims: purge: %w", err)
	}
	return deleted, nil
}

// expired locks a batch of rows and returns their keys.
func (s *Store) expired(ctx context.Context, tx *sql.Tx) (keys []any, err error) {
	args := arguments{"grace": purgeGrace.Milliseconds()}
	rows, err := tx.QueryContext(ctx, s.statements.expired.text, s.statements.expired.values(args)...)
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

func (s *Store) forget(ctx context.Context, tx *sql.Tx, keys []any) (deleted int64, err error) {
	places := make([]string, len(keys))
	for i := range places {
		places[i] = s.dialect.place(i + 1)
	}
	result, err := tx.ExecContext(ctx, s.statements.forget+"("+strings.Join(places, ", ")+")", keys...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
