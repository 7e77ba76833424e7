package stores

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/webhooks"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
	"github.com/stretchr/testify/require"
)

// A connection that breaks during the commit leaves open whether it took place. The next delivery
// finds out.
func TestConnectionThatBreaksDuringCommit(t *testing.T) {
	for name, test := range map[string]struct {
		driver  string
		dialect sqlclaims.Dialect
		source  func(t *testing.T) (source, address string)
	}{
		"pgx":    {"pgx", sqlclaims.DialectPostgres, postgresSource},
		"lib_pq": {"postgres", sqlclaims.DialectPostgres, postgresSource},
		"mysql":  {"mysql", sqlclaims.DialectMySQL, mysqlSource},
	} {
		for when, committed := range map[string]bool{
			"before the database receives it":      false,
			"before the database's response to it": true,
		} {
			t.Run(name+" "+when, func(t *testing.T) {
				source, address := test.source(t)
				proxy := startProxy(t, address)
				f := newFixture(t, database{dialect: test.dialect}, connect(t, test.driver, source))
				behind := connect(t, test.driver, strings.Replace(source, address, proxy.address(), 1))
				store, err := sqlclaims.New(behind, test.dialect, sqlclaims.WithTable(f.table))
				require.NoError(t, err)
				runs := 0
				deliver := receiver(t, func(ctx context.Context, _ *webhooks.Event) error {
					if runs++; runs == 1 {
						proxy.breakCommit(committed)
					}
					return f.insert(ctx, "evt_1")
				}, webhooks.WithTransactionalClaims(store.Transactional()), webhooks.WithLogger(slog.New(slog.DiscardHandler)))
				expectedRuns := 2
				if committed {
					expectedRuns = 1
				}

				require.Equal(t, http.StatusServiceUnavailable, deliver())
				require.True(t, proxy.broke.Load())
				require.Eventually(t, func() bool { return deliver() == http.StatusOK }, 30*time.Second, 10*time.Millisecond)
				require.Equal(t, 1, f.count(t, f.effects))
				require.Equal(t, expectedRuns, runs)
			})
		}
	}
}

// commit is the end of a message that asks for a commit, in the protocols of PostgreSQL and MySQL.
var commit = regexp.MustCompile(`(?i)[^a-z]commit\x00?$`)

// breakCommit breaks the connection of the next commit: before the database receives it, or
// afterwards, so that the response to it is lost.
func (p *proxy) breakCommit(afterwards bool) {
	p.breaks.Store(&afterwards)
}

// toDatabase writes what a client sends.
type toDatabase struct {
	*proxy
	client, server net.Conn
}

func (d toDatabase) Write(message []byte) (int, error) {
	if !commit.Match(message) {
		return d.server.Write(message)
	}
	afterwards := d.breaks.Swap(nil)
	if afterwards == nil {
		return d.server.Write(message)
	}
	d.broke.Store(true)
	_ = d.client.Close()
	if *afterwards {
		return d.server.Write(message) // and the database has what it needs
	}
	_ = d.server.Close()
	return 0, net.ErrClosed
}
