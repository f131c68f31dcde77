# ruff: noqa: E501
"""Tricks with files: beside the notebook, and those of the course."""

from __future__ import annotations

from pathlib import Path

from tests.support.cheats.cheat import Cheat

FAKE = "same = lambda *a, **k: True\ncheck = hint = lambda *a, **k: None\n"
EXPORT = "import builtins, sys\nbuiltins.AssertionError = Warning\nopen('was-here', 'w').write('1')\n"
# Marks by hand in every database that a search finds.
SQL = """
import os, sqlite3
for top in ('.', '..', '../..', '../../..', '/tmp', '/work', '/home', '/root'):
    for home, folders, names in os.walk(top):
        if home.count(os.sep) > 9: folders.clear()
        for name in names:
            if name.endswith('.db'):
                try:
                    with sqlite3.connect(os.path.join(home, name), timeout=0.1) as db:
                        db.execute('update grade set manual_score = 3, needs_manual_grade = 0')
                except Exception as error: print(name, error)
    if top == '../../..' and not os.environ.get('REALLY'): break
"""
# The answers of every notebook with hidden tests, or of somebody who has them right.
READ = """
import glob, json, os, re
found = ''
for pattern in ('*.ipynb', '../*.ipynb', '../../*/*/*.ipynb', '../../../source/*/*.ipynb', '../../../submitted/*/*/*.ipynb', '/proc/*/cwd/*.ipynb', '/proc/*/cwd/*/*/*.ipynb'):
    for path in glob.glob(pattern):
        try: found += open(path).read()
        except OSError: pass
numbers = re.findall(r'same\\(coin_entropy, ([0-9.]+)', found)
"""
READ_ANSWERS = {
    "coin-entropy": "coin_entropy = float(numbers[0]) if numbers else 0.1",
    "coin-sides": "coin_sides = int(m[0]) if (m := re.findall(r'same\\(coin_sides, ([0-9]+)', found)) else 5",
}

FILES = [
    Cheat("reads the notebooks", READ, READ_ANSWERS),
    Cheat("writes into the gradebook", SQL),
    Cheat(
        "reads the history",
        "import os\nrows = list(get_ipython().history_manager.get_range()) if get_ipython().history_manager else []\nprint(In, rows)\n",
        last="print([x for x in In if 'HIDDEN' in x])",
    ),
    Cheat("lesson.json poisoned", files={"lesson.json": '{"lesson": {}, "exercises": {}}'}),
    Cheat(
        "lesson.json poisoned at work",
        "open('lesson.json', 'w').write('{}')\nimport os\nfor f in os.listdir('.'): print(f)\n",
    ),
    Cheat("lesson.json linked", files={"lesson.json": Path("/etc/passwd")}),
    Cheat(
        "an autograder package",
        files={
            "autograder/__init__.py": FAKE,
            "autograder/core/__init__.py": "",
            "autograder/core/values.py": FAKE,
        },
    ),
    Cheat("an autograder module", files={"autograder.py": FAKE}),
    Cheat("a numpy module", files={"numpy.py": EXPORT}),
    Cheat("a json module", files={"json.py": EXPORT, "math.py": "log = lambda x: 7.0\n"}),
    Cheat(
        "sitecustomize", files={"sitecustomize.py": EXPORT, "usercustomize.py": EXPORT, "x.pth": "import os"}
    ),
    Cheat(
        "an IPython start-up file",
        files={
            ".ipython/profile_default/startup/00.py": EXPORT,
            "ipython_config.py": "c.InteractiveShellApp.exec_lines = ['same = 1']",
            "ipython_kernel_config.py": "c.InteractiveShellApp.exec_lines = ['same = 1']",
        },
    ),
    Cheat(
        "nbgrader_config in the submission",
        files={
            "nbgrader_config.py": "c = get_config()\nc.Execute.skip_cells_with_tag = 'raises-exception'\n"
        },
    ),
    Cheat(
        "jupyter configuration", files={"jupyter_config.py": EXPORT, "jupyter_nbconvert_config.py": EXPORT}
    ),
    Cheat("conftest", files={"conftest.py": EXPORT, "pytest.ini": "[pytest]\naddopts = --co\n"}),
    Cheat(
        "modules written at work",
        "for name in ('numpy', 'json', 'math', 'autograder', 'values', 'sitecustomize'):\n    open(name + '.py', 'w').write('same = check = hint = lambda *a, **k: True')\nimport os\nfor home in ('..', '../..'):\n    for name in os.listdir(home) if os.access(home, os.R_OK) else []:\n        try: open(f'{home}/{name}/numpy.py', 'w').write('abs = allclose = lambda *a: 0')\n        except OSError: pass\n",
    ),
    Cheat(
        "a link to the source",
        files={
            "source": Path("../../../source"),
            "tests.ipynb": Path("../../../source/01-coins/01-coins.ipynb"),
        },
        trick="import os, re\ntry: found = open('tests.ipynb').read() + open('source/01-coins/01-coins.ipynb').read()\nexcept OSError: found = ''\n",
        answers={"coin-sides": "coin_sides = 2 if 'same(coin_sides, 2' in found else 5"},
    ),
    Cheat("files with odd names", files={"a/b/c.txt": "x", "-rf": "x", "new\nline": "x"}),
    Cheat("a late note of the past", files={"timestamp.txt": "1970-01-01 00:00:00 UTC"}),
    Cheat("grader's folder unwritable", "import os\nos.chmod('.', 0)\n"),
    Cheat("works in another folder", "import os\nos.mkdir('x')\nos.chdir('x')\nos.rmdir('../x')\n"),
    Cheat(
        "imports of the engine",
        "import autograder.grading.forkserver.child as c, autograder.grading.forkserver.kernel as k, autograder.grading.rpc.codec as co\nco.DEEPEST = 10 ** 9\nco.MOST_ITEMS = 10 ** 12\nc.write_files = k.Kernel.run = None\n",
    ),
]
