package ids_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go/internal/refserver/ids"
)

func TestIDDependsOnSeedScopeAndKind(t *testing.T) {
	first := func(seed, scope, kind string) string { return ids.New(seed, scope, nil).ID(kind, "cm") }
	assert.Equal(t, first("seed", "app", "deal"), first("seed", "app", "deal"))
	seen := map[string]bool{}
	for _, parts := range [][3]string{{"seed", "app", "deal"}, {"seed2", "app", "deal"}, {"seed", "app2", "deal"}, {"seed", "app", "click"}, {"seedapp", "", "deal"}, {"seed", "appde", "al"}} {
		seen[first(parts[0], parts[1], parts[2])] = true
	}
	assert.Len(t, seen, 6, "parts do not run together")
}

func TestKindsAreDrawnIndependently(t *testing.T) {
	quiet, busy := ids.New("seed", "", nil), ids.New("seed", "", nil)
	for range 10 {
		busy.ID("request", "req_")
	}
	assert.Equal(t, quiet.ID("application", "cm"), busy.ID("application", "cm"))
	assert.Equal(t, quiet.ID("application", "cm"), busy.ID("application", "cm"))
}

func TestSourceContinuesAfterDrawn(t *testing.T) {
	source := ids.New("seed", "", nil)
	source.ID("deal", "")
	continued := ids.New("seed", "", source.Drawn())
	assert.Equal(t, source.ID("deal", ""), continued.ID("deal", ""))
}

func TestFormOfIDsAndSecrets(t *testing.T) {
	source := ids.New("seed", "", nil)
	assert.Regexp(t, regexp.MustCompile(`^cm[a-z2-7]{23}$`), source.ID("deal", "cm"))
	assert.Regexp(t, regexp.MustCompile(`^sk_test_[a-z2-7]{26}$`), source.Secret("key", "sk_test_"))
}
