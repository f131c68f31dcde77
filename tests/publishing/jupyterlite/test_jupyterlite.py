"""The in-browser edition's wheels and lock: what lies on the site, what on the CDN, by which hash."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.core.distribution import DISTRIBUTION
from autograder.core.errors import BuildError, ToolError
from autograder.publishing.jupyterlite import build, bytecode, downloads, environment, lock, wheels

ROOT = Path(__file__).parents[3]
LISTED = dict(
    re.findall(
        r"^([\w.-]+)==([^\s\\]+)", (Path(downloads.__file__).parent / downloads.WHEELS).read_text(), re.M
    )
)


def entry(name: str, file: str, depends: list[str]) -> dict[str, object]:
    """An entry of Pyodide's lock."""
    return {
        "name": name,
        "version": "1.0",
        "file_name": file,
        "sha256": f"npm's hash of {name}",
        "depends": depends,
        "imports": [name],
    }


NPM = {
    "info": {"python": "3.14.2"},
    "packages": {
        "numpy": entry("numpy", "numpy-1.0-cp314-wasm32.whl", []),
        "matplotlib": entry("matplotlib", "matplotlib-1.0-cp314-wasm32.whl", ["numpy"]),
        "prompt_toolkit": entry("prompt_toolkit", "prompt_toolkit-1.0-py3-none-any.whl", ["numpy"]),
    },
}


def test_compiled_packages_stay_on_the_cdn_by_npms_hash() -> None:
    written = lock.rewrite(NPM, [])["packages"]["numpy"]
    assert (
        written["file_name"]
        == f"https://cdn.jsdelivr.net/pyodide/v{downloads.PYODIDE}/full/numpy-1.0-cp314-wasm32.whl"
    )
    assert written["sha256"] == "npm's hash of numpy"


def test_wheels_of_the_site_have_their_own_hash(tmp_path: Path) -> None:
    made = [
        wheels.read(path) for path in (*wheels.own(tmp_path), wheels.stub(tmp_path, "prompt-toolkit", "1.0"))
    ]
    written = lock.rewrite(NPM, made)["packages"]
    own, figures = written[DISTRIBUTION], written[wheels.FIGURES]
    assert own["imports"] == ["autograder"] and "numpy" not in own["depends"]
    assert figures["imports"] == ["autograder.study.figures"]
    assert figures["depends"] == [DISTRIBUTION, "matplotlib", "numpy"]
    for one in (own, figures, written["prompt_toolkit"]):
        assert one["sha256"] == hashlib.sha256((tmp_path / one["file_name"]).read_bytes()).hexdigest()
    assert lock.addresses(lock.rewrite(NPM, made), ["matplotlib"])[1].endswith("/numpy-1.0-cp314-wasm32.whl")


def test_our_wheel_is_what_a_notebook_imports_and_no_more(tmp_path: Path) -> None:
    own, _ = wheels.own(tmp_path)
    names = zipfile.ZipFile(own).namelist()
    assert {"autograder/__init__.py", "autograder/study/deck.js", "autograder/core/judge.py"} <= set(names)
    assert not [name for name in names if name.split("/")[1] in ("grading", "authoring", "classroom", "cli")]
    code = f"import sys; sys.path.insert(0, {str(own)!r}); import autograder; print(autograder.__file__)"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert str(own) in done.stdout
    assert own.read_bytes() == wheels.own(tmp_path)[0].read_bytes()


def test_a_lighter_wheel_keeps_its_license(tmp_path: Path) -> None:
    heavy = tmp_path / "pygments-2.0-py3-none-any.whl"
    light = tmp_path / "light"
    light.mkdir()
    names = [
        "pygments/lexer.py",
        "pygments/lexers/python.py",
        "pygments/lexers/cobol.py",
        "pygments/tests/test_x.py",
    ]
    about = ["pygments-2.0.dist-info/METADATA", "pygments-2.0.dist-info/licenses/LICENSE"]
    wheels.write(heavy, ((name, b"Name: pygments\nVersion: 2.0\n") for name in names + about))
    kept = zipfile.ZipFile(wheels.lighten(heavy, light)).namelist()
    assert kept == [*names[:2], *about]


