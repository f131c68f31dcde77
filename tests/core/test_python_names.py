"""One reader says which names a cell binds, changes and needs. `f` is the name in question."""

import pytest

from autograder.core.python_names import names_in


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("f = 1", "bound"),
        ("f, (g, *h) = v", "bound"),
        ("f: int = 1", "bound"),
        ("f += 1", "bound read"),
        ("(f := 1)", "bound"),
        ("[f := x for x in v]", "bound"),
        ("for f in v: pass", "bound"),
        ("async for f in v: pass", "bound"),
        ("with v as f: pass", "bound"),
        ("try: pass\nexcept E as f: pass", "bound"),
        ("match v:\n    case [f]: pass", "bound"),
        ("match v:\n    case {'a': 1, **f}: pass", "bound"),
        ("def f(): pass", "bound"),
        ("async def f(): pass", "bound"),
        ("class f: pass", "bound"),
        ("import f", "bound"),
        ("import f.x", "bound"),
        ("import x as f", "bound"),
        ("from x import f", "bound"),
        ("def g():\n    global f\n    f = 1", "bound"),
        ("f: int", ""),
        ("del f", "mutated read"),
        ("del (f, g)", "mutated read"),
        ("f[0] = 1", "mutated read"),
        ("f.x = 1", "mutated read"),
        ("f.x[0].y += 1", "mutated read"),
        ("del f[0]", "mutated read"),
        ("f.append(1)", "mutated read"),
        ("f[0].x.sort()", "mutated read"),
        ("def g():\n    f[0] = 1", "mutated read"),
        ("[f.append(x) for x in v]", "mutated read"),
        ("def g(x=f.pop()): pass", "mutated read"),
        ("def g(f=f.pop()): pass", "mutated read"),
        ("print(f)", "read"),
        ("await f", "read"),
        ("def g(): return f", "read"),
        ("def g():\n    def h(): return f\n    return h", "read"),
        ("class A:\n    n = f", "read"),
        ("class A:\n    f = f", "read"),
        ("[x for x in f]", "read"),
        ("@f\ndef g(): pass", "read"),
        ("x: f", "read"),
        # Names of other scopes
        ("def g(f): return f", ""),
        ("lambda f: f", ""),
        ("[f for f in v]", ""),
        ("{f: f.pop() for f in v}", ""),
        ("def g():\n    f = 1\n    return f", ""),
        ("def g():\n    f = []\n    f.append(1)", ""),
        ("def g():\n    f = []\n    def h(): f.append(1)", ""),
        ("def g():\n    import f\n    del f", ""),
        ("class A:\n    f = 1", ""),
        ("x.f = 1", ""),
        ("v(f=1)", ""),
    ],
)
def test_what_happens_to_a_name(source: str, what: str) -> None:
    names = names_in(source)
    said = {"bound": "f" in names.bound, "mutated": "f" in names.mutated, "read": "f" in names.read}
    assert [word for word, holds in said.items() if holds] == what.split()


def test_an_import_is_told_from_what_else_binds() -> None:
    names = names_in("import f\nfrom x import g as h\nk = 1")
    assert (names.imported, names.assigned) == ({"f", "h"}, {"k"})


def test_two_lambdas_on_a_line_are_not_mixed_up_to_miss_a_change() -> None:
    assert names_in("a = [lambda f: f.pop(), lambda: f.pop()]").mutated == {"f"}


@pytest.mark.parametrize("source", ["%matplotlib inline", "f(", "nonlocal f"])
def test_what_is_no_plain_python_is_a_syntax_error(source: str) -> None:
    with pytest.raises(SyntaxError):
        names_in(source)
