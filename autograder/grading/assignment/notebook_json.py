"""The parts of a notebook's JSON by name. What learners hand in is JSON of any shape until it is repaired.

The types say which part is meant, not which keys it has: nbformat's schema does that, and `submission` makes
notebooks that keep it. Here alone the package says `Any` for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
"""A JSON object whose keys anybody may have chosen: whoever reads a key looks at what is there."""
Cell = Json
"""A cell: "cell_type", "metadata" and "source"; of code also "outputs" and "execution_count"."""
Output = Json
"""An output of a code cell, by its "output_type"."""
Notebook = Mapping[str, Any]
"""A notebook: "cells", "metadata", "nbformat" and "nbformat_minor"; also as nbformat.NotebookNode."""
