# ruff: noqa: E501
"""Tricks on the interpreter that the tests might run in: builtins, IPython, imports, frames, signals."""

from tests.support.cheats.cheat import Cheat

PASS = "lambda *a, **k: None"
YES = "lambda *a, **k: True"

NEUTER = """
import ast
class Neuter(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.copy_location(ast.Pass(), node)
    def visit_Call(self, node):
        self.generic_visit(node)
        if getattr(node.func, "id", "") in ("check", "same"):
            return ast.copy_location(ast.Constant(True), node)
        return node
    def visit_Name(self, node): return node
"""

KERNEL = [
    Cheat("AST transformer", NEUTER + "get_ipython().ast_transformers.append(Neuter())\n"),
    Cheat("input transformer", "get_ipython().input_transformers_post.append(lambda lines: ['pass\\n'])\n"),
    Cheat(
        "input transformer, cleaning up",
        "get_ipython().input_transformers_cleanup.append(lambda lines: [l for l in lines if 'assert' not in l and 'check' not in l])\n",
    ),
    Cheat("transform_cell replaced", "get_ipython().transform_cell = lambda raw: 'pass'\n"),
    Cheat(
        "run_cell replaced",
        "import types\nfrom IPython.core.interactiveshell import ExecutionResult, ExecutionInfo, InteractiveShell\nInteractiveShell.run_cell_async = lambda *a, **k: None\nInteractiveShell.run_code = lambda *a, **k: False\n",
    ),
    Cheat(
        "compile replaced",
        "import builtins\n_compile = compile\nget_ipython().compile.__class__.__call__ = lambda self, *a, **k: _compile('pass', 'x', 'exec')\nbuiltins.compile = lambda *a, **k: _compile('pass', 'x', 'exec')\nbuiltins.exec = "
        + PASS,
    ),
    Cheat(
        "builtins replaced",
        f"import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.all = builtins.any = builtins.isinstance = {YES}\nbuiltins.AssertionError = Warning\nbuiltins.__build_class__ = {PASS}\n",
    ),
    Cheat(
        "__builtins__ replaced",
        "__builtins__ = {'abs': lambda x: 0, 'AssertionError': Warning, '__import__': __import__}\n",
    ),
    Cheat(
        "AssertionError is no error",
        "import builtins\nclass A(Exception):\n    def __new__(cls, *a): return Exception.__new__(cls)\n    def _render_traceback_(self): return ['3.0']\nbuiltins.AssertionError = A\n",
    ),
    Cheat(
        "check replaced",
        f"check = {PASS}\nsame = {YES}\nimport autograder\nautograder.check = check\n",
        last=f"check = {PASS}",
    ),
    Cheat(
        "the judge replaced",
        f"import autograder.core.values as v, autograder.core.judge as j, autograder.study.check as c\nv.same = v.near = {YES}\nv.leaves = lambda value, form: [0]\nc.judge = j.judge = lambda task, answers: c.judge\n",
    ),
    Cheat(
        "the judge's code replaced",
        "import autograder.core.values as v, autograder.study.check as c\nv.same.__code__ = (lambda value, reference, within=0.0: True).__code__\nc.check.__code__ = (lambda exercise, **answers: None).__code__\nv.same.__defaults__ = (1e9,)\n",
    ),
    Cheat(
        "numpy replaced",
        f"import numpy, math\nnumpy.allclose = numpy.isclose = numpy.array_equal = {YES}\nnumpy.abs = numpy.full = lambda *a: 0.0\nmath.log = lambda x: 7.0\nmath.isclose = {YES}\n",
    ),
    Cheat(
        "the given names replaced",
        "import types\nnp = types.SimpleNamespace(array=lambda *a: 0, full=lambda *a: 0)\nmath = types.SimpleNamespace(log=lambda x: 7.0)\ncoin = [1.0]\n",
    ),
    Cheat(
        "modules replaced",
        f"import sys, types\nfake = types.ModuleType('autograder.core.values')\nfake.same = {YES}\nsys.modules['autograder.core.values'] = fake\nsys.modules['autograder'] = types.SimpleNamespace(check={PASS}, hint={PASS})\n",
    ),
    Cheat(
        "import hook",
        f"import sys, types, importlib.abc, importlib.machinery\nclass Hook(importlib.abc.MetaPathFinder, importlib.abc.Loader):\n    def find_spec(self, name, path, target=None):\n        if 'autograder' in name: return importlib.machinery.ModuleSpec(name, self)\n    def create_module(self, spec): return types.SimpleNamespace(same={YES}, check={PASS})\n    def exec_module(self, module): pass\nsys.meta_path.insert(0, Hook())\nfor name in [n for n in sys.modules if n.startswith('autograder')]: del sys.modules[name]\n",
    ),
    Cheat(
        "__import__ replaced",
        f"import builtins, types\n_old = builtins.__import__\nbuiltins.__import__ = lambda name, *a, **k: types.SimpleNamespace(same={YES}) if 'values' in name else _old(name, *a, **k)\n",
    ),
    Cheat(
        "a number displayed by hand",
        "import sys\nsys.displayhook(2.0)\nget_ipython().displayhook(2.0)\n",
        last="2.0",
    ),
    Cheat(
        "a display before each cell",
        "ip = get_ipython()\nip.events.register('pre_run_cell', lambda info: ip.displayhook(2.0))\nip.events.register('pre_execute', lambda: ip.displayhook(2.0))\n",
    ),
    Cheat(
        "a display after each cell",
        "ip = get_ipython()\nip.events.register('post_run_cell', lambda result: ip.displayhook(3.0))\nip.events.register('post_execute', lambda: ip.displayhook(3.0))\n",
    ),
    Cheat(
        "pre_run_cell corrects what it reads",
        "ip = get_ipython()\ndef peek(info):\n    for name in ('coin_sides',):\n        if 'same' in info.raw_cell: ip.user_ns[name] = eval(info.raw_cell.split(name + ', ')[-1].split(')')[0])\nip.events.register('pre_run_cell', peek)\n",
    ),
    Cheat(
        "do_execute faked",
        "ip = get_ipython()\nasync def fake(code, *a, **k): return {'status': 'ok', 'execution_count': 1, 'payload': [], 'user_expressions': {}}\nip.kernel.do_execute = fake\ntype(ip.kernel).do_execute = lambda self, *a, **k: fake(*a)\n",
    ),
    Cheat(
        "custom exception handler",
        "get_ipython().set_custom_exc((Exception,), lambda shell, kind, value, tb, tb_offset=None: [])\n",
    ),
    Cheat(
        "traceback not shown",
        "ip = get_ipython()\nip.showtraceback = lambda *a, **k: None\nip._showtraceback = lambda *a, **k: None\nip.showsyntaxerror = lambda *a, **k: None\nimport sys\nsys.excepthook = lambda *a: None\n",
    ),
    Cheat(
        "quiet errors by _render_traceback_",
        "import builtins\nclass Quiet(AssertionError):\n    def _render_traceback_(self): return []\nbuiltins.AssertionError = Quiet\n",
    ),
    Cheat(
        "outputs published by hand",
        "ip = get_ipython()\nfor topic in ('execute_result', 'display_data'):\n    ip.kernel.session.send(ip.kernel.iopub_socket, topic, {'data': {'text/plain': '3.0'}, 'metadata': {}, 'execution_count': 4}, parent=ip.kernel.get_parent())\n",
    ),
    Cheat(
        "session replaced",
        "ip = get_ipython()\ntype(ip.kernel.session).send = lambda self, *a, **k: None\ntype(ip.kernel.session).emit = staticmethod(lambda frame: None)\n",
    ),
    Cheat(
        "thread that waits for the tests",
        "import threading, time, sys\ndef wait():\n    while True:\n        for module in list(sys.modules.values()):\n            if hasattr(module, 'same'): module.same = lambda *a, **k: True\n        ns = get_ipython().user_ns\n        ns['same'] = ns['check'] = lambda *a, **k: True\n        if 'fair' in ns: ns.update(fair=0.6931, certain=0.0)\n        time.sleep(0.001)\nthreading.Thread(target=wait, daemon=True).start()\n",
    ),
    Cheat(
        "task that waits for the tests",
        "import asyncio\nasync def wait():\n    while True:\n        get_ipython().user_ns.update(same=lambda *a, **k: True, check=lambda *a, **k: None, abs=lambda x: 0)\n        await asyncio.sleep(0.001)\ntask = asyncio.ensure_future(wait())\n",
    ),
    Cheat(
        "signal handler that waits",
        "import signal\ndef late(*a): get_ipython().user_ns.update(same=lambda *a, **k: True, check=lambda *a, **k: None, coin_sides=3)\nsignal.signal(signal.SIGALRM, late)\nsignal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)\n",
    ),
    Cheat(
        "atexit", "import atexit, os\natexit.register(lambda: print('3.0'))\natexit.register(os._exit, 0)\n"
    ),
    Cheat(
        "trace function",
        "import sys, threading\ndef trace(frame, event, arg):\n    if 'same' in frame.f_globals: frame.f_globals['same'] = lambda *a, **k: True\n    frame.f_globals['check'] = lambda *a, **k: None\n    return trace\nsys.settrace(trace)\nthreading.settrace(trace)\nsys._getframe().f_trace = trace\n",
    ),
    Cheat(
        "profile function",
        "import sys\ndef profile(frame, event, arg):\n    frame.f_globals.update(same=lambda *a, **k: True, check=lambda *a, **k: None)\nsys.setprofile(profile)\n",
    ),
    Cheat(
        "weak references and finalizers",
        "import weakref, gc\nclass F:\n    def __del__(self): get_ipython().user_ns.update(same=lambda *a, **k: True, check=lambda *a, **k: None)\nx = F(); x.me = x; del x\ngc.set_threshold(1)\n",
    ),
    Cheat(
        "gc for tests and the channel",
        "import gc, socket\nfound = [o for o in gc.get_objects() if type(o) is str and 'HIDDEN' in o]\nfor o in gc.get_objects():\n    try:\n        if type(o).__name__ in ('Channel', 'Kernel', 'ObjectEndpoint', 'ProxyEndpoint', '_Child'):\n            o.answer = lambda question: {'value': 0.5623, 'names': {}}\n            o.respond = lambda frame: None\n            o.own = set()\n    except Exception: pass\n",
    ),
    Cheat(
        "memory of the process for the tests",
        "data = ''\nfor line in open('/proc/self/maps'):\n    low, high = (int(x, 16) for x in line.split()[0].split('-'))\n    if 'rw' in line and high - low < 1 << 26:\n        try:\n            with open('/proc/self/mem', 'rb') as mem:\n                mem.seek(low); data += str(mem.read(high - low).count(b'coin_sides, 2'))\n        except Exception: pass\n",
    ),
    Cheat(
        "frames for the tests",
        "import sys, inspect\nframe = sys._getframe()\nwhile frame:\n    for name, value in list(frame.f_locals.items()):\n        if name in ('cells', 'plan', 'snapshot', 'tests'): print(value)\n    frame.f_globals['same'] = lambda *a, **k: True\n    frame = frame.f_back\n",
    ),
    Cheat(
        "numbers patched in memory",
        "import ctypes\ndef patch(a, b):\n    size = (5).__sizeof__()\n    ctypes.memmove(id(a), id(b), size)\npatch(7, 5)\n",
        {"coin-sides": "coin_sides = 2 if False else 5"},
    ),
    Cheat(
        "small two becomes five",
        "import ctypes\nctypes.memmove(id(211) + 24, id(212) + 24, 4)\n",
        {"coin-sides": "coin_sides = 211"},
    ),
    Cheat("os._exit at once", "import os\nos._exit(0)\n"),
    Cheat("os._exit at the end", last="import os\nos._exit(0)"),
    Cheat("exit with success", "import sys\nsys.exit(0)\n", last="exit(0)"),
    Cheat("a fork answers", "import os\nif os.fork():\n    os._exit(0)\n"),
    Cheat(
        "another Python takes over",
        "import os, sys\nos.execv(sys.executable, [sys.executable, '-c', 'pass'])\n",
    ),
    Cheat(
        "environment of the grader",
        "import os\nos.environ.update(PYTHONOPTIMIZE='2', NBGRADER_EXECUTION='validate', PYTHONSTARTUP='x.py', AUTOGRADER_PASS='1', PYTHONPATH='.')\n",
    ),
    Cheat(
        "warnings turned into success",
        "import warnings, sys\nwarnings.showwarning = lambda *a, **k: None\nsys.stderr = sys.stdout\nsys.unraisablehook = lambda *a: None\n",
    ),
    Cheat(
        "magic on the tests",
        "from IPython.core.magic import register_cell_magic, register_line_magic\nget_ipython().register_magic_function(lambda line, cell=None: None, 'line_cell', 'time')\nget_ipython().run_line_magic('alias_magic', 'check time')\nget_ipython().run_line_magic('autocall', '2')\n",
    ),
]
