package contract_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/internal/contract"
)

// renamed is a contract whose names, but for those of lists, are others.
func renamed(pagination string) contract.Contract {
	var c contract.Contract
	fields := reflect.ValueOf(&c).Elem()
	for i := range fields.NumField() {
		if name := fields.Type().Field(i).Name; strings.HasSuffix(name, "Field") || strings.HasSuffix(name, "Parameter") {
			fields.Field(i).SetString("wire" + name)
		}
	}
	c.PaginationField = pagination
	c.FractionalRates = true
	return c
}

func listOf(t require.TestingT, c contract.Contract) *contract.Endpoint {
	e := contract.NewDialect(c).Endpoint("GET", contract.Default().ApplicationsPath)
	require.NotNil(t, e)
	return e
}

// anyJSON draws a value from names and texts that are those of the contract, or are not.
func anyJSON(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		most := 5
		if depth == 0 {
			most = 3
		}
		switch rapid.IntRange(0, most).Draw(t, "kind") {
		case 0:
			return nil
		case 1:
			return rapid.SampledFrom([]any{0.0, 20.0, 12.5, 1e30, true, "", "20", "x"}).Draw(t, "scalar")
		case 2, 3:
			return rapid.String().Draw(t, "text")
		case 4:
			return rapid.SliceOfN(anyJSON(depth-1), 0, 3).Draw(t, "array")
		default:
			names := rapid.SampledFrom([]string{"data", "pagination", "cursor", "hasMore", "id", "createdAt", "reviewedAt", "affiliateId", "other", ""})
			return rapid.MapOfN(names, anyJSON(depth-1), 0, 5).Draw(t, "object")
		}
	})
}

// withoutOriginals takes out what Original finds.
func withoutOriginals(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			if strings.HasPrefix(name, "original ") {
				delete(value, name)
				continue
			}
			value[name] = withoutOriginals(inner)
		}
	case []any:
		for i := range value {
			value[i] = withoutOriginals(value[i])
		}
	}
	return value
}

func TestResponseSurvivesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := listOf(t, renamed(rapid.SampledFrom([]string{"page", "-"}).Draw(t, "pagination")))
		page := map[string]any{
			"data":       rapid.SliceOfN(anyJSON(3), 0, 3).Draw(t, "data"),
			"pagination": map[string]any{"hasMore": rapid.Bool().Draw(t, "more"), "cursor": rapid.String().Draw(t, "cursor")},
		}
		body, err := json.Marshal(page)
		require.NoError(t, err)
		wire := list.WireResponse(body)
		require.True(t, json.Valid(wire), "%s", wire)
		back := list.StandardResponse(wire)
		assert.Equal(t, string(wire), string(contract.Original(back)))
		var got any
		require.NoError(t, json.Unmarshal(back, &got), "%s", back)
		want, err := json.Marshal(page)
		require.NoError(t, err)
		again, err := json.Marshal(withoutOriginals(got))
		require.NoError(t, err)
		assert.JSONEq(t, string(want), string(again))
	})
}

func FuzzStandardResponse(f *testing.F) {
	for _, seed := range []string{``, `{}`, `[]`, `null`, `[[[]]]`, `{"data":[{"id":1}]}`, `{"wireListField":[{"wireApplicationCreatedAtField":"x"}],"wireCursorField":""}`, "{\"\xff\":1}", `{"a":1}{`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, pagination := range []string{"page", contract.FlatPagination} {
			got := listOf(t, renamed(pagination)).StandardResponse(body)
			assert.Equal(t, json.Valid(body), json.Valid(got), "%s", got)
			if json.Valid(body) {
				assert.Equal(t, strings.TrimSpace(string(body)), strings.TrimSpace(string(contract.Original(got))))
			}
		}
	})
}

func TestDeepResponseIsTranslatedOnce(t *testing.T) {
	list := listOf(t, renamed("page"))
	deep := strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000)
	got := list.StandardResponse([]byte(`{"wireListField":` + deep + `}`))
	assert.Less(t, len(got), 3*len(deep), "nested arrays hold no objects of the contract")
}

func TestOriginalReturnsUntranslatedJSONUnchanged(t *testing.T) {
	for _, text := range []string{`{}`, `{"original ":1}`, `{"original XYZ":{"a":1},"b":2}`, `[1]`, `null`} {
		assert.Equal(t, text, string(contract.Original([]byte(text))))
	}
}

func TestFractionalRatesAreExact(t *testing.T) {
	settings := contract.NewDialect(contract.Contract{FractionalRates: true}).Endpoint("PATCH", contract.Default().SettingsPath)
	for percent, fraction := range map[string]string{
		`20`: `0.2`, `12.34`: `0.1234`, `0`: `0`, `-1`: `-0.01`, `100`: `1`, `"12.5"`: `"0.125"`,
		`1e300`: `1e300`, `null`: `null`, `""`: `""`, `"a"`: `"a"`, `{}`: `{}`, `true`: `true`,
	} {
		assert.Equal(t, `{"defaultCommissionRate":`+fraction+`}`, string(settings.WireRequest([]byte(`{"defaultCommissionRate": `+percent+`}`))))
		assert.Equal(t, `{"defaultCommissionRate":`+percent+`}`, string(settings.StandardRequest([]byte(`{"defaultCommissionRate":`+fraction+`}`))))
	}
}

func TestDefaultContractHasNoDialect(t *testing.T) {
	assert.Nil(t, contract.NewDialect(contract.Contract{}))
	assert.Nil(t, contract.NewDialect(contract.Default()))
	assert.NotNil(t, contract.NewDialect(contract.Contract{ListField: "items"}))
}

func TestFieldNamesOccurInShapes(t *testing.T) {
	fields := reflect.TypeFor[contract.Contract]()
	for i := range fields.NumField() {
		name := fields.Field(i).Name
		if !strings.HasSuffix(name, "Field") && !strings.HasSuffix(name, "Parameter") {
			continue
		}
		// A name that two share is refused only where a shape has it.
		var collided bool
		for j := range fields.NumField() {
			var c contract.Contract
			other := reflect.ValueOf(contract.Default()).Field(j)
			if i == j || other.Kind() != reflect.String {
				continue
			}
			reflect.ValueOf(&c).Elem().Field(i).SetString(other.String())
			collided = collided || c.Collision() == name
		}
		for _, documented := range []string{"url", "id", "email", "enrolled", "affiliate", "minPayoutAmount"} {
			var c contract.Contract
			reflect.ValueOf(&c).Elem().Field(i).SetString(documented)
			collided = collided || c.Collision() == name
		}
		assert.True(t, collided, "no object or query has %s", name)
	}
}

func TestUnchangedEndpointIsNotTranslated(t *testing.T) {
	const click, settings = `{ "clickId": "c1" }`, `{ "defaultCommissionRate": 20 }`
	standard := contract.Default()
	for name, c := range map[string]struct {
		contract        contract.Contract
		click, settings bool
	}{
		"a header":                  {contract.Contract{APIKeyHeader: "Authorization"}, false, false},
		"a field of the click":      {contract.Contract{ClickIDField: "id"}, true, false},
		"rates":                     {contract.Contract{FractionalRates: true}, false, true},
		"a field of an inner array": {contract.Contract{LevelNameField: "title"}, false, true},
	} {
		d := contract.NewDialect(c.contract)
		got := d.Endpoint("POST", standard.TrackPath).StandardResponse([]byte(click))
		assert.Equal(t, c.click, string(got) != click, name)
		got = d.Endpoint("GET", standard.SettingsPath).StandardResponse([]byte(settings))
		assert.Equal(t, c.settings, string(got) != settings, name)
	}
}
