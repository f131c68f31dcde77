"""What pandas, scipy, sympy and Pillow make comes over as what it is, where they are installed."""

import datetime as dt

import numpy as np
import pytest

from autograder.grading.values.encoder import Encoder
from tests.support.crossing import crossed


def columns(pd):
    days = pd.date_range("2020-01-01", periods=2)
    return [
        [1, 2],
        pd.Series([1.5, None], name="x"),
        pd.Series(["a", None]),
        pd.Series(["a", 1, None], dtype=object),
        pd.Series([[1], {2: 3}]),
        pd.Series([dt.date(2020, 1, 1)]),
        pd.Series([True, False]),
        pd.Series(np.array([1, 2], "i1")),
        pd.Series([1 + 2j]),
        pd.Series([], dtype=float),
        pd.Series(days),
        pd.Series(days.tz_localize("Europe/Berlin")),
        pd.Series(days.tz_localize("UTC")),
        pd.Series(pd.to_timedelta([1, 2], "D")),
        pd.Series([1, None], dtype="Int64"),
        pd.Series([1.5, None], dtype="Float32"),
        pd.Series([True, None], dtype="boolean"),
        pd.Series(["a", None], dtype=pd.StringDtype("python")),
        pd.Series(["a", "b", "a"], dtype="category"),
        pd.Series(pd.Categorical([1, 2], ordered=True, categories=[2, 1])),
        pd.Series([1, 2], index=days),
        pd.Series([1, 2], index=["a", "a"]),
        pd.Series([1, 2], index=pd.MultiIndex.from_tuples([(1, "a"), (2, "b")], names=["n", "m"])),
        pd.Series([1, 1, 2]).value_counts(),
    ]


def frames(pd):
    table = pd.DataFrame({"g": ["a", "b", "a"], "v": [1, 2, 3]})
    return [
        table,
        table.groupby("g").sum(),
        table.describe(),
        table.set_index("g"),
        pd.DataFrame(np.arange(6).reshape(2, 3)),
        pd.DataFrame(index=[1, 2]),
        pd.DataFrame(),
        pd.DataFrame([[1, 2.5]], columns=["a", "a"]),
        pd.DataFrame({("a", 1): [1], ("a", 2): [2]}),
        pd.DataFrame({"c": pd.Categorical(["u"]), "t": pd.date_range("2020", periods=1, tz="UTC")}),
    ]


def indexes(pd):
    return [
        pd.date_range("2020", periods=4, freq="MS"),
        pd.date_range("2020", periods=4, freq="h", tz="UTC"),
        pd.timedelta_range("1D", periods=3),
        pd.Index([3, 1]),
        pd.Index(["x", "y"], name="k"),
        pd.Index([1, "a"], dtype=object),
        pd.Index([True, False]),
        pd.RangeIndex(2, 9, 3, name="r"),
        pd.CategoricalIndex(["a", "b"]),
        pd.MultiIndex.from_product([[1, 2], ["a", "b"]]),
    ]


def test_series_frames_and_indexes_come_over_as_they_are():
    pd = pytest.importorskip("pandas")
    for value in map(pd.Series, columns(pd)):
        found, exact = crossed(value)
        pd.testing.assert_series_equal(found, value)
        assert exact and type(found.index) is type(value.index) and found.index.dtype == value.index.dtype
    for value in frames(pd):
        found, exact = crossed(value)
        pd.testing.assert_frame_equal(found, value)
        assert exact and type(found.index) is type(value.index) and type(found.columns) is type(value.columns)
    for value in indexes(pd):
        found, exact = crossed(value)
        pd.testing.assert_index_equal(found, value, exact=True)
        assert exact and getattr(found, "freq", None) == getattr(value, "freq", None)


def test_scalars_of_pandas_come_over_as_they_are():
    pd = pytest.importorskip("pandas")
    moment = pd.Timestamp("2020-01-02 03:04:05.123456789")
    for value in (moment, moment.tz_localize("Europe/Berlin"), pd.Timestamp("2020"), pd.Timedelta("-1ns")):
        found, exact = crossed(value)
        assert exact and type(found) is type(value) and found == value and found.unit == value.unit
        assert repr(found) == repr(value)
    found, exact = crossed([pd.NA, pd.NaT, pd.Categorical(["a"])])
    assert exact and found[0] is pd.NA and found[1] is pd.NaT and found[2].tolist() == ["a"]


