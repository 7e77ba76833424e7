package conformance_test

import (
	"fmt"
	"testing"

	"github.com/stackbe/stackbe-go"
	"github.com/stackbe/stackbe-go/internal/conformance"
)

func TestCasesHoldInAnyOrderAndInParallel(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			conformance.RunShuffled(t, referenceServer(t, stackbe.Contract{}), seed)
		})
	}
}

func TestEachCaseHoldsAlone(t *testing.T) {
	conformance.RunEachAlone(t, func(t *testing.T) conformance.Target { return referenceServer(t, stackbe.Contract{}) })
}
