"""What latex2mathml makes -> what browsers show as TeX would: spaces, letters of a font, limits, signs."""

from __future__ import annotations

import unicodedata
from xml.etree.ElementTree import Element

from autograder.rendering import latex_words as words

_NAMES = frozenset(word[1:] for word in words.FUNCTIONS | words.LIMITS) | {"lim\u2006inf", "lim\u2006sup"}
_UNDER = frozenset(word[1:] for word in words.LIMITS) | {"lim\u2006inf", "lim\u2006sup"}
_BIG = frozenset("∑∏∐⋂⋃⨆⋁⋀⨁⨂")
_SCRIPTED = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_BASED = frozenset((*_SCRIPTED, *_SCRIPTED.values()))
_THIN = "0.17em"
_BEFORE_A_NAME = frozenset("mi mn mfrac msup msub msubsup msqrt mroot mover munder munderover mstyle".split())
_BEFORE_A_SIGN = frozenset("([{,;=<>≤≥≈≡∼∝≠→|⟨↦")
"""After one of these a minus is a sign, not a difference. A | may close: see `_signs`."""
_OPERATORS = frozenset("⟵⟶⟷⟸⟹⟺⟼⤳⩽⩾⟂±⪯⪰⧵•⨁⨆")
"""Relations and the like that latex2mathml takes for letters, which have no space around them."""
_LINES = {"mover": "m-over-line", "munder": "m-under-line"}
_ACCENTS = frozenset("^~¯˙¨´`˘ˇ→˚⃛")
_FONTS = {
    "double-struck": "DOUBLE-STRUCK",
    "bold": "BOLD",
    "italic": "ITALIC",
    "bold-italic": "BOLD ITALIC",
    "script": "SCRIPT",
    "fraktur": "FRAKTUR",
    "sans-serif": "SANS-SERIF",
    "monospace": "MONOSPACE",
}
_NAMED_WIDTHS = {
    "negativethinmathspace": "-0.167em",
    "negativemediummathspace": "-0.222em",
    "negativethickmathspace": "-0.278em",
    "thinmathspace": "0.167em",
    "thickmathspace": "0.278em",
}


def mend(row: Element, display: str) -> None:
    """Change the elements below `row`, which were just converted, in place."""
    for parent in list(row.iter()):
        for child in list(parent):
            _leaf(child)
        _negate(parent)
        _signs(parent)
        _embrace(parent)
    if display == "block":
        for one in row.iter():
            _limits(one)
    for parent in list(row.iter()):
        _merge_upright(parent)
        _unwrap(parent)
        _tighten(parent)
        if parent.tag in ("mrow", "mstyle", "msqrt", "mphantom", "mpadded"):
            _spaces(parent)


def _leaf(one: Element) -> None:
    if one.tag in ("mi", "mn", "mo"):
        _sign(one)
    else:
        _layout(one)
    variant = one.get("mathvariant")
    if variant in _FONTS and one.tag in ("mi", "mn"):
        one.text = "".join(_letter(letter, _FONTS[variant]) for letter in one.text or "")
        del one.attrib["mathvariant"]


def _sign(one: Element) -> None:
    """Give a sign the element that browsers space it by."""
    text = one.text or ""
    if one.tag == "mi" and text in ("~", ":", ";", "\x7e"):
        one.tag, one.text = "mo", "∼" if text == "~" else text
    elif one.tag == "mi" and text in ("|", "‖"):
        one.tag = "mo"
        one.set("stretchy", "false")
    elif one.tag == "mi" and text and text in _OPERATORS:
        one.tag = "mo"
    elif one.tag == "mi" and text[:1] == "." and text[1:].isdigit():
        one.tag = "mn"
    elif one.tag == "mo" and text in _NAMES:
        one.attrib.update(lspace="0", rspace="0")


def _layout(one: Element) -> None:
    """Say boxes, bars, accents and spaces in the way that browsers know."""
    if one.tag == "mspace":
        one.set("width", _NAMED_WIDTHS.get(one.get("width", ""), one.get("width", "0")))
    elif one.tag == "menclose":
        one.tag, one.attrib = "mrow", {"class": "m-boxed"}
    elif one.tag in _LINES and len(one) == 2 and one[1].text == "\u2015":  # no font stretches this dash
        one.attrib = {"class": _LINES[one.tag]}
        one.tag = "mrow"
        one.remove(one[1])
    elif one.tag == "mover" and len(one) == 2 and one[1].tag == "mo" and one[1].text in _ACCENTS:
        one.set("accent", "true")
    elif one.tag == "mpadded" and one.get("width", "").startswith("+"):  # browsers know no such width
        one.tag, one.attrib = "mrow", {}
        one.insert(0, Element("mspace", width="0.4em"))
        one.append(Element("mspace", width="0.4em"))


