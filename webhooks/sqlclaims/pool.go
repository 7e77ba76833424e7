package sqlclaims

import (
	"context"
	"log/slog"
)

// warnOfPool warns, once, of a pool without a bound. With a thousand deliveries at once
// it opens a thousand connections: the server refuses most of them, and works slowly for
// the rest. It is looked at with the first claim, by when the program has set it up.
func (s *Store) warnOfPool(ctx context.Context) {
	s.poolSeen.Do(func() {
		if s.dialect.singleWriter || s.db.Stats().MaxOpenConnections > 0 {
			return
		}
		s.logger.LogAttrs(ctx, slog.LevelWarn,
			"the database's pool of connections has no bound, and many deliveries at once will fail: call SetMaxOpenConns and SetMaxIdleConns with 20 for instance",
			slog.String("table", s.table))
	})
}
