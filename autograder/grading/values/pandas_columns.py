"""Columns of pandas: numpy's types, text, numbers with gaps, categories, times in a zone; and its scalars.

Never through Arrow, whose buffers would have to be believed or wholly checked. Whatever else a column can be
(periods, intervals, Arrow's own types) crosses as a reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograder.grading.values.arrays import array_of
from autograder.grading.values.budget import COSTS, CannotCross
from autograder.grading.values.coding import (
    Decodes,
    Encode,
    Encodes,
    Json,
    Make,
    NotByValue,
    chosen,
    inexactly,
    only,
    parts,
    text,
    whole,
)
from autograder.grading.values.containers import few_collisions_of_any
from autograder.grading.values.dates import zone_data, zone_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Column = Any
"""An array behind a column: of numpy, or one of pandas' own, whose types are not installed here."""

_PLAIN_KINDS = "biufcmM"
_UNITS = {unit: unit for unit in ("s", "ms", "us", "ns")}
_WITH_GAPS = {"IntegerArray": "iu", "FloatingArray": "f", "BooleanArray": "b"}
_NO_TEXT = {"nan": float("nan"), "NA": None}
_LARGEST_NUMBER = 2**63 - 1


def column_data(coder: Encodes, values: Column) -> Json:
    """The array behind a series or an index. Raises NotByValue."""
    import numpy as np
    import pandas as pd

    dtype = values.dtype
    if isinstance(dtype, np.dtype):
        plain = values.to_numpy()
        if type(plain) is not np.ndarray or plain.dtype != dtype or dtype.kind not in _PLAIN_KINDS + "O":
            raise NotByValue
        return {"of-numpy": _whole_array(coder, plain)}
    if type(dtype) is pd.StringDtype:
        return _texts(coder, values, dtype)
    if type(dtype) is pd.CategoricalDtype:
        coder.budget.spend(COSTS["of-categories"])
        found = values if type(values) is pd.Categorical else values.array
        codes = _whole_array(coder, np.array(found.codes))
        return {"of-categories": [codes, coder.encode(found.categories), bool(found.ordered)]}
    if type(dtype) is pd.DatetimeTZDtype:
        coder.budget.spend(COSTS["of-zone"])
        zone = zone_data(dtype.tz)
        moments = pd.DatetimeIndex(values).tz_convert("UTC").tz_localize(None).to_numpy()
        return {"of-zone": [_whole_array(coder, moments), zone]}
    array = values.array if hasattr(values, "array") else values
    if type(array).__name__ in _WITH_GAPS and type(array).__module__.startswith("pandas."):
        gaps = array.isna()
        filled = array.to_numpy(dtype.numpy_dtype, na_value=dtype.numpy_dtype.type(0))
        name = type(array).__name__
        return {"with-gaps": [name, _whole_array(coder, filled), _whole_array(coder, gaps)]}
    raise NotByValue


def _whole_array(coder: Encodes, array: np.ndarray) -> Json:
    """The array, by value or not at all."""
    (data,) = coder.plain([array])
    return data


def _texts(coder: Encodes, values: Any, dtype: pd.StringDtype) -> Json:
    import pandas as pd

    missing = "NA" if dtype.na_value is pd.NA else "nan"
    items = [item if type(item) is str else None for item in values.to_numpy(object)]
    data: Json = {"of-text": [missing, coder.items(items)]}
    return data if dtype.storage == "python" else inexactly(data)


def column_of(decoder: Decodes, data: object) -> Column:
    """The array that `column_data` wrote, of one axis. Raises CannotCross."""
    found = only(data, dict)
    if set(found) == {"inexact"}:
        decoder.exact = False
        found = only(found["inexact"], dict)
    if len(found) != 1:
        raise CannotCross("not a column")
    ((name, body),) = found.items()
    decoder.budget.spend(COSTS.get(name, 0))
    return chosen(name, _COLUMNS)(decoder, body)


def _of_numpy(decoder: Decodes, body: object) -> Any:
    found = array_of(decoder, body, _PLAIN_KINDS + "O")
    if found.dtype.kind in "mM" and not any(f"[{unit}]" in found.dtype.str for unit in _UNITS):
        raise CannotCross("a time in no unit of a column")
    if found.dtype.kind == "O":
        _hashed_soon(found)
    elif found.dtype.itemsize > 16 or found.dtype.byteorder == ">":
        raise CannotCross("not a column")
    return found


def _hashed_soon(items: np.ndarray) -> None:
    """An index or a set of categories is looked up by hash, and any column may become one."""
    try:
        few_collisions_of_any(items.tolist())
    except CannotCross:  # which is a TypeError, too
        raise
    except TypeError:  # lists in a column: pandas cannot look them up either
        return


