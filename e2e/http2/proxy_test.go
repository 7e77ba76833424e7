// Package http2 tests the SDK through the HTTP/2 of HAProxy and nginx: however a
// proxy handles a failing upstream, a call has at most one effect for each attempt
// that the SDK counts.
package http2

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/freeport"
)

// proxy is a real one, which speaks HTTP/2 over TLS.
type proxy struct {
	url    string
	client *http.Client // which trusts it
}

// startHAProxy starts HAProxy in front of the upstream.
func startHAProxy(t *testing.T, upstream string) proxy {
	return start(t, "haproxy", func(folder, address, pem string) (string, []string) {
		return fmt.Sprintf(`
global
  stats socket %[1]s/stats
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend tls
  bind %[2]s ssl crt %[3]s alpn h2
  default_backend upstream
backend upstream
  server upstream %[4]s
`, folder, address, pem, upstream), []string{"-db", "-f"}
	})
}

// startNginx starts nginx with this content of the location /.
func startNginx(t *testing.T, location string) proxy {
	return start(t, "nginx", func(folder, address, pem string) (string, []string) {
		return fmt.Sprintf(`
daemon off;
master_process off;
pid %[1]s/pid;
error_log %[1]s/error.log;
events {}
http {
  access_log off;
  client_body_temp_path %[1]s/body;
  proxy_temp_path %[1]s/proxy;
  fastcgi_temp_path %[1]s/fastcgi;
  uwsgi_temp_path %[1]s/uwsgi;
  scgi_temp_path %[1]s/scgi;
  server {
    listen %[2]s ssl http2;
    ssl_certificate %[3]s;
    ssl_certificate_key %[3]s;
    location / { %[4]s }
  }
}
`, folder, address, pem, location), []string{"-c"}
	})
}

// start runs a program with a configuration, until the test ends.
func start(t *testing.T, program string, configure func(folder, address, pem string) (configuration string, arguments []string)) proxy {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + program)
	}
	require.NoError(t, err, ".ci/run programs installs %s; Debian's packages are haproxy and nginx-light", program)

	folder := t.TempDir()
	require.NoError(t, os.Chmod(folder, 0o755))
	certificate, pool := selfSigned(t)
	bundle := filepath.Join(folder, "certificate.pem")
	require.NoError(t, os.WriteFile(bundle, certificate, 0o644))
	address := freeport.Address(t)
	configuration, arguments := configure(folder, address, bundle)
	file := filepath.Join(folder, program+".conf")
	require.NoError(t, os.WriteFile(file, []byte(configuration), 0o644))

	var log strings.Builder
	command := exec.Command(path, append(arguments, file)...)
	command.Stdout, command.Stderr = &log, &log
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	require.Eventually(t, func() bool { return listens(address) }, time.Minute, 10*time.Millisecond, "%s does not listen", program)

	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool}}
	t.Cleanup(transport.CloseIdleConnections)
	return proxy{url: "https://" + address, client: &http.Client{Transport: transport}}
}

func listens(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err == nil {
		conn.Close()
	}
	return err == nil
}

// selfSigned returns a certificate for 127.0.0.1 with its key, and who trusts it.
func selfSigned(t *testing.T) ([]byte, *x509.CertPool) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "127.0.0.1"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:         true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certificate)
	return append(certificate, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...), pool
}
