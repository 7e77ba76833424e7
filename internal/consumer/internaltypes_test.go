package consumer

import (
	"fmt"
	"go/types"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestExportedDeclarationsNameNoInternalType(t *testing.T) {
	eachPublicPackage(t, func(t *testing.T, public *types.Package) {
		s := surface{of: public, seen: map[types.Type]bool{}}
		for _, object := range exported(public) {
			s.walk(object.Name(), object.Type())
			if name, ok := object.(*types.TypeName); ok {
				s.declaration(name.Name(), name.Type())
			}
		}
		assert.Empty(t, s.internal)
	})
}

// surface collects the internal types that a package's exported declarations name.
type surface struct {
	of       *types.Package
	seen     map[types.Type]bool
	internal []string
}

// walk notes the types that the type at place names.
func (s *surface) walk(place string, t types.Type) {
	switch t := t.(type) {
	case *types.Alias:
		s.named(place, t.Obj(), t.TypeArgs())
		if s.declaredHere(t.Obj()) {
			s.walk(place, t.Rhs())
		}
	case *types.Named:
		s.named(place, t.Obj(), t.TypeArgs())
		if s.declaredHere(t.Obj()) && !t.Obj().Exported() { // an exported one is walked as a declaration
			s.declaration(place, t)
		}
	case *types.Pointer:
		s.walk(place, t.Elem())
	case *types.Slice:
		s.walk(place, t.Elem())
	case *types.Array:
		s.walk(place, t.Elem())
	case *types.Chan:
		s.walk(place, t.Elem())
	case *types.Map:
		s.walk(place, t.Key())
		s.walk(place, t.Elem())
	case *types.Tuple:
		for variable := range t.Variables() {
			s.walk(place, variable.Type())
		}
	case *types.Signature:
		s.typeParameters(place, t.TypeParams())
		s.walk(place, t.Params())
		s.walk(place, t.Results())
	case *types.Struct:
		for field := range t.Fields() {
			if field.Exported() || field.Embedded() {
				s.walk(place+"."+field.Name(), field.Type())
			}
		}
	case *types.Interface:
		for method := range t.ExplicitMethods() {
			if method.Exported() {
				s.walk(place+"."+method.Name(), method.Type())
			}
		}
		for embedded := range t.EmbeddedTypes() {
			s.walk(place, embedded)
		}
	case *types.Union:
		for term := range t.Terms() {
			s.walk(place, term.Type())
		}
	}
}

// declaration walks the underlying type of a named type of the package, and its
// exported methods.
func (s *surface) declaration(place string, t types.Type) {
	named, ok := t.(*types.Named)
	if !ok || s.seen[named] {
		return
	}
	s.seen[named] = true
	s.typeParameters(place, named.TypeParams())
	s.walk(place, named.Underlying())
	for method := range named.Methods() {
		if method.Exported() {
			s.walk(place+"."+method.Name(), method.Type())
		}
	}
}

func (s *surface) named(place string, name *types.TypeName, arguments *types.TypeList) {
	if name.Pkg() != nil && inside(name.Pkg().Path(), "internal") {
		s.internal = append(s.internal, fmt.Sprintf("%s names %s.%s", place, name.Pkg().Path(), name.Name()))
	}
	for argument := range arguments.Types() {
		s.walk(place, argument)
	}
}

func (s *surface) typeParameters(place string, parameters *types.TypeParamList) {
	for parameter := range parameters.TypeParams() {
		s.walk(place, parameter.Constraint())
	}
}

func (s *surface) declaredHere(name *types.TypeName) bool { return name.Pkg() == s.of }
