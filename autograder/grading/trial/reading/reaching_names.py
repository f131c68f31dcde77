"""Names by which code reaches past values: to files, the process, the shell, the text of functions.

Tables of names as they are read, imports resolved: `np.load` is numpy.load. A name that is not listed is
taken for one that only computes; the trial finds what the lists do not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

SHELL = re.compile(r"In|Out|_{1,3}|_i{1,3}|_i?\d+|_ih|_oh|_dh")
"""What IPython keeps of earlier cells."""

OF_FILES = _OPENS, _FILES = "opens a file", "reads or writes files"
"""What is said of code that reaches the files beside the notebook, or others."""

BUILTINS: Mapping[str, str] = {
    **dict.fromkeys(["exec", "eval", "compile", "__import__", "execfile"], "runs code from a text"),
    **dict.fromkeys(["globals", "locals", "vars", "dir", "help"], "looks into the names of the process"),
    "open": _OPENS,
    "id": "asks for the identity of an object",
    "memoryview": "looks at the memory of an object",
    "get_ipython": "uses the shell",
    **dict.fromkeys(["exit", "quit", "breakpoint"], "stops the process"),
    "input": "asks for input",
}

_PROCESS = "reaches into the process"
_TEXT, _RUNS, _TIME = "looks at the text of functions", "runs code from a text", "measures time"
_PATCHES, _RANDOM = "patches", "seeds, or looks at, a random generator's state"
_FIGURES = "looks at the current figure of pyplot"

MODULES: Mapping[str, str] = {
    **dict.fromkeys(
        [
            "os", "io.open", "io.FileIO", "pathlib", "shutil", "glob", "tempfile", "fileinput", "filecmp",
            "fnmatch", "sqlite3", "pickle", "cPickle", "dill", "cloudpickle", "shelve", "dbm", "zipfile",
            "tarfile", "gzip", "bz2", "lzma", "h5py", "joblib", "imageio", "openpyxl", "netCDF4", "mmap",
            "urllib.request", "requests", "socket", "http", "ftplib", "smtplib", "scipy.io", "skimage.io",
        ],
        _FILES,
    ),
    **dict.fromkeys(
        [
            "sys", "builtins", "gc", "threading", "signal", "subprocess", "multiprocessing", "concurrent",
            "asyncio", "ctypes", "cffi", "weakref", "atexit", "faulthandler", "resource", "tracemalloc",
            "site", "sysconfig", "platform", "logging", "locale", "contextvars", "warnings", "select",
            "selectors", "pty", "pdb", "bdb", "profile", "cProfile", "psutil", "IPython", "ipykernel",
            "nbformat", "__main__", "importlib", "pkgutil", "copyreg", "marshal", "zipimport",
        ],
        _PROCESS,
    ),
    **dict.fromkeys(
        [
            "inspect", "dis", "ast", "tokenize", "symtable", "traceback", "linecache", "types.CodeType",
            "typing.get_type_hints", "dataclasses.fields", "dataclasses.asdict", "dataclasses.astuple",
            "dataclasses.is_dataclass", "pydoc", "opcode",
        ],
        _TEXT,
    ),
    **dict.fromkeys(["runpy", "code", "codeop", "doctest", "unittest.main"], _RUNS),
    **dict.fromkeys(
        [f"unittest.{one}" for one in "TextTestRunner TestLoader defaultTestLoader TestSuite".split()], _RUNS
    ),
    **dict.fromkeys(["unittest.mock", "mock", "pytest.MonkeyPatch", "forbiddenfruit"], _PATCHES),
    **dict.fromkeys(
        [
            "time.time", "time.time_ns", "time.perf_counter", "time.perf_counter_ns", "time.process_time",
            "time.process_time_ns", "time.monotonic", "time.monotonic_ns", "time.thread_time", "time.clock",
            "timeit", "func_timeout", "timeout_decorator", "stopit",
        ],
        _TIME,
    ),
    **dict.fromkeys(["pytest.warns", "pytest.deprecated_call", "pytest.main"], "catches warnings"),
    **dict.fromkeys(["numpy.seterr", "numpy.errstate", "numpy.seterrcall"], "changes how numpy warns"),
    **dict.fromkeys(["numpy.set_printoptions", "numpy.printoptions"], "changes how numpy prints"),
    **dict.fromkeys(["numpy.shares_memory", "numpy.may_share_memory"], "asks whether arrays share memory"),
    **dict.fromkeys(
        [
            "numpy.load", "numpy.save", "numpy.savez", "numpy.savez_compressed", "numpy.loadtxt",
            "numpy.savetxt", "numpy.genfromtxt", "numpy.fromfile", "numpy.memmap", "numpy.fromregex",
            "numpy.DataSource", "numpy.lib.npyio", "numpy.lib.format",
        ],
        _FILES,
    ),
    **dict.fromkeys(["decimal.getcontext", "decimal.setcontext", "decimal.localcontext"], _PROCESS),
    **dict.fromkeys(
        [f"matplotlib.pyplot.{one}" for one in "gca gcf sca get_fignums fignum_exists close clf cla".split()],
        _FIGURES,
    ),
}  # fmt: skip
"""A module or one of its members, with all that is below it."""

HARMLESS = frozenset(
    "sys.float_info sys.maxsize sys.version_info sys.version sys.byteorder os.linesep os.sep".split()
    + [f"os.path.{one}" for one in "join basename dirname split splitext normpath sep".split()]
    + ["weakref.ref"]
)
"""Members of listed modules that only compute."""

ATTRIBUTES: Mapping[str, str] = {
    **dict.fromkeys(
        "read_text write_text read_bytes write_bytes to_csv to_excel to_pickle to_sql to_parquet to_hdf"
        " to_feather to_stata to_json savefig imsave imread imwrite tofile fromfile iterdir mkdir rmdir"
        " unlink touch is_file is_dir load save dump open savetxt loadtxt genfromtxt memmap".split(),
        _FILES,
    ),
    **dict.fromkeys(
        "seed get_state set_state getstate setstate bit_generator reseed set_random_seed manual_seed"
        " random_seed".split(),
        _RANDOM,
    ),
    **dict.fromkeys("patch mock setitem delitem monkeypatch assert_called_with".split(), _PATCHES),
    **dict.fromkeys("run_line_magic run_cell_magic run_cell".split(), "uses the shell"),
    **dict.fromkeys("setrecursionlimit settrace setprofile rcParams rc_context set_option".split(), _PROCESS),
    **dict.fromkeys("gi_frame gi_code cr_frame f_locals f_globals tb_frame f_back co_code".split(), _TEXT),
}
"""Attributes that are flagged whatever they belong to."""
READERS = re.compile(r"read_[a-z]\w*")
"""pandas.read_csv and its sisters."""

OPERATORS = frozenset(
    f"__{one}__"
    for one in (
        "eq ne lt le gt ge contains hash bool add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv"
        " mod rmod pow rpow matmul rmatmul and rand or ror xor rxor lshift rlshift rshift rrshift neg pos abs"
        " invert iadd isub imul"
    ).split()
)
"""Special methods by which an object answers a comparison or an operator."""


def reaches(dotted: str) -> str:
    """What the name of a library's member does, '' where it only computes."""
    if dotted in HARMLESS:
        return ""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        found = MODULES.get(".".join(parts[:end]))
        if found:
            return found
    if READERS.fullmatch(parts[-1]) and parts[0] in ("pandas", "polars", "geopandas"):
        return _FILES
    return ATTRIBUTES.get(parts[-1], "")
