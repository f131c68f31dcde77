"""A platform as a value on the command line, by the key in its row of the registry."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from autograder.classroom.lms.platform import Platform


class PlatformChoice(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4 only
    """A platform of which `has` is true. The registry is imported when a value is read: --help is quick."""

    name = "platform"

    def __init__(self, has: Callable[[Platform], bool]) -> None:
        """Offer the platforms of which `has` is true."""
        self.has = has

    def keys(self) -> tuple[str, ...]:
        """What may be typed."""
        from autograder.classroom.lms import registry

        return registry.keys(self.has)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """The keys, as click shows choices."""
        return f"[{'|'.join(self.keys())}]"

    def convert(
        self, value: Platform | str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Platform:
        """The platform of that key. Args as in `click.ParamType.convert`."""
        from autograder.classroom.lms import registry

        if not isinstance(value, str):
            return value
        if value not in self.keys():
            self.fail(f"{value!r} is not one of {', '.join(map(repr, self.keys()))}.", param, ctx)
        return registry.by_key(value)


class PlatformAndFile(click.Option):
    """An option of two values, a platform and a file, whose help names the platforms."""

    def make_metavar(self, ctx: click.Context | None = None) -> str:
        """The keys and FILE."""
        assert isinstance(self.type, click.Tuple)
        choice = self.type.types[0]
        assert isinstance(choice, PlatformChoice)
        return f"{'|'.join(choice.keys())} FILE"
