package api

import (
	"encoding/base64"
	"encoding/binary"
)

// A cursor says where the next page starts. It is opaque: an encoded version and position.
const (
	cursorVersion = 1
	cursorSize    = 1 + 4
)

var cursorEncoding = base64.RawURLEncoding.Strict()

func encodeCursor(position int) string {
	return cursorEncoding.EncodeToString(binary.BigEndian.AppendUint32([]byte{cursorVersion}, uint32(position)))
}

func decodeCursor(cursor string) (position int, ok bool) {
	decoded, err := cursorEncoding.DecodeString(cursor)
	if err != nil || len(decoded) != cursorSize || decoded[0] != cursorVersion {
		return 0, false
	}
	position = int(binary.BigEndian.Uint32(decoded[1:]))
	return position, position > 0 && encodeCursor(position) == cursor // base64 ignores line breaks
}
