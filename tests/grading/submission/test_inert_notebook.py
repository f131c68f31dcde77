"""What a learner wrote does nothing in the instructor's page; what is honest stays byte for byte."""

from __future__ import annotations

import json
import random
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.grading.assignment.snapshot import NotebookSnapshot
from autograder.grading.submission import notebook_file
from autograder.grading.submission.inert_html import inert_html, is_inert
from autograder.grading.submission.inert_markdown import inert_markdown
from autograder.grading.submission.inert_notebook import inert_notebook
from tests.support import page_attacks

HONEST = [
    "a <b and $a<b$, `x <y`, **bold** & more\n\n> quoted\n\n- [x] done\n- [ ] not\n",
    "<details><summary>Check</summary>\n\nmath $x^2$ and $\\alpha_{i}$\n\n</details>",
    '| a | b |\n|:--|--:|\n| 1 | 2 |\n\n# A *heading* with "quotes"\n\n[l](https://a.org/x_(y)) ![](p.png)',
    "```python\nif a < b: print('<script>')\n```\n\n<br>\n<p align=\"center\"><b>x</b></p>",
    "\\begin{align} a &< b \\\\ c &= d \\end{align}\n\n$$\\newcommand{\\x}{1} \\x$$ and <https://numpy.org>",
    "![data](data:image/png;base64,AAAA)",
]


@pytest.mark.parametrize("source", HONEST)
def test_honest_markdown_stays_as_it_is(source: str) -> None:
    assert inert_markdown(source) == source


def rendered(source: str) -> str:
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    return MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(source)


class Reader(HTMLParser):
    """Another way to read a page: what in it could act."""

    def __init__(self, html: str):
        super().__init__()
        self.found: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in (
            "script",
            "style",
            "iframe",
            "object",
            "embed",
            "base",
            "meta",
            "link",
            "form",
            "svg",
            "math",
        ):
            self.found.append(tag)
        for name, value in attrs:
            address = re.sub(r"[\x00-\x20]", "", value or "").lower()
            if (
                name.startswith("on")
                or name in ("srcset", "srcdoc", "formaction")
                or name.startswith("data-")
            ):
                self.found.append(name)
            if name in ("href", "src") and re.match(r"(?!https?:|mailto:|data:image/)[a-z]+:|//", address):
                self.found.append(address)
            if tag == "img" and name == "src" and address.startswith("http"):
                self.found.append(address)


ATTACKS = {**page_attacks.HTML, **page_attacks.MARKDOWN}


@pytest.mark.parametrize("name", ATTACKS)
def test_no_attack_in_markdown_is_left(name: str) -> None:
    made = inert_markdown(f"before\n\n{ATTACKS[name]}\n\nafter")
    assert Reader(rendered(made)).found == []
    assert "before" in made and "after" in made
    assert inert_markdown(made) == made


@pytest.mark.parametrize("name", ATTACKS)
def test_no_attack_in_html_is_left(name: str) -> None:
    made = inert_html(f"<p>before</p>{ATTACKS[name]}<p>after</p>")
    assert made is not None and Reader(made).found == []
    assert "before" in made


@given(
    st.lists(
        st.sampled_from([*ATTACKS.values(), *HONEST, "`", "$", "\n", '"', "<", ">", "](", "&#60;"]),
        max_size=6,
    ),
    st.randoms(),
)
def test_pieces_of_attacks_put_together_do_nothing(pieces: list[str], chance: random.Random) -> None:
    text = "".join(piece[chance.randrange(len(piece)) :] for piece in pieces)
    assert Reader(rendered(inert_markdown(text))).found == []
    made = inert_html(text)
    assert made is None or Reader(made).found == []


def test_a_table_of_pandas_keeps_its_form() -> None:
    rows = '<tbody><tr style="text-align: right;"><th>a &lt; b</th></tr></tbody>'
    table = f'<table border="1" class="dataframe">\n{rows}</table>'
    assert (
        inert_html(f"<div>\n<style scoped>\n.dataframe th {{}}\n</style>\n{table}</div>")
        == f"<div>\n\n{table}</div>"
    )


