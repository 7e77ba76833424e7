package contractfile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/stackbe/stackbe-go/internal/contract"
	"github.com/stackbe/stackbe-go/internal/contractfile"
)

func read(t *testing.T, content string) (contract.Contract, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "contract.json")
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	return contractfile.Read(name)
}

func TestReadReturnsTheFieldsOfTheFile(t *testing.T) {
	for content, want := range map[string]contract.Contract{
		`{}`: {},
		` {"ListField": "items", "FractionalRates": true} `: {ListField: "items", FractionalRates: true},
		`{"listfield": "items"}`:                            {ListField: "items"},
		"{\"PaginationField\": \"-\"}\n":                    {PaginationField: contract.FlatPagination},
	} {
		got, err := read(t, content)
		require.NoError(t, err, content)
		assert.Equal(t, want, got, content)
	}
}

func TestReadReturnsEveryField(t *testing.T) {
	want := contract.Default()
	want.FractionalRates = true
	content, err := json.Marshal(want)
	require.NoError(t, err)
	got, err := read(t, string(content))
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestReadRefusesFileAndSaysWhy(t *testing.T) {
	for content, why := range map[string]string{
		``:                                     "not a JSON object",
		`[]`:                                   "not a JSON object",
		`{"ListField"`:                         "incomplete",
		`{"ListField": "items"`:                "incomplete",
		`{"ListField": items}`:                 "at byte",
		`{"ListField": "items"} {}`:            "more text after",
		`{"ListField": "a", "listField": "b"}`: "occurs twice",
		`{"ListField": 1}`:                     "ListField takes a text in quotes, not 1",
		`{"FractionalRates": "yes"}`:           `FractionalRates takes true or false, not "yes"`,
		`{"list_feild": "items"}`:              "is it ListField?",
		`{"deals": "/v1/affiliate/leads"}`:     "is it DealsPath?",
		`{"somethingElseAltogether": "/v1/leads"}`: "lists the fields",
	} {
		_, err := read(t, content)
		require.ErrorContains(t, err, why, content)
		assert.ErrorContains(t, err, "contract.json", content)
	}
}

func TestReadOfMissingFileReturnsErrorMatchingErrNotExist(t *testing.T) {
	_, err := contractfile.Read(filepath.Join(t.TempDir(), "contract.json"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}
