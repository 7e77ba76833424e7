package conformance

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// RunShuffled is Run with all cases of all subjects in one, in the order of seed.
func RunShuffled(t *testing.T, target Target, seed uint64) {
	all := allCases()
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	runGroups(t, newSuite(t, target), []group{{"shuffled", all}})
}

// RunEachAlone runs each case against a new target.
func RunEachAlone(t *testing.T, target func(t *testing.T) Target) {
	for _, c := range allCases() {
		t.Run(c.name, func(t *testing.T) { newSuite(t, target(t)).run(t, c) })
	}
}

func allCases() []testCase {
	var all []testCase
	for _, group := range groups() {
		for _, c := range group.cases {
			c.name = group.name + ": " + c.name
			all = append(all, c)
		}
	}
	return all
}

// RunCase runs one case.
func RunCase(t *testing.T, target Target, name string) {
	t.Helper()
	i := slices.IndexFunc(allCases(), func(c testCase) bool { return c.name == name })
	require.GreaterOrEqual(t, i, 0, "there is no case %q", name)
	runGroups(t, newSuite(t, target), []group{{"one", allCases()[i : i+1]}})
}
