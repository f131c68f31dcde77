"""The rooms of the package and which imports which, drawn from the real imports: docs/dev/rooms.svg.

    python docs/dev/draw_rooms.py           write the picture, print the size of every room
    python docs/dev/draw_rooms.py --check   exit code 1 where the picture is not what the imports are

Whatever is imported lies below, so a circle cannot be drawn. The same imports give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import grimp

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parents[1] / "autograder"
PICTURE = HERE / "rooms.svg"

BOX_WIDTH, BOX_HEIGHT = 150, 68
GAP_X, GAP_Y = 14, 34
PAD, TITLE = 14, 24
"""Around the rooms of a wing, and the height of its name."""
WORDS = 22
"""Characters in a line of a box."""
COLORS = {  # a wing's fill and edge: Okabe and Ito's colors, made pale, and dark enough for text
    "study": ("#fbeef6", "#a3487e"),
    "authoring": ("#e3f1fa", "#0072b2"),
    "grading": ("#e0f4ed", "#007a5a"),
    "classroom": ("#fdf3dc", "#8a5f00"),
    "publishing": ("#f9e7dc", "#b34a00"),
    "hub": ("#f9e7dc", "#b34a00"),
}
PLAIN = ("#f2f2f2", "#666666")

Arrows = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class House:
    """Rooms with the number of their modules, and how many imports lead from one room to another."""

    sizes: Mapping[str, int]
    arrows: Arrows

    def wings(self) -> dict[str, list[str]]:
        """The rooms by the folder at the top: grading -> grading.rpc, grading.sandbox, ..."""
        found: dict[str, list[str]] = defaultdict(list)
        for room in self.sizes:
            found[wing_of(room)].append(room)
        return dict(found)


@dataclass(frozen=True)
class Placed:
    """A wing on the page: its corner, its size, and the corners of its rooms within."""

    x: float
    y: float
    width: float
    height: float
    rooms: Mapping[str, tuple[float, float]]


def wing_of(room: str) -> str:
    """The folder at the top that a room belongs to."""
    return room.split(".")[0]


def room_of(module: str) -> str | None:
    """The room of a dotted module name, or None: autograder.grading.rpc.codec -> grading.rpc."""
    parts = module.split(".")[1:]
    while parts and not PACKAGE.joinpath(*parts, "__init__.py").is_file():
        parts.pop()
    return ".".join(parts) or None


def house() -> House:
    """Read every import of the package, also those inside functions and those for types only."""
    sys.path.insert(0, str(PACKAGE.parent))  # this checkout's package, whichever is installed
    graph = grimp.build_graph("autograder", cache_dir=None)
    sizes: dict[str, int] = defaultdict(int)
    arrows: dict[tuple[str, str], int] = defaultdict(int)
    for module in sorted(graph.modules):
        room = room_of(module)
        if room is None or module == f"autograder.{room}":
            continue  # an __init__ says what the room is, and is no module
        sizes[room] += 1
        for imported in graph.find_modules_directly_imported_by(module):
            other = room_of(imported)
            if other and other != room:
                arrows[room, other] += 1
    return House(dict(sorted(sizes.items())), dict(sorted(arrows.items())))


def floors(names: Iterable[str], arrows: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The names floor by floor, the lowest first: each stands right above the highest that it needs.

    Raises SystemExit where some need each other in a circle.
    """
    below: dict[str, set[str]] = {name: set() for name in sorted(names)}
    for name, other in arrows:
        if name in below and other in below and name != other:
            below[name].add(other)
    level: dict[str, int] = {}
    while len(level) < len(below):
        ready = [name for name in below if name not in level and below[name] <= set(level)]
        if not ready:
            left = ", ".join(sorted(set(below) - set(level)))
            raise SystemExit(
                f"Rooms import each other in a circle: {left}. lint-imports says by which imports."
            )
        level |= {name: 1 + max((level[other] for other in below[name]), default=-1) for name in ready}
    rows: list[list[str]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for name, floor in level.items():
        rows[floor].append(name)
    return rows


def placed(built: House) -> tuple[float, float, dict[str, Placed]]:
    """The page's size and the place of every wing and room."""
    wings = built.wings()
    inside = {wing: floors(rooms, built.arrows) for wing, rooms in wings.items()}
    sizes = {wing: _size(rows) for wing, rows in inside.items()}
    rows = floors(wings, ((wing_of(room), wing_of(other)) for room, other in built.arrows))
    width = max(sum(sizes[wing][0] + GAP_X for wing in row) for row in rows) + GAP_X
    page: dict[str, Placed] = {}
    y = float(GAP_X)
    for row in reversed(rows):
        tallest = max(sizes[wing][1] for wing in row)
        x = (width - sum(sizes[wing][0] + GAP_X for wing in row) + GAP_X) / 2
        for wing in row:
            own_width, own_height = sizes[wing]
            top = y + tallest - own_height
            page[wing] = Placed(x, top, own_width, own_height, _corners(inside[wing], x, top, own_width))
            x += own_width + GAP_X
        y += tallest + GAP_Y
    return width, y + 8, page


def _size(rows: list[list[str]]) -> tuple[float, float]:
    widest = max(map(len, rows))
    width = 2 * PAD + widest * BOX_WIDTH + (widest - 1) * GAP_X
    return width, TITLE + PAD + len(rows) * BOX_HEIGHT + (len(rows) - 1) * GAP_Y


def _corners(rows: list[list[str]], x: float, y: float, width: float) -> dict[str, tuple[float, float]]:
    found = {}
    for floor, row in enumerate(reversed(rows)):
        left = x + (width - len(row) * BOX_WIDTH - (len(row) - 1) * GAP_X) / 2
        for index, room in enumerate(row):
            found[room] = left + index * (BOX_WIDTH + GAP_X), y + TITLE + floor * (BOX_HEIGHT + GAP_Y)
    return found


def picture(built: House) -> str:
    """The SVG: wings as large boxes, rooms within; arrows within a wing, words for what lies in others."""
    width, height, page = placed(built)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
        f' height="{height:g}" role="img" aria-labelledby="title" font-family="sans-serif">',
        '<title id="title">The rooms of the package; each imports only what lies below it</title>',
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"'
        ' orient="auto"><path d="M0 0L8 4L0 8z" fill="#444444"/></marker></defs>',
    ]
    for wing, place in page.items():
        fill, edge = COLORS.get(wing, PLAIN)
        parts += [
            f'<rect x="{place.x:g}" y="{place.y:g}" width="{place.width:g}" height="{place.height:g}" rx="8"'
            f' fill="{fill}" stroke="{edge}"/>',
            f'<text x="{place.x + PAD:g}" y="{place.y + 17:g}" font-size="14" font-weight="bold"'
            f' fill="{edge}">{wing}</text>',
        ]
        parts += [_arrow(place.rooms[room], place.rooms[other]) for room, other in _needed(place, built)]
        for room, corner in place.rooms.items():
            parts += _box(room, built, corner)
    parts.append(
        f'<text x="{GAP_X}" y="{height - 12:g}" font-size="12" fill="#333333">In a box: how many modules, and'
        " after the arrow what they import from other wings. Between boxes: imports within a wing.</text>"
    )
    return "\n".join([*parts, "</svg>", ""])


