"""Flashcards as a page to read and to print, one card a page."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from autograder.core.errors import ToolError
from autograder.core.model import Card
from autograder.rendering.formula_html import font_face, formula_style
from autograder.rendering.inline_markdown import to_html

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")


def page(title: str, cards: Sequence[Card]) -> str:
    """A self-contained HTML page: a click opens a card, the print button lays out one card a page.

    Math becomes MathML, so that it needs no script and no network.
    """
    import jinja2
    from markupsafe import Markup

    text = resources.files("autograder.publishing").joinpath("cards.html.j2").read_text(encoding="utf-8")
    shown = [
        {"question": Markup(to_html(card.question)), "answer": Markup(to_html(card.answer))} for card in cards
    ]
    return (
        jinja2.Environment(autoescape=True)
        .from_string(text)
        .render(title=title, cards=shown, font=Markup(font_face() + formula_style()))
    )


def pdf(html: Path, to: Path) -> None:
    """Print a page to PDF with an installed Chromium. Raises ToolError where there is none or it fails."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise ToolError(
            f"no Chromium found ({', '.join(BROWSERS[:3])}). Open {html} in any browser and print it there."
        )
    with tempfile.TemporaryDirectory() as profile:
        made = Path(profile) / "cards.pdf"
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
        ]
        command += ["--disable-component-update", "--disable-sync", f"--user-data-dir={profile}/user"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium refuses its sandbox to root
        command += ["--no-pdf-header-footer", f"--print-to-pdf={made}", html.resolve().as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired as error:
            raise ToolError(f"{browser} did not print {html} within two minutes.") from error
        if done.returncode or not made.exists():
            raise ToolError(f"{browser} could not print {html}: {done.stderr.strip()[-300:]}")
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made, to)
