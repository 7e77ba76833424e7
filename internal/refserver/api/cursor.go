package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

// A cursor says where the next page of a list starts. It is opaque: an encoded version, a position,
// and a checksum of both and the list. The checksum has no key: it finds mistakes, not forgeries.
const (
	cursorVersion = 2
	cursorCheck   = 8
	cursorSize    = 1 + 4 + cursorCheck
)

var cursorEncoding = base64.RawURLEncoding.Strict()

// A list is what a cursor belongs to: the path of a list as its caller sees it, whatever the filter.
type list struct{ path, appID, customerID string }

// list returns the list that a call asks for.
func (c *call) list() list {
	return list{path: c.request.URL.Path, appID: c.credential.AppID, customerID: c.credential.CustomerID}
}

func (l list) encodeCursor(position int) string {
	encoded := binary.BigEndian.AppendUint32([]byte{cursorVersion}, uint32(position))
	hash := sha256.New()
	for _, part := range []string{string(encoded), l.path, l.appID, l.customerID} {
		hash.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		hash.Write([]byte(part))
	}
	return cursorEncoding.EncodeToString(append(encoded, hash.Sum(nil)[:cursorCheck]...))
}

func (l list) decodeCursor(cursor string) (position int, ok bool) {
	decoded, err := cursorEncoding.DecodeString(cursor)
	if err != nil || len(decoded) != cursorSize {
		return 0, false
	}
	position = int(binary.BigEndian.Uint32(decoded[1:]))
	return position, position > 0 && l.encodeCursor(position) == cursor // base64 ignores line breaks
}