def _needed(place: Placed, built: House) -> list[tuple[str, str]]:
    """The arrows within a wing that no chain of others implies."""
    below: dict[str, list[str]] = {room: [] for room in place.rooms}
    for room, other in built.arrows:
        if room in place.rooms and other in place.rooms:
            below[room].append(other)

    def reaches(room: str, goal: str) -> bool:
        return any(other == goal or reaches(other, goal) for other in below[room])

    return [
        (room, other)
        for room, others in below.items()
        for other in others
        if not any(reaches(step, other) for step in others if step != other)
    ]


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    x, y = start[0] + BOX_WIDTH / 2, start[1] + BOX_HEIGHT
    to_x, to_y = end[0] + BOX_WIDTH / 2, end[1] - 1
    bend = (y + to_y) / 2
    return (
        f'<path d="M{x:g} {y:g}C{x:g} {bend:g} {to_x:g} {bend:g} {to_x:g} {to_y:g}" fill="none"'
        ' stroke="#444444" stroke-width="1.2" marker-end="url(#tip)"/>'
    )


def _box(room: str, built: House, corner: tuple[float, float]) -> list[str]:
    (x, y), edge = corner, COLORS.get(wing_of(room), PLAIN)[1]
    name = room.rpartition(".")[2]
    others = sorted({wing_of(other) for one, other in built.arrows if one == room} - {wing_of(room)})
    lines = [""]
    for word in others:
        lines += [""] * bool(lines[-1] and len(f"{lines[-1]}, {word}") > WORDS)
        lines[-1] += f", {word}" if lines[-1] else word
    if others:
        lines[0] = f"→ {lines[0]}"
    middle = f'x="{x + BOX_WIDTH / 2:g}" text-anchor="middle"'
    return [
        f'<rect x="{x:g}" y="{y:g}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="5" fill="#ffffff"'
        f' stroke="{edge}"/>',
        f'<text {middle} y="{y + 18:g}" font-size="13"><tspan font-weight="bold">{name}</tspan>'
        f" {built.sizes[room]}</text>",
        *(
            f'<text {middle} y="{y + 35 + 13 * number:g}" font-size="10.5" fill="#333333">{line}</text>'
            for number, line in enumerate(lines)
            if line
        ),
    ]


def main() -> None:
    """Write or check the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 where it would")
    check = parser.parse_args().check
    built = house()
    made = picture(built)
    if check:
        if not PICTURE.is_file() or PICTURE.read_text(encoding="utf-8") != made:
            sys.exit("docs/dev/rooms.svg is not what the imports are. Run: python docs/dev/draw_rooms.py")
        return
    PICTURE.write_text(made, encoding="utf-8")
    for room, size in built.sizes.items():
        print(f"{size:3}  {room}")
    print(f"{sum(built.sizes.values()):3}  modules in {len(built.sizes)} rooms")


if __name__ == "__main__":
    main()
