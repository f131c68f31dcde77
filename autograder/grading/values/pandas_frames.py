"""Series, frames and indexes of pandas, from their columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograder.grading.values.arrays import array_of
from autograder.grading.values.budget import COSTS, NUMBER_IN_A_RANGE, CannotCross
from autograder.grading.values.coding import (
    Decodes,
    Encode,
    Encodes,
    Json,
    Make,
    NotByValue,
    inexactly,
    only,
    parts,
    text,
    whole,
)
from autograder.grading.values.pandas_columns import column_data, column_of

if TYPE_CHECKING:
    import pandas as pd

_MOST_COLUMNS = 20_000
_MOST_LEVELS = 50
_FARTHEST = 2**62
_STEP = re.compile(r"-?\d{0,4}(D|B|W(-[A-Z]{3})?|MS?E?|[QY](S|E)(-[A-Z]{3})?|h|min|s|ms|us|ns)")


def _name(coder: Encodes, value: object) -> Json:
    (data,) = coder.plain([value])
    return data


def _name_of(decoder: Decodes, data: object) -> object:
    (name,) = decoder.plain([data])
    hash(name)
    return name


def _index(coder: Encodes, value: pd.Index) -> Json:
    return {"index": [column_data(coder, value), _name(coder, value.name)]}


def _make_index(decoder: Decodes, data: object) -> object:
    import pandas as pd

    column, name = parts(data, 2)
    values: Any = column_of(decoder, column)
    return pd.Index(values, dtype=values.dtype, name=_name_of(decoder, name))


def _range(coder: Encodes, value: pd.RangeIndex) -> Json:
    coder.budget.spend(NUMBER_IN_A_RANGE * len(value))
    return {"range-index": [value.start, value.stop, value.step, _name(coder, value.name)]}


def _make_range(decoder: Decodes, data: object) -> object:
    import pandas as pd

    *ends, name = parts(data, 4)
    start, stop, step = (whole(end, -_FARTHEST, _FARTHEST) for end in ends)
    if step == 0:
        raise CannotCross("a range without a step")
    decoder.budget.spend(NUMBER_IN_A_RANGE * max(0, -((start - stop) // step)))
    return pd.RangeIndex(start, stop, step, name=_name_of(decoder, name))


def _times(coder: Encodes, value: pd.DatetimeIndex | pd.TimedeltaIndex) -> Json:
    step = value.freqstr if value.freq is not None else None
    known = step is None or _STEP.fullmatch(step) is not None
    column, name = column_data(coder, value), _name(coder, value.name)
    data: Json = {"times-index": [column, name, step if known else None]}
    return data if known else inexactly(data)


def _make_times(decoder: Decodes, data: object) -> object:
    import pandas as pd

    column, name, step = parts(data, 3)
    values = column_of(decoder, column)
    if step is not None and not _STEP.fullmatch(text(step)):
        raise CannotCross("a step that is not in the table")
    kind = pd.TimedeltaIndex if values.dtype.kind == "m" else pd.DatetimeIndex
    return kind(values, freq=step, name=_name_of(decoder, name))


def _levels(coder: Encodes, value: pd.MultiIndex) -> Json:
    import numpy as np

    levels: list[Json] = [coder.encode(level) for level in value.levels]
    codes: list[Json] = [coder.encode(np.array(code)) for code in value.codes]
    return {"levels-index": [levels, codes, [_name(coder, name) for name in value.names]]}


def _make_levels(decoder: Decodes, data: object) -> object:
    import pandas as pd

    level_data, code_data, name_data = (only(part, list) for part in parts(data, 3))
    if not 0 < len(level_data) == len(code_data) == len(name_data) <= _MOST_LEVELS:
        raise CannotCross("not the levels of an index")
    levels = [index_of(decoder, level) for level in level_data]
    codes = [array_of(decoder, code, "i") for code in code_data]
    for level, code in zip(levels, codes, strict=True):
        if len(code) != len(codes[0]) or isinstance(level, pd.MultiIndex):
            raise CannotCross("not the levels of an index")
        if len(code) and not -1 <= code.min() <= code.max() < len(level):
            raise CannotCross("a value that is in no level")
    names = [_name_of(decoder, name) for name in name_data]
    return pd.MultiIndex(levels, codes, names=names)


def index_of(decoder: Decodes, data: object) -> pd.Index:
    """A part that is an index. Raises CannotCross."""
    import pandas as pd

    found = decoder.value(data)
    if not isinstance(found, pd.Index):
        raise CannotCross("not an index")
    return found


def _whole_index(coder: Encodes, index: pd.Index) -> Json:
    (data,) = coder.plain([index])
    return data


def _marked(value: pd.Series | pd.DataFrame, data: Json) -> Json:
    """What a caller wrote beside the values does not cross."""
    return inexactly(data) if value.attrs or not value.flags.allows_duplicate_labels else data


def _series(coder: Encodes, value: pd.Series) -> Json:
    name, index = _name(coder, value.name), _whole_index(coder, value.index)
    return _marked(value, {"series": [name, index, column_data(coder, value)]})


def _make_series(decoder: Decodes, data: object) -> object:
    name_data, index_data, column = parts(data, 3)
    name, index = _name_of(decoder, name_data), index_of(decoder, index_data)
    return _series_of(column_of(decoder, column), index, name)


def _series_of(values: Any, index: pd.Index, name: Any) -> pd.Series:
    import pandas as pd

    if len(values) != len(index):
        raise CannotCross("not as many values as the index has")
    return pd.Series(values, index=index, name=name, dtype=values.dtype, copy=False)


def _frame(coder: Encodes, value: pd.DataFrame) -> Json:
    if value.shape[1] > _MOST_COLUMNS:
        raise NotByValue
    coder.budget.spend(COSTS["column"] * value.shape[1])
    rows, names = _whole_index(coder, value.index), _whole_index(coder, value.columns)
    columns = [column_data(coder, value.iloc[:, number]) for number in range(value.shape[1])]
    return _marked(value, {"frame": [rows, names, columns]})


def _make_frame(decoder: Decodes, data: object) -> object:
    import pandas as pd

    row_data, name_data, column_data_ = parts(data, 3)
    rows, names = index_of(decoder, row_data), index_of(decoder, name_data)
    columns: Sequence[object] = only(column_data_, list)
    if len(columns) != len(names) or len(columns) > _MOST_COLUMNS:
        raise CannotCross("not as many columns as names")
    decoder.budget.spend(COSTS["column"] * len(columns))
    found = {number: _series_of(column_of(decoder, one), rows, None) for number, one in enumerate(columns)}
    # By number first: two columns may have one name.
    frame = pd.concat(found, axis=1) if found else pd.DataFrame(index=rows)
    frame.columns = names
    return frame


def _categorical(coder: Encodes, value: pd.Categorical) -> Json:
    return {"categorical": column_data(coder, value)}


def _make_categorical(decoder: Decodes, data: object) -> object:
    import pandas as pd

    found: object = column_of(decoder, data)
    if type(found) is not pd.Categorical:
        raise CannotCross("not categories")
    return found


def encoders() -> dict[type, Encode]:
    """What of pandas crosses, besides its scalars."""
    import pandas as pd

    times = {pd.DatetimeIndex: _times, pd.TimedeltaIndex: _times}
    indexes = {pd.Index: _index, pd.CategoricalIndex: _index, pd.RangeIndex: _range, pd.MultiIndex: _levels}
    return {pd.Series: _series, pd.DataFrame: _frame, pd.Categorical: _categorical, **indexes, **times}


MAKERS: dict[str, Make] = {
    "index": _make_index,
    "range-index": _make_range,
    "times-index": _make_times,
    "levels-index": _make_levels,
    "series": _make_series,
    "frame": _make_frame,
    "categorical": _make_categorical,
}
MUTABLE = frozenset({"index", "range-index", "times-index", "levels-index", "series", "frame", "categorical"})
