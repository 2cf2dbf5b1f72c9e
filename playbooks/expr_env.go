package playbooks

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/decls"
	celenv "cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/functions"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/stdlib"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// The names of our own functions.
const (
	fnMonths      = "months"
	fnPercent     = "percent"
	fnFlatten     = "flatten"
	fnHolds       = "holds"
	fnChairs      = "chairs"
	fnDeputises   = "deputises"
	fnSits        = "sits"
	fnLeads       = "leads"
	fnWorkingDays = "working_days"
	fnRule        = "rule"
)

// Limits of one expression. The cost unit is CEL's: about one step of
// evaluation.
const (
	costLimit      = 1_000_000
	interruptEvery = 100   // comprehension steps between two looks at the deadline
	maxExprLength  = 4_000 // characters; a longer condition is a table or a step of its own
)

// without are the parts of CEL's standard library that expressions do not
// have: dyn and type would get around the check of options, bytes and uint have
// no question type, and the rest is defined here for int and number together.
var without = []string{
	operators.Add, operators.Subtract, operators.Multiply, operators.Divide,
	operators.Equals, operators.NotEquals,
	overloads.TypeConvertDyn, overloads.TypeConvertType, overloads.TypeConvertBytes, overloads.TypeConvertUint,
}

// newEnv makes the CEL environment of a playbook's expressions.
func newEnv(sc *schema) (*cel.Env, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, fmt.Errorf("expressions: %w", err)
	}
	subset := &celenv.LibrarySubset{}
	for _, name := range without {
		subset.ExcludeFunctions = append(subset.ExcludeFunctions, &celenv.Function{Name: name})
	}
	opts := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(subset)),
		cel.CustomTypeProvider(&provider{Provider: registry, schema: sc}),
		cel.CustomTypeAdapter(&adapter{Adapter: registry}),
		cel.CrossTypeNumericComparisons(true),
		cel.DefaultUTCTimeZone(true),
		cel.EnableMacroCallTracking(),
		cel.ParserExpressionSizeLimit(maxExprLength),
		cel.ParserRecursionLimit(50),
		cel.ASTValidators(cel.ValidateTimestampLiterals(), cel.ValidateDurationLiterals(), cel.ValidateRegexLiterals()),
		equality(operators.Equals, overloads.Equals),
		equality(operators.NotEquals, overloads.NotEquals),
	}
	for _, r := range sc.roots {
		opts = append(opts, cel.Variable(r.name, r.shape.celType())) // of entries, nothing is known yet
	}
	arith, err := arithmetic()
	if err != nil {
		return nil, err
	}
	opts = append(append(opts, arith...), ownFunctions()...)
	env, err := cel.NewCustomEnv(opts...)
	if err != nil {
		return nil, fmt.Errorf("expressions: %w", err)
	}
	return env, nil
}

// equality takes any two values: whether they can ever be equal is judged by
// our own check, which knows options and says it in plain words. The
// interpreter compares int and number by value.
func equality(name, overload string) cel.EnvOption {
	return cel.FunctionDecls(must(decls.NewFunction(name,
		decls.Overload(overload, []*types.Type{types.DynType, types.DynType}, types.BoolType),
		decls.SingletonBinaryBinding(func(_, _ ref.Val) ref.Val { return types.NewErr("no such overload") }))))
}

