package refserver_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestNumbersBeyond64BitsAreOutOfRange has numbers that 32 or 64 bits cut to a valid one, so
// it says most where int has 32 bits: GOARCH=386 go test.
func TestNumbersBeyond64BitsAreOutOfRange(t *testing.T) {
	w := newWorld(t)
	level := func(field, number string) string {
		fields := map[string]string{"minPaidSubscriptions": "5", "minMonthlyValue": "50", "commissionRate": "40"}
		fields[field] = number
		object := []string{`"name": "Gold"`}
		for name, value := range fields {
			object = append(object, `"`+name+`": `+value)
		}
		return `{"levels": [{` + strings.Join(object, ", ") + `}]}`
	}
	before := w.send(t, "GET", w.path("settings"), "", w.admin()).body
	for _, number := range []string{
		"4294967297",           // 2^32 + 1
		"42949673.96",          // (2^32 + 100) / 100
		"42949693",             // 2^32 / 100, and 20
		"-4294967295",          // 1 - 2^32
		"18446744073709551617", // 2^64 + 1
		"184467440737095517.16", "92233720368547758.08", "1e19", "-1e19", "1e400",
	} {
		for _, body := range []string{
			`{"defaultCommissionRate": ` + number + `}`, `{"holdingPeriodDays": ` + number + `}`, `{"minPayoutAmount": ` + number + `}`, `{"cookieDurationDays": ` + number + `}`,
			level("minPaidSubscriptions", number), level("minMonthlyValue", number), level("commissionRate", number),
		} {
			w.refused(t, 400, "PATCH", w.path("settings"), body, w.admin())
		}
	}
	for _, limit := range []string{"4294967297", "18446744073709551617", "-4294967295", "1e1", "0x14", "+20", "020", " 20"} {
		w.refused(t, 400, "GET", w.path("applications?limit="+strings.ReplaceAll(strings.ReplaceAll(limit, "+", "%2B"), " ", "%20")), "", w.admin())
	}
	assert.Equal(t, before, w.send(t, "GET", w.path("settings"), "", w.admin()).body)
}
