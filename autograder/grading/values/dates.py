"""Dates, times, spans and the zones that they stand in, made from their integers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from autograder.grading.values.budget import CannotCross
from autograder.grading.values.coding import (
    Decodes,
    Encode,
    Encodes,
    Json,
    Make,
    NotByValue,
    only,
    parts,
    text,
    whole,
)

_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,30}(/[A-Za-z][A-Za-z0-9_+-]{0,30}){0,2}")
_MICROSECOND = timedelta(microseconds=1)


def zone_data(zone: tzinfo | None) -> Json:
    """A zone that crosses: none, a fixed offset or a name of the time zone database. Raises NotByValue."""
    if zone is None:
        return None
    if type(zone) is timezone:
        # The second argument to its constructor is None where the name is made from the offset.
        given = zone.__getinitargs__()  # type: ignore[attr-defined]
        name = given[1] if len(given) > 1 else None
        return [given[0] // _MICROSECOND, name]
    if type(zone) is ZoneInfo and zone.key is not None and _ZONE.fullmatch(zone.key):
        return zone.key
    raise NotByValue


def zone_of(data: object) -> tzinfo | None:
    """The zone that `zone_data` wrote. Raises CannotCross."""
    if data is None:
        return None
    if type(data) is str:
        if not _ZONE.fullmatch(data):  # else it could name any file
            raise CannotCross("not a time zone")
        return ZoneInfo(data)
    microseconds, name = parts(data, 2)
    offset = timedelta(microseconds=whole(microseconds, -86_400_000_000, 86_400_000_000))
    if name is not None:
        return timezone(offset, text(name))
    return UTC if not offset else timezone(offset)


def _date(coder: Encodes, value: date) -> Json:
    return {"date": [value.year, value.month, value.day]}


def _make_date(decoder: Decodes, data: object) -> object:
    return date(*(only(part, int) for part in parts(data, 3)))


def _clock(value: datetime | time) -> list[Json]:
    numbers = (value.hour, value.minute, value.second, value.microsecond, value.fold)
    return [*numbers, zone_data(value.tzinfo)]


def _datetime(coder: Encodes, value: datetime) -> Json:
    return {"datetime": [value.year, value.month, value.day, *_clock(value)]}


def _make_datetime(decoder: Decodes, data: object) -> object:
    *numbers, zone = parts(data, 9)
    *fields, fold = (only(number, int) for number in numbers)
    return datetime(*fields, tzinfo=zone_of(zone), fold=fold)  # type: ignore[arg-type,misc]


def _time(coder: Encodes, value: time) -> Json:
    return {"time": _clock(value)}


def _make_time(decoder: Decodes, data: object) -> object:
    *numbers, zone = parts(data, 6)
    *fields, fold = (only(number, int) for number in numbers)
    return time(*fields, tzinfo=zone_of(zone), fold=fold)  # type: ignore[arg-type,misc]


def _timedelta(coder: Encodes, value: timedelta) -> Json:
    return {"timedelta": [value.days, value.seconds, value.microseconds]}


def _make_timedelta(decoder: Decodes, data: object) -> object:
    days, seconds, microseconds = parts(data, 3)
    return timedelta(
        days=whole(days, -999_999_999, 999_999_999),
        seconds=whole(seconds, 0, 86_399),
        microseconds=whole(microseconds, 0, 999_999),
    )


def _zone(coder: Encodes, value: tzinfo) -> Json:
    return {"zone": zone_data(value)}


ENCODERS: dict[type, Encode] = {
    date: _date,
    datetime: _datetime,
    time: _time,
    timedelta: _timedelta,
    timezone: _zone,
    ZoneInfo: _zone,
}
MAKERS: dict[str, Make] = {
    "date": _make_date,
    "datetime": _make_datetime,
    "time": _make_time,
    "timedelta": _make_timedelta,
    "zone": lambda decoder, data: zone_of(data),
}
