"""sympy's expressions, as trees of classes from a list.

Never from a text: `sympify` and `srepr` run code, and `x` and `Symbol("x", positive=True)` print alike.
Nothing is evaluated when a tree is made again, and powers that would be large are refused: a later step of a
test might evaluate them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from autograder.grading.values.budget import COSTS, MOST_BITS, CannotCross
from autograder.grading.values.coding import (
    Decodes,
    Encode,
    Encodes,
    Json,
    Make,
    NotByValue,
    chosen,
    only,
    parts,
    text,
    whole,
)
from autograder.grading.values.scalars import integer, integer_data

Formula = Any
"""An object of sympy, which has no types; it is imported only where a student's cells did."""

_OF_EXPRESSIONS = (
    "Add Mul Pow Lt Le Gt Ge Max Min Abs sign floor ceiling re im conjugate arg exp log sin cos tan cot sec"
    " csc asin acos atan acot atan2 sinh cosh tanh coth asinh acosh atanh erf erfc gamma factorial binomial"
    " Heaviside DiracDelta Mod"
).split()
_BEGIN_WITH_ONE = "Derivative Integral Sum Product ExprCondPair".split()
_UNEVALUATED = frozenset((*_OF_EXPRESSIONS, *"Eq Ne And Or Not Piecewise Union FiniteSet Derivative".split()))
_AS_IT_IS = "Tuple Integral Sum Product Lambda Interval".split()
_CONSTANTS = (
    "Pi Exp1 ImaginaryUnit Infinity NegativeInfinity ComplexInfinity NaN true false EmptySet Reals Integers"
    " Naturals Naturals0 Rationals Complexes UniversalSet GoldenRatio EulerGamma Catalan"
).split()
_FACTS = frozenset(
    (
        "algebraic antihermitian commutative complex composite even extended_negative extended_nonnegative"
        " extended_nonpositive extended_nonzero extended_positive extended_real finite hermitian imaginary"
        " infinite integer irrational negative noninteger nonnegative nonpositive nonzero odd polar positive"
        " prime rational real transcendental zero"
    ).split()
)
_GROWING = ("factorial", "gamma", "binomial")
_LARGEST_ARGUMENT = 2_000
_LARGEST_POWER = 10_000
_MOST_PRECISION = 10_000  # bits
_MOST_CELLS = 100_000


@cache
def _classes() -> dict[str, Any]:
    import sympy

    found = {name: getattr(sympy, name) for name in (*_UNEVALUATED, *_AS_IT_IS)}
    return {**found, "ExprCondPair": sympy.functions.elementary.piecewise.ExprCondPair}


@cache
def _constants() -> dict[str, Any]:
    import sympy

    return {name: getattr(sympy.S, name) for name in _CONSTANTS}


@cache
def _names() -> dict[type, str]:
    return {kind: name for name, kind in _classes().items()}


def _tree(coder: Encodes, value: Any) -> Json:
    names = _names()
    coder.budget.spend(COSTS.get(names[type(value)], 0))
    return {"formula": [names[type(value)], coder.plain(value.args)]}


def _make_tree(decoder: Decodes, data: object) -> object:
    name, given = parts(data, 2)
    kind = chosen(name, _classes())
    args = _basics(decoder.plain(given))
    if name in _OF_EXPRESSIONS or name in _BEGIN_WITH_ONE:
        _expressions(args if name in _OF_EXPRESSIONS else args[:1])
    _stay_small(str(name), args)
    decoder.budget.spend(COSTS.get(str(name), 0))
    made = kind(*args, evaluate=False) if name in _UNEVALUATED else kind(*args)
    if type(made) is not kind or made.args != args:
        decoder.exact = False
    return made


def _basics(values: list[object]) -> tuple[Any, ...]:
    """Only sympy's own: it would parse a text."""
    import sympy

    if not all(isinstance(value, sympy.Basic) for value in values):
        raise CannotCross("not a formula")
    return tuple(values)


def _expressions(values: tuple[Any, ...]) -> None:
    """Refuse conditions and sets, of which sympy makes nothing but a warning. Raises CannotCross."""
    import sympy

    if not all(isinstance(value, sympy.Expr) for value in values):
        raise CannotCross("not an expression")


def _stay_small(name: str, args: tuple[Any, ...]) -> None:
    """Refuse what takes long as soon as somebody evaluates it. Raises CannotCross."""
    if name in _GROWING and any(arg.is_Number and abs(arg) > _LARGEST_ARGUMENT for arg in args):
        raise CannotCross("a number too large to be graded")
    if name != "Pow" or len(args) != 2 or not args[1].is_Number:
        return
    base, exponent = args
    if not exponent.is_Rational or exponent == -1:
        return
    power = abs(exponent.p) // exponent.q + 1
    bits = max(base.p.bit_length(), base.q.bit_length()) if base.is_Rational else 0
    if power > _LARGEST_POWER or power * bits > 2 * MOST_BITS:
        raise CannotCross("a power too large to be graded")