@pytest.mark.parametrize(
    "html",
    [
        "</div>",
        "<div>",
        "<b></i>",
        "<img src='x.png'>",
        "<b <i>",
        "<textarea></textarea>",
        "<p id=x>",
        "<!-- x -->",
    ],
)
def test_only_plain_and_balanced_tags_are_inert(html: str) -> None:
    assert is_inert("<b>x</b><br>")
    assert not is_inert(html)


def notebook(*cells: dict[str, object], **metadata: object) -> bytes:
    return notebook_file.write(
        {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    )


def shown(*outputs: dict[str, object], **more: object) -> dict[str, object]:
    code = {"cell_type": "code", "id": "c", "metadata": {}, "source": "x", "execution_count": 1}
    return {**code, "outputs": list(outputs), **more}


def only(data: bytes, assignment: NotebookSnapshot | None = None) -> dict[str, object]:
    (cell,) = json.loads(inert_notebook(data, assignment))["cells"]
    return dict(cell)


def test_an_honest_notebook_is_the_same_bytes() -> None:
    result = {
        "output_type": "execute_result",
        "data": {"text/plain": "<b>\nx", "image/png": "AAAA\n", "application/json": {"a": ["<"]}},
        "metadata": {"image/png": {"width": 3, "height": 4}, "needs_background": "light"},
        "execution_count": 1,
    }
    text = {"output_type": "stream", "name": "stdout", "text": "a\n<script>\n"}
    error = {"output_type": "error", "ename": "E", "evalue": "<b>", "traceback": ["\x1b[31m<i>"]}
    page = {"cell_type": "markdown", "id": "m", "metadata": {"tags": ["x"]}, "source": "\n\n".join(HONEST)}
    data = notebook(shown(result, text, error), page, kernelspec={"name": "python3"}, toc={"base": 1})
    assert inert_notebook(data, None) == data


def test_the_instructors_text_stays_and_the_same_text_elsewhere_does_not() -> None:
    text = "<script>1</script>"
    page = {"cell_type": "markdown", "id": "m", "metadata": {}, "source": text}
    teachers = NotebookSnapshot("one", None, (), ({**page, "cell_type": "markdown"},))
    code = NotebookSnapshot("one", None, (), ({**page, "cell_type": "code"},))
    assert only(notebook(page), teachers)["source"] == [text]
    assert only(notebook(page), code)["source"] != [text]


def test_metadata_and_keys_that_a_page_would_follow_are_left_out() -> None:
    odd = {
        "image/png": {"width": "1 onload=x", "height": 2},
        "filenames": {"image/png": "http://e"},
        "isolated": True,
    }
    result = {
        "output_type": "display_data",
        "data": {"image/png": "AAAA"},
        "metadata": odd,
        "svg_filename": "http://e",
    }
    cell = only(
        notebook(
            shown(
                result,
                {"output_type": "unheard-of"},
                execution_count="<b>",
                metadata={"transient": {"remove_source": True}, "nbgrader": {"grade_id": '"><b>'}, "ok": [1]},
            )
        )
    )
    assert cell["outputs"] == [
        {
            "output_type": "display_data",
            "data": {"image/png": "AAAA"},
            "metadata": {"image/png": {"height": 2}},
        }
    ]
    assert cell["execution_count"] is None and cell["metadata"] == {"ok": [1]}


def test_what_needs_a_script_is_named_where_nothing_else_is_shown() -> None:
    only_script = {"output_type": "display_data", "data": {"application/javascript": "x"}, "metadata": {}}
    widget = {
        "output_type": "display_data",
        "data": {"application/x": "y", "text/plain": "Widget"},
        "metadata": {},
    }
    outputs = only(notebook(shown(only_script, widget)))["outputs"]
    assert [one["data"] for one in outputs] == [  # type: ignore[attr-defined]
        {"text/plain": ["(left out, since it could run here: application/javascript)"]},
        {"text/plain": ["Widget"]},
    ]
