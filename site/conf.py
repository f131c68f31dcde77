"""Sphinx's settings of the reading site. `autograder site` lays the pages out in a folder and runs it there.

The theme is furo: a lesson's page with all its styles and scripts stays far below 600 KB, which
sphinx-book-theme (1.5 MB of icons a page) does not, and it is usable by keyboard and without scripts.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))

project = os.environ.get("COURSE_TITLE", "A course")
author = copyright = ""
language = "en"
extensions = ["myst_nb", "pages"]
html_math_renderer = "mathml"
nb_execution_mode = "off"
nb_merge_streams = True
nb_mime_priority_overrides = [("html", "text/markdown", 0), ("html", "image/png", 1)]
myst_enable_extensions = ["dollarmath", "attrs_block"]
myst_dmath_double_inline = True
myst_heading_anchors = 3
# The folders in lessons/ hold what belongs to a lesson: data, pictures, no pages.
exclude_patterns = ["extensions", "templates", "static", "lessons/*/**"]
templates_path = ["templates"]

html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_favicon = "static/favicon.svg"
html_css_files = ["formulas.css", "site.css"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_permalinks_icon = "#"
# Both palettes reach a contrast of 4.5 to 1 and more (WCAG 2.2 AA) for text, code and links.
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#005a8f",
        "color-brand-content": "#005a8f",
        "color-foreground-muted": "#4f555c",
        "color-foreground-border": "#6b7178",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7cc4f0",
        "color-brand-content": "#7cc4f0",
        "color-foreground-muted": "#a9b0b8",
        "color-foreground-border": "#8b9299",
    },
    "navigation_with_keys": False,
}
