package api_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/stackbe/stackbe-go/api"
)

func TestOpenAPIReturnsACopy(t *testing.T) {
	document := api.OpenAPI()
	want := string(document)
	clear(document)
	assert.Equal(t, want, string(api.OpenAPI()))
	assert.NotEmpty(t, want)
}
