package playbooks

import (
	"math"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// maxMonths bounds months() to 200 years either way.
const maxMonths = 2400

// months adds calendar months. The last day of a shorter month stands in for a
// day it does not have: one month after 31 January is 28 or 29 February.
func months(t, n ref.Val) ref.Val {
	at, ok := t.(types.Timestamp)
	count, isInt := n.(types.Int)
	if !ok || !isInt {
		return types.MaybeNoSuchOverloadErr(n)
	}
	if count > maxMonths || count < -maxMonths {
		return types.NewErr("months() takes at most %d months", maxMonths)
	}
	start := at.UTC()
	moved := start.AddDate(0, int(count), 0)
	if moved.Day() != start.Day() {
		moved = moved.AddDate(0, 0, -moved.Day())
	}
	return types.Timestamp{Time: moved}
}

// percent is how much a is of b, in percent.
func percent(a, b ref.Val) ref.Val {
	x, okX := toFloat(a)
	y, okY := toFloat(b)
	switch {
	case !okX || !okY:
		return types.MaybeNoSuchOverloadErr(b)
	case y == 0:
		return types.NewErr("division by zero")
	}
	return types.Double(x * 100 / y)
}

// flattened makes one list of the entries of the lists in a list.
func flattened(lists ref.Val) ref.Val {
	all, ok := lists.(traits.Lister)
	if !ok {
		return types.MaybeNoSuchOverloadErr(lists)
	}
	out := []ref.Val{}
	for it := all.Iterator(); it.HasNext() == types.True; {
		list, ok := it.Next().(traits.Lister)
		if !ok {
			return types.MaybeNoSuchOverloadErr(lists)
		}
		for in := list.Iterator(); in.HasNext() == types.True; {
			out = append(out, in.Next())
		}
	}
	return types.DefaultTypeAdapter.NativeToValue(out)
}

func toFloat(v ref.Val) (float64, bool) {
	switch n := v.(type) {
	case types.Int:
		return float64(n), true
	case types.Double:
		return float64(n), !math.IsNaN(float64(n))
	}
	return 0, false
}

// hooks binds the functions that ask the organisation or the rules to one Scope.
func (e *Evaluator) hooks(s Scope) map[string]cel.LateBoundFunction {
	return map[string]cel.LateBoundFunction{
		fnHolds:       asks(fnHolds, s.Holds),
		fnChairs:      asks(fnChairs, s.Chairs),
		fnDeputises:   asks(fnDeputises, s.Deputises),
		fnSits:        asks(fnSits, s.Sits),
		fnLeads:       asks(fnLeads, s.Leads),
		fnWorkingDays: workingDays(s.WorkingDays),
		fnRule:        e.ruleFunc(s),
	}
}

func (e *Evaluator) ruleFunc(s Scope) cel.LateBoundFunction {
	return func(_ string, args ...ref.Val) ref.Val {
		id, ok := args[0].(types.String)
		tier := types.Int(0)
		if len(args) > 1 {
			var isInt bool
			tier, isInt = args[1].(types.Int)
			ok = ok && isInt
		}
		if !ok {
			return types.MaybeNoSuchOverloadErr(args[len(args)-1])
		}
		v, err := e.rule(string(id), int(tier), s)
		if err != nil {
			return types.WrapErr(&plainError{msg: err.Error(), cause: err})
		}
		return types.DefaultTypeAdapter.NativeToValue(v)
	}
}

func asks(name string, ask func(person, id string) bool) cel.LateBoundFunction {
	return func(_ string, args ...ref.Val) ref.Val {
		person, ok1 := args[0].(types.String)
		id, ok2 := args[1].(types.String)
		switch {
		case ask == nil:
			return types.NewErr("%s() cannot be used here", name)
		case !ok1 || !ok2:
			return types.MaybeNoSuchOverloadErr(args[1])
		}
		return types.Bool(ask(string(person), string(id)))
	}
}

func workingDays(count func(t time.Time, n int) (time.Time, error)) cel.LateBoundFunction {
	return func(_ string, args ...ref.Val) ref.Val {
		at, ok1 := args[0].(types.Timestamp)
		n, ok2 := args[1].(types.Int)
		switch {
		case count == nil:
			return types.NewErr("%s() cannot be used here", fnWorkingDays)
		case !ok1 || !ok2 || n > math.MaxInt32 || n < math.MinInt32:
			return types.MaybeNoSuchOverloadErr(args[1])
		}
		end, err := count(at.Time, int(n))
		if err != nil {
			return types.WrapErr(&plainError{msg: fnWorkingDays + "() failed: " + err.Error(), cause: err})
		}
		return types.Timestamp{Time: end.UTC()}
	}
}