def test_bytecode_takes_the_place_of_its_source(tmp_path: Path) -> None:
    path = wheels.write(tmp_path / "a.whl", iter([("a/b.py", b"b = 1"), ("a/c.py", b"c = 1")]))
    bytecode.put_into(path, {"/site/a/b.py": b"code", "/elsewhere/a/c.py": b"other"}, "/site")
    archive = zipfile.ZipFile(path)
    assert {name: archive.read(name) for name in archive.namelist()} == {
        "a/b.pyc": b"code",
        "a/c.py": b"c = 1",
    }


def test_the_list_agrees_with_the_lock() -> None:
    """What a learner has in both editions is one version; anywidget's page and Python must match."""
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / "requirements.lock").read_text(), re.M))
    shared = (
        "anywidget comm fsrs ipywidgets latex2mathml markdown-it-py mdit-py-plugins mdurl psygnal".split()
    )
    assert {name: LISTED[name] for name in shared} == {name: locked[name] for name in shared}


def test_the_versions_are_the_kernels() -> None:
    try:
        lite = environment.find(ROOT)
    except ToolError as error:
        pytest.skip(str(error))
    code = (
        "from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION as a, PYODIDE_PYTHON_VERSION as b"
    )
    command = [str(lite.python), "-c", f"{code}; print(a, b)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [downloads.PYODIDE, downloads.PYTHON]


def an_environment(monkeypatch: pytest.MonkeyPatch, root: Path, versions: dict[str, str]) -> Path:
    """A course whose `.venv-lite` says that `versions` are installed; no other environment has any."""
    python = root / environment.FOLDER / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setattr(environment.autograder, "__file__", str(root / "autograder" / "__init__.py"))
    monkeypatch.setattr(environment, "PYTHON", Path("bin/python"))
    monkeypatch.setattr(environment, "_ask", lambda one: (one.parents[1], versions if one == python else {}))
    return python


def test_jupyterlite_is_found_in_its_own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    versions = dict.fromkeys(environment.NAMES, environment.VERSION)
    python = an_environment(monkeypatch, tmp_path, versions)
    found = environment.find(tmp_path)
    assert found.python == python and found.kernel.is_relative_to(tmp_path / environment.FOLDER)


@pytest.mark.parametrize(
    ("versions", "words"),
    [({}, "make .venv-lite/ready"), ({"jupyterlite-core": "0.1.0"}, "jupyterlite-core: 0.1.0 is installed")],
    ids=["none", "another"],
)
def test_without_the_right_jupyterlite_the_error_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, versions: dict[str, str], words: str
) -> None:
    an_environment(monkeypatch, tmp_path, versions)
    with pytest.raises(ToolError, match=words):
        environment.find(tmp_path)


def test_the_list_of_what_is_fetched_is_complete_or_not(tmp_path: Path) -> None:
    (tmp_path / f"pyodide-{downloads.PYODIDE}").mkdir()
    assert not downloads.is_complete(tmp_path)
    downloads._wheels_folder(tmp_path).mkdir()
    assert downloads.is_complete(tmp_path)


def test_run_all_goes_on_where_jupyterlite_would_stop(tmp_path: Path) -> None:
    """One script of JupyterLite is changed; where it is not as it was, the build says so."""
    (tmp_path / "build").mkdir()
    script = tmp_path / "build" / "1.js"
    script.write_text(f"a({{{build.REPLY}}})", encoding="utf-8")
    assert build._go_on_after_a_check(tmp_path) == script.read_text(encoding="utf-8")
    assert "stop_on_error" in script.read_text(encoding="utf-8")
    script.write_text("another", encoding="utf-8")
    with pytest.raises(BuildError, match="not that of the version"):
        build._go_on_after_a_check(tmp_path)
