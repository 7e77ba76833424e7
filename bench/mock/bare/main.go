// Bare is what stackbe-mock is compared to: an http.ServeMux that responds with fixed JSON.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
)

const body = `{"enrolled":true,"id":"cmjcbidrx0001n13ye2b7pryh","customerId":"cust_123","code":"JANE20","type":"partner",` +
	`"status":"active","commissionRate":20,"totalEarned":120.5,"pendingBalance":80.25,"createdAt":"2026-01-15T10:30:00Z"}`

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/affiliate/by-customer/{customerID}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write([]byte(body))
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		fmt.Printf(`{"url":"http://%s","customerId":"cust_123"}`+"\n", listener.Addr())
		err = http.Serve(listener, mux)
	}
	fmt.Fprintln(os.Stderr, "bare:", err)
	os.Exit(1)
}