// arithmetic declares + - * / as the standard library does, and between int
// and number in both orders.
func arithmetic() ([]cel.EnvOption, error) {
	ops := map[string]struct {
		mixed string
		do    functions.BinaryOp
		trait int
	}{
		operators.Add:      {"add", func(a, b ref.Val) ref.Val { return a.(traits.Adder).Add(b) }, traits.AdderType},
		operators.Subtract: {"subtract", func(a, b ref.Val) ref.Val { return a.(traits.Subtractor).Subtract(b) }, traits.SubtractorType},
		operators.Multiply: {"multiply", func(a, b ref.Val) ref.Val { return a.(traits.Multiplier).Multiply(b) }, traits.MultiplierType},
		operators.Divide:   {"divide", divide, traits.DividerType},
	}
	var opts []cel.EnvOption
	for _, fn := range stdlib.Functions() {
		op, ok := ops[fn.Name()]
		if !ok {
			continue
		}
		var fnOpts []decls.FunctionOpt
		for _, o := range fn.OverloadDecls() {
			fnOpts = append(fnOpts, decls.Overload(o.ID(), o.ArgTypes(), o.ResultType()))
		}
		fnOpts = append(fnOpts,
			decls.Overload(op.mixed+"_int64_double", []*types.Type{types.IntType, types.DoubleType}, types.DoubleType),
			decls.Overload(op.mixed+"_double_int64", []*types.Type{types.DoubleType, types.IntType}, types.DoubleType),
			decls.SingletonBinaryBinding(widened(op.do), op.trait))
		decl, err := decls.NewFunction(fn.Name(), fnOpts...)
		if err != nil {
			return nil, fmt.Errorf("expressions: declare %s: %w", fn.Name(), err)
		}
		opts = append(opts, cel.FunctionDecls(decl))
	}
	return opts, nil
}

// widened lets an operation on two numbers take an int with a number.
func widened(do functions.BinaryOp) functions.BinaryOp {
	return func(a, b ref.Val) ref.Val {
		switch x := a.(type) {
		case types.Int:
			if _, ok := b.(types.Double); ok {
				a = types.Double(x)
			}
		case types.Double:
			if y, ok := b.(types.Int); ok {
				b = types.Double(y)
			}
		}
		return do(a, b)
	}
}

// divide refuses a division of numbers by zero: an infinite result would pass
// every later comparison silently.
func divide(a, b ref.Val) ref.Val {
	if d, ok := b.(types.Double); ok && d == 0 {
		return types.NewErr("division by zero")
	}
	return a.(traits.Divider).Divide(b)
}

// ownFunctions declares the functions CEL does not have.
func ownFunctions() []cel.EnvOption {
	str, num, whole, at := cel.StringType, cel.DoubleType, cel.IntType, cel.TimestampType
	opts := []cel.EnvOption{
		cel.Function(fnMonths, cel.Overload("months_timestamp_int", []*cel.Type{at, whole}, at, cel.BinaryBinding(months))),
		cel.Function(fnHolds, cel.Overload("holds_string_string", []*cel.Type{str, str}, cel.BoolType, cel.LateFunctionBinding())),
		cel.Function(fnChairs, cel.Overload("chairs_string_string", []*cel.Type{str, str}, cel.BoolType, cel.LateFunctionBinding())),
		cel.Function(fnDeputises, cel.Overload("deputises_string_string", []*cel.Type{str, str}, cel.BoolType, cel.LateFunctionBinding())),
		cel.Function(fnSits, cel.Overload("sits_string_string", []*cel.Type{str, str}, cel.BoolType, cel.LateFunctionBinding())),
		cel.Function(fnLeads, cel.Overload("leads_string_string", []*cel.Type{str, str}, cel.BoolType, cel.LateFunctionBinding())),
		cel.Function(fnRule,
			cel.Overload("rule_string", []*cel.Type{str}, cel.DynType, cel.LateFunctionBinding()),
			cel.Overload("rule_string_int", []*cel.Type{str, whole}, cel.DynType, cel.LateFunctionBinding())),
		cel.Function(fnWorkingDays, cel.Overload("working_days_timestamp_int", []*cel.Type{at, whole}, at, cel.LateFunctionBinding())),
	}
	entry := cel.TypeParamType("T")
	opts = append(opts, cel.Function(fnFlatten, cel.Overload("flatten_list_list", []*cel.Type{cel.ListType(cel.ListType(entry))}, cel.ListType(entry), cel.UnaryBinding(flattened))))
	for _, a := range []*cel.Type{whole, num} {
		for _, b := range []*cel.Type{whole, num} {
			id := "percent_" + a.TypeName() + "_" + b.TypeName()
			opts = append(opts, cel.Function(fnPercent, cel.Overload(id, []*cel.Type{a, b}, num, cel.BinaryBinding(percent))))
		}
	}
	return opts
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // a declaration of this file is wrong; every test fails on it
	}
	return v
}
