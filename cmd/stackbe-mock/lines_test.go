package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stackbe/stackbe-go/internal/refserver"
	"github.com/stackbe/stackbe-go/internal/refserver/demo"
)

func TestLinesHaveARecordEach(t *testing.T) {
	assert.Equal(t, `{
  "version": 1,
  "ids": {},
  "apps": [
    {
      "id": "a",
      "settings": {
        "levels": [{"name": "x"}, []]
      },
      "customers": [
        {"id": "c", "name": "{\"[,:\\"},
        {"id": "d", "tags": ["e", {}]}
      ],
      "deals": []
    }
  ]
}`, string(lines([]byte(`{"version":1,"ids":{},"apps":[{"id":"a","settings":{"levels":[{"name":"x"},[]]},"customers":[{"id":"c","name":"{\"[,:\\"},{"id":"d","tags":["e",{}]}],"deals":[]}]}`))))
}

func TestLinesAreTheSameJSON(t *testing.T) {
	server := refserver.New(refserver.Config{})
	defer server.Close()
	app, err := server.AddApp(refserver.AppParams{})
	require.NoError(t, err)
	_, err = demo.Play(server, app.ID)
	require.NoError(t, err)
	document, err := json.Marshal(server.Snapshot())
	require.NoError(t, err)
	assertSame(t, document)

	value := rapid.Deferred(anyJSON)
	rapid.Check(t, func(t *rapid.T) {
		compact, err := json.Marshal(value.Draw(t, "value"))
		require.NoError(t, err)
		assertSame(t, compact)
	})
}

func assertSame(t require.TestingT, compact []byte) {
	var again bytes.Buffer
	require.NoError(t, json.Compact(&again, lines(compact)))
	require.Equal(t, string(compact), again.String())
}

func anyJSON() *rapid.Generator[any] {
	return rapid.OneOf(
		rapid.String().AsAny(),
		rapid.Int().AsAny(),
		rapid.Bool().AsAny(),
		rapid.SliceOfN(rapid.Deferred(anyJSON), 0, 3).AsAny(),
		rapid.MapOfN(rapid.String(), rapid.Deferred(anyJSON), 0, 3).AsAny(),
	)
}

func BenchmarkLines(b *testing.B) {
	compact := bytes.Repeat([]byte(`{"id":"cm0123456789","email":"a@b.co"},`), 10_000)
	compact = append(append([]byte("["), compact...), "{}]"...)
	b.SetBytes(int64(len(compact)))
	for b.Loop() {
		lines(compact)
	}
}
