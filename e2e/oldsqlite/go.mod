module github.com/stackbe/stackbe-go/e2e/oldsqlite

go 1.25.0

replace github.com/stackbe/stackbe-go => ../..

require (
	github.com/mattn/go-sqlite3 v1.10.0
	github.com/stackbe/stackbe-go v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
