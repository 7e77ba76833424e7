package program

import "github.com/stackbe/stackbe-go/internal/address"

// emailKey returns an email in the form in which emails are compared.
type emailKey string

func keyOf(email string) emailKey { return emailKey(address.FoldEmail(email)) }
