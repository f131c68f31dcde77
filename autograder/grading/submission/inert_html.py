"""HTML of a submission that does nothing on an instructor's page but show itself.

nbgrader's formgrader puts what learners wrote into its own page, where a script could set marks and open a
terminal. Here a list says which elements, attributes and addresses may stay. What passes `is_inert` is
written so plainly that every browser reads it alike: each `<` begins an allowed tag, each value stands in
double quotes, and no element is allowed whose content is read otherwise than as HTML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from urllib.parse import unquote

TAG = re.compile(r'<(/?)([A-Za-z][A-Za-z0-9]*)((?:\s+[A-Za-z-]+(?:="[^"<>]*")?)*)\s*/?>')
_ATTRIBUTE = re.compile(r'([A-Za-z-]+)(?:="([^"<>]*)")?')
_CHECKBOX = re.compile(
    r'<input class="task-list-item-checkbox" type="checkbox" disabled(?:="")?(?: checked)?/>'
)

_ELEMENTS = frozenset(
    "a abbr b blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption"
    " figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub"
    " summary sup table tbody td tfoot th thead tr tt u ul var".split()
)
_WITHOUT_END = frozenset({"br", "col", "hr", "img", "input"})
_NUMBER = re.compile(r"-?\d{1,6}(?:\.\d{1,6})?(?:px|em|%)?").fullmatch
_WORD = re.compile(r"[\w -]{0,100}").fullmatch
_COLOR = re.compile(r"#?\w{1,30}").fullmatch
# nbgrader's own page acts on classes and ids: those of pandas, of Markdown and of highlighted code may stay.
_CLASS = re.compile(
    r"dataframe|highlight|anchor-link|headerlink|mermaid|jp-Mermaid|language-[\w+#-]+|task-list-item"
    r"|[a-z][a-z0-9]?|err|bp|fm|vc|vg|vi|vm|ansi-[\w-]+"
).fullmatch

_SOURCE = r"(?:\./)?(?:[\w -]+/)*[\w .-]+\.(?:%s)"
_PICTURES = "png|jpe?g|gif|webp"
_BESIDE = re.compile(_SOURCE % f"{_PICTURES}|csv|tsv|txt|ipynb|py|json|pdf|md", re.I).fullmatch
_PICTURE_BESIDE = re.compile(_SOURCE % f"{_PICTURES}|svg", re.I).fullmatch
_PICTURE_WITHIN = re.compile(
    r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*", re.I
).fullmatch
_ELSEWHERE = re.compile(
    r"https?://[\w.~:/?#@!$&'()*+,;=%-]+|mailto:[\w.+@%-]+|#[\w.~%:,()-]*", re.I
).fullmatch

_STYLES = frozenset(
    "background-color border border-bottom border-collapse border-left border-right border-spacing border-top"
    " border-color border-style border-width color display font-family font-size font-style font-variant"
    " font-weight height letter-spacing line-height max-height max-width min-width overflow padding"
    " padding-bottom padding-left padding-right padding-top text-align text-decoration text-indent"
    " vertical-align white-space width word-break".split()
)
_STYLE_VALUE = re.compile(r"(?:[\w\s.,#%+-]|rgba?\([\d\s.,%]*\))*").fullmatch


def leads_somewhere_harmless(address: str) -> bool:
    """Whether a link may have this address: a page elsewhere, or a harmless file beside the notebook.

    Not the server's own pages: a file `x.html` of the learner's, or a crafted address of the formgrader,
    would run in the instructor's session.
    """
    address = unescape(address)
    if "formgrader" in unquote(address).lower():
        return False
    return bool(_ELSEWHERE(address) or _BESIDE(unquote(address)))


def shows_a_picture(address: str) -> bool:
    """Whether a picture may have this address: its own data, or a file beside the notebook."""
    address = unescape(address)
    return bool(_PICTURE_WITHIN(address) or _PICTURE_BESIDE(unquote(address)))


def _is_harmless_class(value: str) -> bool:
    return all(map(_CLASS, value.split()))


def _is_harmless_style(value: str) -> bool:
    for declaration in filter(str.strip, unescape(value).split(";")):
        name, _, what = declaration.partition(":")
        if name.strip().lower() not in _STYLES or not _STYLE_VALUE(what):
            return False
    return True


_EVERYWHERE: Mapping[str, object] = {
    "title": lambda value: True,
    "alt": lambda value: True,
    "align": _WORD,
    "valign": _WORD,
    "lang": _WORD,
    "dir": _WORD,
    "class": _is_harmless_class,
    "style": _is_harmless_style,
    "width": _NUMBER,
    "height": _NUMBER,
    "border": _NUMBER,
}
_OF_AN_ELEMENT: Mapping[tuple[str, str], object] = {
    ("a", "href"): leads_somewhere_harmless,
    ("img", "src"): shows_a_picture,
    ("details", "open"): _WORD,
    ("font", "color"): _COLOR,
    ("ol", "start"): _NUMBER,
    ("ol", "type"): _WORD,
    ("li", "value"): _NUMBER,
    ("table", "cellpadding"): _NUMBER,
    ("table", "cellspacing"): _NUMBER,
    **{(f"h{level}", "id"): lambda value: True for level in range(1, 7)},  # Markdown's own, for links
    **{(cell, name): _NUMBER for cell in ("td", "th") for name in ("colspan", "rowspan")},
    **{(cell, "scope"): _WORD for cell in ("td", "th")},
}


def may_stay(element: str, attribute: str, value: str) -> bool:
    """Whether an attribute with this value does nothing but show.

    Args:
        element: The element's name, in small letters.
        attribute: The attribute's, likewise.
        value: As it is written, with its entities.
    """
    decide = _OF_AN_ELEMENT.get((element, attribute)) or _EVERYWHERE.get(attribute)
    return callable(decide) and not re.search('["<>]', value) and bool(decide(value))


def is_inert_tag(tag: str) -> bool:
    """Whether a tag, from `<` to `>`, is of an allowed element with allowed attributes, plainly written."""
    if _CHECKBOX.fullmatch(tag):
        return True
    found = TAG.fullmatch(tag)
    if not found or found[2].lower() not in _ELEMENTS:
        return False
    attributes = _ATTRIBUTE.findall(found[3])
    return all(may_stay(found[2].lower(), name.lower(), value) for name, value in attributes)


def is_inert(html: str) -> bool:
    """Whether a piece of HTML runs nothing and loads nothing from elsewhere.

    Nor does it end an element of the page that it did not begin, or hold an active TeX command.
    """
    text = []
    is_open: list[str] = []
    for part in re.split(r"(<[^<>]*>)", html):
        if part.startswith("<") and part.endswith(">"):
            if not is_inert_tag(part) or not _nests(part, is_open):
                return False
        elif "<" in part:
            return False
        else:
            text.append(part)
    return not is_open and not _ACTIVE_TEX.search(unescape("".join(text)))


def _nests(tag: str, is_open: list[str]) -> bool:
    """Take a tag in; False where it ends another element than the one begun last. Changes `is_open`."""
    found = TAG.match(tag)
    if not found or (name := found[2].lower()) in _WITHOUT_END:
        return True
    if not found[1]:
        is_open.append(name)
        return True
    return bool(is_open) and is_open.pop() == name


# Commands of MathJax that make links, attributes, styles or load extensions. nbgrader's page asks MathJax to
# refuse what is harmful in them; other pages may not.
_ACTIVE_TEX = re.compile(
    r"\\(?=(?:href|url|class|cssId|style|require|data|mmlToken|bbox|texttip|mathtip|action|includegraphics"
    r"|html[A-Za-z]*)(?![A-Za-z]))"
)
_ENTITY = re.compile(r"&(?:#[xX]?[0-9a-fA-F]+|[A-Za-z]\w*);?")


def without_active_tex(text: str) -> str:
    r"""The text with a space in every such command (`\ href`), which shows it instead of obeying it."""
    if not _ACTIVE_TEX.search(unescape(text)):
        return text
    return _ACTIVE_TEX.sub(r"\\ ", plain_entities(text))


def plain_entities(text: str) -> str:
    """The text with each entity of an ASCII character as the character, but for those that HTML needs."""

    def plain(entity: re.Match[str]) -> str:
        sign = unescape(entity[0])
        if sign.isascii() and len(sign) == 1 and sign not in "<>&\"'":
            return sign if sign.isprintable() else " "
        return entity[0]

    return _ENTITY.sub(plain, text)


_UNSHOWN = re.compile(r"<(script|style|template|noscript|title|textarea)\b.*?</\1\s*>", re.I | re.S)


def inert_html(html: str) -> str | None:
    """The HTML with what may stay of it; None where nothing can be made of it."""
    if is_inert(html):
        return html
    import bleach
    from bleach.css_sanitizer import CSSSanitizer

    cleaned = bleach.clean(
        _UNSHOWN.sub("", html),  # bleach would show what stands in them
        tags=_ELEMENTS,
        attributes=may_stay,
        protocols=("http", "https", "mailto", "data"),
        css_sanitizer=CSSSanitizer(allowed_css_properties=_STYLES),
        strip=True,
    )
    cleaned = without_active_tex(cleaned)
    return cleaned if is_inert(cleaned) else None
