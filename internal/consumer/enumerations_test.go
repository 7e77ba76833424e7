package consumer

import (
	"go/types"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Several enumerations of this module have a "pending", so that a constant says whose it is.
func TestEnumerationConstantsBeginWithTypeName(t *testing.T) {
	eachPublicPackage(t, func(t *testing.T, public *types.Package) {
		for _, object := range exported(public) {
			constant, ok := object.(*types.Const)
			if !ok {
				continue
			}
			enumeration, ok := constant.Type().(*types.Named)
			if !ok || enumeration.Obj().Pkg() != public {
				continue
			}
			prefix := enumeration.Obj().Name()
			for _, suffix := range []string{"Status", "State", "Type", "Kind"} {
				prefix = strings.TrimSuffix(prefix, suffix)
			}
			assert.True(t, strings.HasPrefix(constant.Name(), prefix), "%s of type %s", constant.Name(), enumeration)
		}
	})
}