def _letter(letter: str, font: str) -> str:
    """A letter or digit in a font of its own, as Unicode has it; the letter itself where it has none."""
    try:
        name = unicodedata.name(letter).removeprefix("MATHEMATICAL ITALIC ")
    except ValueError:
        return letter
    name = name.replace("LATIN ", "").replace("GREEK ", "").replace(" LETTER ", " ").replace("LUNATE ", "")
    for whole in (f"MATHEMATICAL {font} {name}", f"{font} {name}", f"BLACK-LETTER {name}"):
        if whole.startswith("BLACK-LETTER") and font != "FRAKTUR":
            continue
        try:
            return unicodedata.lookup(whole)
        except KeyError:
            continue
    return letter


def _negate(parent: Element) -> None:
    r"""\not and the sign after it become one sign."""
    for index in range(len(parent) - 2, -1, -1):
        one, after = parent[index], parent[index + 1]
        if one.tag == "mpadded" and len(one) == 1 and one[0].text == "\u29f8" and after.text:
            after.text = unicodedata.normalize("NFC", f"{after.text}\u0338")
            parent.remove(one)


def _signs(parent: Element) -> None:
    """A minus or plus after an opening bracket, a comma or a relation is a sign."""
    bars = 0
    for index, one in enumerate(parent):
        before = parent[index - 1] if index else None
        if one.tag != "mo":
            continue
        if one.text in ("−", "+", "±", "∓") and before is not None and before.tag == "mo":
            opens = before.get("form") == "prefix" or (
                before.text in _BEFORE_A_SIGN and before.get("form") != "postfix"
            )
            if opens and (before.text != "|" or bars % 2):
                one.set("form", "prefix")
        bars += one.text == "|"


def _embrace(parent: Element) -> None:
    """The exponent of a large bracket belongs to all that is in the pair, as whose part it can be large."""
    for one in list(parent):
        if one.tag not in _SCRIPTED or not len(one) or not _is_large(one[0], "postfix"):
            continue
        at, depth = list(parent).index(one), 1
        start = at
        while start and depth:
            start -= 1
            depth += _is_large(parent[start], "postfix") - _is_large(parent[start], "prefix")
        if depth:
            continue
        inside = Element("mrow")
        inside.extend(parent[start:at])
        inside.append(one[0])
        one[0] = inside
        del parent[start:at]


def _is_large(one: Element, form: str) -> bool:
    return one.tag == "mo" and "minsize" in one.attrib and one.get("form") == form


def _limits(one: Element) -> None:
    """What stands at a sum or a maximum goes below and above it; in a low line the browser puts it back."""
    if one.tag not in _SCRIPTED or not len(one):
        return
    base = one[0]
    if base.tag == "mo" and (base.text in _UNDER or base.text in _BIG or base.get("movablelimits") == "true"):
        one.tag = _SCRIPTED[one.tag]
        base.set("movablelimits", "true")


def _tighten(one: Element) -> None:
    """Indices have no space around their signs: x_{t-1}."""
    if one.tag in _BASED and not one.get("accent"):
        for script in one[1:]:
            for sign in script.iter("mo"):
                if len(sign.text or "") == 1 and sign.text != "," and "lspace" not in sign.attrib:
                    sign.attrib.update(lspace="0", rspace="0")


def _merge_upright(parent: Element) -> None:
    """The letters of a word in upright type are one name: KL, not K L."""
    index = 0
    while index + 1 < len(parent):
        one, after = parent[index], parent[index + 1]
        upright = one.get("mathvariant") == after.get("mathvariant") == "normal"
        primes = (one.text or "").strip("′") == (after.text or "").strip("′") == ""
        if one.tag == after.tag == "mi" and (upright or primes):
            one.text = f"{one.text or ''}{after.text or ''}"
            parent.remove(after)
        else:
            index += 1
    for one in parent:
        if one.tag == "mi" and one.get("mathvariant") == "normal" and len(one.text or "") > 1:
            del one.attrib["mathvariant"]  # a longer name is upright by itself


def _unwrap(parent: Element) -> None:
    """A row of one thing is that thing; but a sign in braces, {=}, is none that needs space."""
    for index, one in enumerate(parent):
        while one.tag == "mrow" and not one.attrib and len(one) == 1 and one[0].tag not in ("mo", "mspace"):
            one = one[0]
        parent[index] = one


def _core(one: Element) -> Element:
    """What carries the indices: the log of log_2."""
    while one.tag in _BASED and len(one):
        one = one[0]
    return one


def _is_name(one: Element) -> bool:
    core = _core(one)
    if core.tag == "mi":
        return core.text in _NAMES
    return core.tag == "mo" and len(core.text or "") > 1


def _spaces(row: Element) -> None:
    """A function's name keeps a distance from what stands on either side, unless that is a sign."""
    index = 0
    while index + 1 < len(row):
        one, after = row[index], row[index + 1]
        needs = (_is_name(one) and (after.tag not in ("mo", "mspace") or _is_name(after))) or (
            _is_name(after) and one.tag in _BEFORE_A_NAME and not _is_name(one)
        )
        if needs:
            row.insert(index + 1, Element("mspace", width=_THIN))
            index += 1
        index += 1
