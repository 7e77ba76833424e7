package stores

import (
	"context"
	"database/sql"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stackbe/stackbe-go/e2e/stores/services"
	"github.com/stackbe/stackbe-go/webhooks/sqlclaims"
	"github.com/stretchr/testify/require"
)

// A database that falls silent must not keep the sender waiting. The proxy stays
// silent for as long as the test runs, so that Run could not return before its end.
func TestRunReturnsWhileDatabaseIsSilent(t *testing.T) {
	for name, test := range map[string]struct {
		driver  string
		dialect sqlclaims.Dialect
		source  func(t *testing.T) (source, address string)
	}{
		"pgx":    {"pgx", sqlclaims.DialectPostgres, postgresSource},
		"lib_pq": {"postgres", sqlclaims.DialectPostgres, postgresSource},
		"mysql":  {"mysql", sqlclaims.DialectMySQL, mysqlSource},
	} {
		for when, function := range map[string]func(p *proxy) error{
			"before the function succeeds": func(p *proxy) error { p.silence(); return nil },
			"before the function fails":    func(p *proxy) error { p.silence(); return errFunction },
		} {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				source, address := test.source(t)
				proxy := startProxy(t, address)
				db, err := sql.Open(test.driver, strings.Replace(source, address, proxy.address(), 1))
				require.NoError(t, err)
				db.SetMaxOpenConns(5)
				table := tableName(t)
				store, err := sqlclaims.New(db, test.dialect, sqlclaims.WithTable(table))
				require.NoError(t, err)
				require.NoError(t, store.CreateTable(t.Context()))

				err = store.Transactional().Run(t.Context(), "evt_1", func(context.Context) error { return function(proxy) })
				require.Error(t, err)

				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				_, err = store.Claim(ctx, "evt_2", time.Hour)
				require.ErrorIs(t, err, context.DeadlineExceeded)

				proxy.close() // by which the drivers notice
				require.NoError(t, store.Wait(t.Context()))
				require.Zero(t, store.Stats().Unresponsive)
				require.NoError(t, db.Close())
				dropTable(t, test.driver, source, table)
			})
		}
	}
}

func postgresSource(t *testing.T) (source, address string) {
	source = services.Require(t, services.Postgres)
	parsed, err := url.Parse(source)
	require.NoError(t, err)
	return source, parsed.Host
}

func mysqlSource(t *testing.T) (source, address string) {
	source = services.Require(t, services.MySQL)
	_, address, _ = strings.Cut(source, "(")
	address, _, _ = strings.Cut(address, ")")
	return source, address
}

func dropTable(t *testing.T, driver, source, table string) {
	t.Helper()
	_, err := connect(t, driver, source).ExecContext(context.Background(), "DROP TABLE "+table)
	require.NoError(t, err)
}

// proxy passes bytes on until it is silenced, but for a commit that it breaks.
type proxy struct {
	listener net.Listener
	target   string
	silent   chan struct{}
	breaks   atomic.Pointer[bool] // the next commit; see breakCommit
	broke    atomic.Bool

	mu          sync.Mutex
	connections []net.Conn
}

func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{listener: listener, target: target, silent: make(chan struct{})}
	go p.accept()
	t.Cleanup(p.close)
	return p
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.connections = append(p.connections, client, server)
		p.mu.Unlock()
		go p.pass(toDatabase{p, client, server}, client)
		go p.pass(client, server)
	}
}

func (p *proxy) pass(to io.Writer, from io.Reader) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		select {
		case <-p.silent:
			return
		default:
		}
		if err != nil {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (p *proxy) silence() { close(p.silent) }

func (p *proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, connection := range p.connections {
		_ = connection.Close()
	}
}