def test_what_of_pandas_crosses_inexactly_or_not_at_all():
    pd = pytest.importorskip("pandas")
    noted = pd.DataFrame({"a": [1]})
    noted.attrs["source"] = "survey"
    found, exact = crossed(noted)
    assert found.equals(noted) and not exact

    class Own:
        """Of the student."""

    for value in (
        pd.Series([Own()]),
        pd.Series(pd.period_range("2020", periods=2, freq="M")),
        pd.DataFrame({"a": [1]}).groupby("a"),
        type("Frame", (pd.DataFrame,), {})({"a": [1]}),
        pd.DataFrame({"f": [len, len]}),
    ):
        data = Encoder(lambda part: {"ref": id(part)}).encode([value])
        assert data == [{"ref": id(value)}]


@pytest.mark.parametrize("form", ["csr", "csc", "bsr", "coo", "dia"])
@pytest.mark.parametrize("kind", ["matrix", "array"])
def test_sparse_matrices_come_over_as_they_are(form, kind):
    sparse = pytest.importorskip("scipy.sparse")
    for dense in (np.array([[0, 1.5, 0, 2], [3, 0, 0, 0]]), np.zeros((2, 4), int), np.eye(4, dtype=complex)):
        value = getattr(sparse, f"{form}_{kind}")(dense)
        found, exact = crossed(value)
        assert exact and type(found) is type(value) and found.dtype == value.dtype
        np.testing.assert_array_equal(found.toarray(), dense)


def formulas(sp):
    x, y = sp.symbols("x y")
    n, f = sp.Symbol("n", integer=True, positive=True), sp.Function("f")
    return [
        *(x, n, x + 1, (x + 1) ** 2, sp.sqrt(2) * x, x / y, x ** sp.Rational(1, 3), 2**x, -x, x - y),
        *(sp.pi * sp.E**x, sp.I, sp.oo, -sp.oo, sp.zoo, sp.true, sp.false, sp.S.Half, sp.Integer(-1)),
        *(sp.Rational(3, 7), sp.Float("1.5"), sp.Float("0.1", 50), sp.Float(0), sp.Integer(2**200)),
        *(sp.sin(x) + sp.log(y), sp.exp(-(x**2)), sp.Abs(x), sp.factorial(n), sp.binomial(n, 2)),
        *(sp.Eq(x, 1), x > 0, sp.And(x > 0, y > 0), sp.Max(x, y), sp.Piecewise((1, x > 0), (0, True))),
        *(f(x, y), sp.Derivative(f(x), x, 2), sp.Integral(x, (x, 0, 1)), sp.Sum(1 / n, (n, 1, sp.oo))),
        *(sp.Lambda(x, x**2), sp.Interval(0, 1), sp.FiniteSet(1, 2), sp.Tuple(x, 1), sp.S.Reals),
        *(sp.Matrix([[1, x], [y, 2]]), sp.ImmutableMatrix([[1]]), sp.expand((x + y) ** 10)),
        *((1 + sp.sqrt(5)) ** 10, sp.Symbol("x", real=False), sp.Union(sp.Interval(0, 1), sp.Interval(2, 3))),
    ]


def test_formulas_come_over_as_they_are():
    sp = pytest.importorskip("sympy")
    for value in formulas(sp):
        found, exact = crossed(value)
        assert (exact and type(found) is type(value)) or type(value).__name__ == "f"
        assert found == value and sp.srepr(found) == sp.srepr(value)
    x = sp.Symbol("x")
    found, exact = crossed({x: [1, x**2]})
    assert exact and found == {x: [1, x**2]}


def test_symbols_that_print_alike_stay_apart():
    sp = pytest.importorskip("sympy")
    plain, positive = crossed([sp.Symbol("x"), sp.Symbol("x", positive=True)])[0]
    assert plain != positive and str(plain) == str(positive)


@pytest.mark.parametrize("mode", "1 L P RGB RGBA CMYK YCbCr LAB HSV I F LA I;16".split())
def test_pictures_come_over_as_they_are(mode):
    images = pytest.importorskip("PIL.Image")
    for size in ((5, 3), (0, 4), (9, 1)):
        value = images.new(mode, size)
        if value.tobytes() and mode not in ("1", "F"):
            dots = np.random.default_rng(1).integers(0, 255, len(value.tobytes()), dtype=np.uint8)
            value.frombytes(dots.tobytes())
        found, exact = crossed(value)
        assert exact and found == value and found.size == size and found.mode == mode


def test_pictures_keep_their_palette_and_lose_their_file(tmp_path):
    images = pytest.importorskip("PIL.Image")
    value = images.new("RGB", (4, 4), "red").convert("P", palette=images.Palette.ADAPTIVE)
    found, exact = crossed(value)
    assert exact and found.convert("RGB").tobytes() == value.convert("RGB").tobytes()
    value.save(tmp_path / "dot.png")
    found, exact = crossed(images.open(tmp_path / "dot.png"))
    assert type(found) is images.Image and found.size == (4, 4) and not exact
