package delivery

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go/webhooks"
)

func TestScheduleIsShorterThanMinRetention(t *testing.T) {
	lasts := AttemptTimeout
	for _, delay := range retryDelays {
		lasts += delay + AttemptTimeout
	}
	assert.Less(t, lasts, webhooks.MinRetention)
	assert.Greater(t, lasts, webhooks.MinRetention-time.Hour)
}