def _of_text(decoder: Decodes, body: object) -> Any:
    import numpy as np
    import pandas as pd

    missing, values = parts(body, 2)
    items = decoder.plain(values)
    if not {type(item) for item in items} <= {str, type(None)}:
        raise CannotCross("not a column of text")
    chosen(missing, _NO_TEXT)
    nothing: Any = pd.NA if missing == "NA" else np.nan
    dtype = pd.StringDtype("python", na_value=nothing)
    return pd.array(np.array(items, dtype=object), dtype=dtype)


def _of_categories(decoder: Decodes, body: object) -> Any:
    import pandas as pd

    numbers, names, ordered = parts(body, 3)
    codes = array_of(decoder, numbers, "i")
    categories = decoder.value(names)
    if not isinstance(categories, pd.Index) or isinstance(categories, pd.MultiIndex):
        raise CannotCross("not categories")
    if len(codes) and not -1 <= codes.min() <= codes.max() < len(categories):
        raise CannotCross("a category that is not there")
    return pd.Categorical.from_codes(codes, categories, ordered=only(ordered, bool))


def _of_zone(decoder: Decodes, body: object) -> Any:
    import pandas as pd

    moments, zone = parts(body, 2)
    found = _of_numpy(decoder, moments)
    if found.dtype.kind != "M" or zone is None:
        raise CannotCross("not a column of times")
    return pd.DatetimeIndex(found).tz_localize("UTC").tz_convert(zone_of(zone)).array


def _with_gaps(decoder: Decodes, body: object) -> Any:
    import pandas as pd

    name, values, gaps = parts(body, 3)
    found = array_of(decoder, values, chosen(name, _WITH_GAPS))
    mask = array_of(decoder, gaps, "b")
    if found.dtype.itemsize > 8 or found.dtype.byteorder == ">" or found.dtype.str == "<f2":
        raise CannotCross("not a column")
    if mask.shape != found.shape:
        raise CannotCross("not the gaps of that column")
    return getattr(pd.arrays, only(name, str))(found, mask)


_COLUMNS: dict[str, Any] = {
    "of-numpy": _of_numpy,
    "of-text": _of_text,
    "of-categories": _of_categories,
    "of-zone": _of_zone,
    "with-gaps": _with_gaps,
}


def _moment(coder: Encodes, value: pd.Timestamp) -> Json:
    return {"pandas-moment": [str(value.asm8.astype("i8")), value.unit, zone_data(value.tzinfo), value.fold]}


def _make_moment(decoder: Decodes, data: object) -> object:
    import numpy as np
    import pandas as pd

    number, unit, zone, fold = parts(data, 4)
    moment = pd.Timestamp(np.int64(_count(number)).view(f"M8[{chosen(unit, _UNITS)}]"))
    if zone is not None:
        moment = moment.tz_localize("UTC").tz_convert(zone_of(zone))
    return moment.replace(fold=1) if whole(fold, 0, 1) and zone is None else moment


def _span(coder: Encodes, value: pd.Timedelta) -> Json:
    return {"pandas-span": [str(value.asm8.astype("i8")), value.unit]}


def _make_span(decoder: Decodes, data: object) -> object:
    import numpy as np
    import pandas as pd

    number, unit = parts(data, 2)
    return pd.Timedelta(np.int64(_count(number)).view(f"m8[{chosen(unit, _UNITS)}]"))


def _count(data: object) -> int:
    """Of units since 1970, written as a text because JSON readers lose large numbers."""
    digits = text(data, 20)
    if not digits.removeprefix("-").isdecimal() or not digits.isascii():
        raise CannotCross("not a number")
    return whole(int(digits), -_LARGEST_NUMBER, _LARGEST_NUMBER)


def _missing(coder: Encodes, value: object) -> Json:
    import pandas as pd

    return {"pandas-missing": "NA" if value is pd.NA else "NaT"}


def _make_missing(decoder: Decodes, data: object) -> object:
    import pandas as pd

    return chosen(data, {"NA": pd.NA, "NaT": pd.NaT})


def encoders() -> dict[type, Encode]:
    """Scalars of pandas."""
    import pandas as pd

    missing = {type(pd.NA): _missing, type(pd.NaT): _missing}
    return {pd.Timestamp: _moment, pd.Timedelta: _span, **missing}


MAKERS: dict[str, Make] = {
    "pandas-moment": _make_moment,
    "pandas-span": _make_span,
    "pandas-missing": _make_missing,
}
