"""The colors of figures, charts and pages."""

from __future__ import annotations

# Okabe and Ito (2008): told apart by color-blind readers. Pair each with a line style or hatch for print.
BLACK, GREY = "#000000", "#767676"
BLUE, ORANGE, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
SKY, GOLD = "#56B4E9", "#E69F00"
