"""A lesson with a table in a subfolder, a picture and two modules; all kinds of its code make use of them."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from autograder.authoring.format.formatter import tidied
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course

NAME = "02-heights"
TABLE = "name,height\nann,171.5\nbob,180.25\ncyd,165.0\n"
MODULE = '''\
"""What the lesson brings with it."""

import csv
from pathlib import Path

from tables.units import to_metres


def read(path="data/heights.csv"):
    """The heights in metres."""
    with Path(path).open(encoding="utf-8") as file:
        return [to_metres(float(row["height"])) for row in csv.DictReader(file)]
'''
UNITS = "def to_metres(centimetres):\n    return centimetres / 100\n"
LESSON = """\
---
minutes: 5
title: Heights
---

# Heights

Three people, in [a table](data/heights.csv) and a picture:

![three bars, the second is the highest](plot.png)

+++ {"role": "objectives"}

- Compute a mean

```{code-cell} ipython3
import heights
from autograder import check, hint

first = heights.read()
```

```{code-cell} ipython3
:role: figure

# Figure: three heights. Predict first: which is the highest?
from autograder.study.figures import BLUE, explore, slider


def draw(figure, scale):
    bars = heights.read("data/heights.csv")
    figure.subplots().bar(range(3), [scale * bar for bar in bars], color=BLUE)
    return f"Three bars, the highest {max(bars) * scale:.2f} m."


explore(draw, scale=slider("scale", 1.0, 0.5, 2.0, 0.5), size=(6, 3))
```

+++ {"role": "recall"}

What is a mean?

---

The sum over the count.

+++

## Try it yourself

+++ {"id": "mean-height", "points": 1, "role": "exercise", "unit": "m"}

Compute the mean.

```{code-cell} ipython3
:role: solution

mean_height = ...
### BEGIN SOLUTION
mean_height = sum(first) / len(first)
### END SOLUTION
```

```{code-cell} ipython3
:role: proof

with open("data/heights.csv") as file:
    rows = [line.split(",")[1] for line in file.read().splitlines()[1:]]
assert abs(mean_height - sum(map(float, rows)) / 300) < 1e-12
```

```{code-cell} ipython3
:role: mistakes

# total: You forgot to divide by the count.
mean_height = sum(heights.read())
```

+++ {"role": "hint"}

Add them up first.

+++ {"role": "worked"}

The sum over three.

+++

## Code it

+++ {"id": "spread-code", "points": 2, "role": "exercise"}

Read the file and give the largest difference.

```{code-cell} ipython3
:role: solution

def spread(path):
    \"\"\"Path of a table -> float, the largest difference in metres.\"\"\"
    ### BEGIN SOLUTION
    from heights import read

    numbers = read(path)
    return max(numbers) - min(numbers)
    ### END SOLUTION
    ...
```

```{code-cell} ipython3
:role: answers

spread_height = spread("data/heights.csv")   # tolerance 0.0002
```

```{code-cell} ipython3
:role: tests

assert spread("data/heights.csv") == max(heights.read()) - min(heights.read()), "of the same table"
```

```{code-cell} ipython3
:role: proof

assert abs(spread_height - (180.25 - 165) / 100) < 1e-12
```

```{code-cell} ipython3
:role: mistakes

# largest: This is the largest height, not a difference.
def spread(path):
    return max(heights.read(path))
# sign: Take the smallest from the largest, not the other way round.
def spread(path):
    return min(heights.read(path)) - max(heights.read(path))
# neighbours: Compare all heights, not the first two alone.
def spread(path):
    return abs(heights.read(path)[0] - heights.read(path)[1])
```

## Flashcards

+++ {"for": "mean-height", "role": "cards"}

What is a mean? :: The sum over the count.
"""


def png() -> bytes:
    """The smallest picture that every program takes: one blue dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00\x00\x72\xb2")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


FILES: dict[str, bytes] = {
    "data/heights.csv": TABLE.encode(),
    "heights.py": MODULE.encode(),
    "plot.png": png(),
    "tables/__init__.py": b"",
    "tables/units.py": UNITS.encode(),
}


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Files by their path in a folder."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def with_heights(course: Course) -> Course:
    """The tiny course with this lesson as its second, not built."""
    lessons = course.root / "lessons"
    path = lessons / f"{NAME}.md"
    path.write_text(tidied(LESSON, path), encoding="utf-8")
    write_files(lessons / NAME, FILES)
    table = lessons / "course.toml"
    table.write_text(table.read_text().replace('["01-coins"]', f'["01-coins", "{NAME}"]'))
    return courses.read(course.root)
