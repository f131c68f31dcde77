"""Interactive figures: a drawing function and its sliders; one picture where no kernel runs."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

from autograder.rendering.palette import BLACK, BLUE, GOLD, GREEN, GREY, ORANGE, PINK, SKY

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What lessons import, the colors too: handed-out notebooks look for them here.
__all__ = ["BLACK", "BLUE", "GOLD", "GREEN", "GREY", "ORANGE", "PINK", "SKY"]
__all__ += ["Choice", "Explorer", "Slider", "choice", "explore", "slider"]

Draw = Callable[..., str]
"""``draw(figure, **values)`` draws into a matplotlib Figure and returns its text alternative."""


@dataclass(frozen=True)
class Slider:
    """A number that the reader moves."""

    label: str
    start: float
    low: float
    high: float
    step: float


@dataclass(frozen=True)
class Choice:
    """One of a few words; the first is the start."""

    label: str
    options: tuple[str, ...]

    @property
    def start(self) -> str:
        """The option shown first."""
        return self.options[0]


def slider(label: str, start: float, low: float, high: float, step: float) -> Slider:
    """A slider.

    Args:
        label: What stands beside it.
        start: Where it stands at first.
        low: Its left end.
        high: Its right end.
        step: How far one step moves it.
    """
    return Slider(label, start, low, high, step)


def choice(label: str, options: Sequence[str]) -> Choice:
    """A choice between `options`, the first of them at first."""
    return Choice(label, tuple(options))


def explore(draw: Draw, size: tuple[float, float] = (7.5, 4.5), **controls: Slider | Choice) -> Explorer:
    """A figure with controls. Make it the last expression of a figure cell.

    `draw` gets a matplotlib Figure of `size` inches and the controls' values by name; it returns the
    text alternative of the picture, one or two sentences with the numbers that it shows.
    """
    return Explorer(draw, size, controls)


class Explorer:
    """What `explore` returns: shows itself as widgets in a notebook, and as one picture to the build."""

    def __init__(self, draw: Draw, size: tuple[float, float], controls: Mapping[str, Slider | Choice]):
        self.draw = draw
        self.size = size
        self.controls = dict(controls)
        self._figure: Figure | None = None

    def picture(self, quick: bool = False, /, **values: float | str) -> tuple[bytes, str]:
        """The PNG and the text alternative at `values`; a control that is not named stands at its start.

        With `quick` the PNG is made sooner and is larger: for a reader who holds a slider.
        """
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        if self._figure is None:
            self._figure = Figure(figsize=self.size, dpi=100)
            FigureCanvasAgg(self._figure)
        # One figure for all redraws: a new one each time leaves heaps of cycles to collect. Axes are taken
        # out first, since clear() would reset each of them, tick by tick, before it throws them away.
        for axes in list(self._figure.axes):
            self._figure.delaxes(axes)
        self._figure.clear()
        start = {name: control.start for name, control in self.controls.items()}
        text = self.draw(self._figure, **{**start, **values})
        buffer = io.BytesIO()
        # No version and no date in the file: the same picture is the same bytes.
        quickly = {"compress_level": 1} if quick else None
        self._figure.savefig(buffer, format="png", metadata={"Software": None}, pil_kwargs=quickly)
        return buffer.getvalue(), text

    def _ipython_display_(self) -> None:
        import ipywidgets
        from IPython.display import display

        widgets = {name: _widget(ipywidgets, control) for name, control in self.controls.items()}
        screen = ipywidgets.HTML()

        def redraw(_: object = None) -> None:
            png, text = self.picture(True, **{name: widget.value for name, widget in widgets.items()})
            screen.value = (
                f'<img alt="{html.escape(text)}" style="max-width:100%;background:#fff"'
                f' src="data:image/png;base64,{base64.b64encode(png).decode()}">'
            )

        for widget in widgets.values():
            widget.observe(redraw, names="value")
        redraw()
        rows = [_row(ipywidgets, self.controls[name], widget) for name, widget in widgets.items()]
        display(ipywidgets.VBox([ipywidgets.VBox(rows), screen]))


class _Widget(Protocol):
    """What of a widget is used here; ipywidgets has no types."""

    value: float | str

    def observe(self, handler: Callable[[object], None], names: str) -> None: ...


def _widget(ipywidgets: ModuleType, control: Slider | Choice) -> _Widget:
    wide = ipywidgets.Layout(width="min(32rem, 100%)")
    style = {"description_width": "12rem"}
    if isinstance(control, Choice):
        return ipywidgets.ToggleButtons(options=control.options, style={"button_width": "9rem"})
    return ipywidgets.FloatSlider(
        description=control.label,
        value=control.start,
        min=control.low,
        max=control.high,
        step=control.step,
        style=style,
        layout=wide,
    )


def _row(ipywidgets: ModuleType, control: Slider | Choice, widget: object) -> object:
    """A control beside its label; toggle buttons would put their own label above them, at the left."""
    if isinstance(control, Slider):
        return widget
    label = ipywidgets.Label(
        control.label, layout=ipywidgets.Layout(width="12rem", display="flex", justify_content="flex-end")
    )
    return ipywidgets.HBox([label, widget], layout=ipywidgets.Layout(align_items="center", grid_gap="4px"))