def _constant(coder: Encodes, value: object) -> Json:
    return {"formula-constant": next(name for name, one in _constants().items() if one is value)}


def _number(coder: Encodes, value: Any) -> Json:
    return {"formula-number": [integer_data(int(value.p)), integer_data(int(value.q))]}


def _make_number(decoder: Decodes, data: object) -> object:
    import sympy

    above, below = (integer(number) for number in parts(data, 2))
    if below < 1:
        raise CannotCross("not a fraction")
    decoder.budget.spend((above.bit_length() + below.bit_length()) // 4)
    return sympy.Rational(above, below)


def _float(coder: Encodes, value: Any) -> Json:
    sign, digits, exponent, _ = value._mpf_
    if value._prec > _MOST_PRECISION or abs(exponent) > 2 * MOST_BITS:
        raise NotByValue
    return {"formula-float": [int(sign), integer_data(int(digits)), int(exponent), int(value._prec)]}


def _make_float(decoder: Decodes, data: object) -> object:
    import sympy

    sign, digits, exponent, precision = parts(data, 4)
    mantissa = whole(integer(digits), 0, 2**MOST_BITS)
    decoder.budget.spend(mantissa.bit_length() // 4)
    mpf = (whole(sign, 0, 1), mantissa, whole(exponent, -2 * MOST_BITS, 2 * MOST_BITS), mantissa.bit_length())
    if not mantissa:  # else it would become an integer
        return sympy.Float(0.0, precision=whole(precision, 1, _MOST_PRECISION))
    return sympy.Float(mpf, precision=whole(precision, 1, _MOST_PRECISION))


def _symbol(coder: Encodes, value: Any) -> Json:
    given = getattr(
        value, "_assumptions_orig", value.assumptions0
    )  # before sympy 1.13, with all that follows
    facts: list[Json] = [[name, fact] for name, fact in given.items() if fact is not None]
    return {"formula-symbol": [value.name, facts]}


def _make_symbol(decoder: Decodes, data: object) -> object:
    import sympy

    name, facts = parts(data, 2)
    given = {}
    for fact in only(facts, list):
        word, holds = parts(fact, 2)
        if word not in _FACTS:
            raise CannotCross("not a fact about a symbol")
        given[only(word, str)] = only(holds, bool)
    return sympy.Symbol(text(name), **given)


def applied(coder: Encodes, value: Formula) -> Json:
    """A function that somebody made by its name, applied to arguments: its class is its own."""
    name = value.func.__name__
    if value.func._kwargs:  # assumptions about the function
        raise NotByValue
    return {"formula-function": [name, coder.plain(value.args)]}


def _make_applied(decoder: Decodes, data: object) -> object:
    import sympy

    name, given = parts(data, 2)
    return sympy.Function(text(name))(*_basics(decoder.plain(given)))


def _matrix(coder: Encodes, value: Any) -> Json:
    import sympy

    mutable = type(value) is sympy.MutableDenseMatrix
    return {"formula-matrix": [mutable, value.rows, value.cols, coder.plain(value.flat())]}


def _make_matrix(decoder: Decodes, data: object) -> object:
    import sympy

    mutable, rows, columns, cells = parts(data, 4)
    items = _basics(decoder.plain(cells))
    _expressions(items)
    size = whole(rows, 0, _MOST_CELLS), whole(columns, 0, _MOST_CELLS)
    if len(items) != size[0] * size[1] or len(items) > _MOST_CELLS:
        raise CannotCross("not a matrix")
    kind = sympy.MutableDenseMatrix if only(mutable, bool) else sympy.ImmutableDenseMatrix
    return kind(*size, list(items))


def encoders() -> dict[type, Encode]:
    """What of sympy crosses."""
    import sympy

    small = (sympy.S.Half, sympy.S.One, sympy.S.Zero, sympy.S.NegativeOne)
    numbers = (sympy.Integer, sympy.Rational, *map(type, small))
    return {
        **dict.fromkeys(_classes().values(), _tree),
        **dict.fromkeys(map(type, _constants().values()), _constant),
        **dict.fromkeys(numbers, _number),
        sympy.Float: _float,
        sympy.Symbol: _symbol,
        sympy.MutableDenseMatrix: _matrix,
        sympy.ImmutableDenseMatrix: _matrix,
    }


MAKERS: dict[str, Make] = {
    "formula": _make_tree,
    "formula-constant": lambda decoder, data: chosen(data, _constants()),
    "formula-number": _make_number,
    "formula-float": _make_float,
    "formula-symbol": _make_symbol,
    "formula-function": _make_applied,
    "formula-matrix": _make_matrix,
}
MUTABLE = frozenset({"formula-matrix"})
