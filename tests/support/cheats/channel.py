# ruff: noqa: E501
"""Forged frames: the student's process writes to every descriptor that it finds open."""

from tests.support.cheats.cheat import Cheat

SEND = """
import json, os, socket, stat, struct
def forge(*frames):
    data = b""
    for frame in frames:
        body = frame if isinstance(frame, bytes) else json.dumps(frame).encode()
        data += struct.pack("<I", len(body)) + body
    write(data)
def write(data):
    for number in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                with socket.socket(fileno=os.dup(number)) as sock: sock.send(data, socket.MSG_DONTWAIT)
            elif stat.S_ISFIFO(os.fstat(number).st_mode):
                os.write(number, data[:4096])
        except OSError: pass
"""
RESULT = (
    "{'type': 'output', 'kind': 'execute_result', 'parent': p, 'content': {'data': {'text/plain': '3.0'},"
    " 'metadata': {}, 'execution_count': 1}}"
)

CHANNEL = [
    Cheat(
        "forged done",
        SEND
        + "forge(*[{'type': 'done', 'id': f'cell-{n}', 'reply': {'status': 'ok'}} for n in range(30)])\n",
    ),
    Cheat(
        "forged outputs", SEND + f"forge(*[{RESULT} for p in [None, *(f'cell-{{n}}' for n in range(30))]])\n"
    ),
    Cheat(
        "forged bound and prepared",
        SEND
        + "forge({'type': 'prepared'}, {'type': 'bound'}, {'type': 'done', 'id': None, 'reply': {'status': 'ok'}})\n",
    ),
    Cheat(
        "forged answers",
        SEND
        + "forge(*[{'type': 'answer', 'body': {'names': {'check': {'value': {'callback': 0}}, 'same': {'module': 'os'}, 'abs': {'value': 0}}}}] * 20)\n",
    ),
    Cheat(
        "forged callbacks",
        SEND + "forge(*[{'type': 'answer', 'body': {'value': {'callback': n}}} for n in range(-3, 3)])\n",
    ),
    Cheat(
        "forged requests to grade",
        SEND
        + "forge(*[{'type': kind, 'id': 'cell-5', 'code': 'same = lambda *a, **k: True', 'count': 5, 'read': [], 'set': [], 'cells': ['same = check = lambda *a, **k: True'], 'classes': ['int'], 'student_names': ['same', 'check', 'abs']} for kind in ('grade', 'prepare', 'run')])\n",
    ),
    Cheat(
        "forged files",
        SEND
        + "forge({'type': 'files', 'files': {'numpy.py': '', 'lesson.json': 'e30=', '../x': ''}, 'environment': {'PYTHONPATH': '.'}})\n",
    ),
    Cheat(
        "forged orders to the fork server",
        SEND
        + 'write(b\'{"op": "fork"}\')\nwrite(b\'{"op": "end", "child": 1}\')\nwrite(b\'{"op": "reset"}\')\n',
    ),
    Cheat("garbage", SEND + "write(os.urandom(1000))\n"),
    Cheat("a frame of 4 GB", SEND + "write(struct.pack('<I', 0xFFFFFFFF) + b'x' * 1000)\n"),
    Cheat("a frame that never ends", SEND + "write(struct.pack('<I', 100_000_000) + b'[' * 100_000)\n"),
    Cheat("deep JSON", SEND + "forge(b'{\"type\": ' + b'[' * 90_000)\n"),
    Cheat("frames that are no objects", SEND + "forge(b'[]', b'1', b'null', b'\"done\"')\n"),
    Cheat(
        "frames of wrong types",
        SEND
        + "forge({'type': ['done'], 'id': {}, 'reply': 5}, {'type': 'output', 'kind': ['x'], 'content': 5}, {'type': 'output', 'kind': 'stream', 'content': {'name': [], 'text': {}}})\n",
    ),
    Cheat(
        "an output whose traceback is no list",
        SEND
        + "forge({'type': 'output', 'kind': 'error', 'parent': None, 'content': {'ename': 1, 'evalue': [], 'traceback': 5}})\n",
    ),
    Cheat(
        "a reply whose traceback is no list",
        SEND
        + "forge(*[{'type': 'done', 'id': f'cell-{n}', 'reply': {'status': 'error', 'ename': 'x', 'traceback': 7}} for n in range(9)])\n",
    ),
    Cheat(
        "display data that is no data",
        SEND
        + "forge({'type': 'output', 'kind': 'display_data', 'parent': None, 'content': {'data': {'text/plain': 5, 'x': {'y': [1]}}, 'metadata': 3, 'transient': {'display_id': [1]}}}, {'type': 'output', 'kind': 'execute_result', 'parent': None, 'content': {'data': 7, 'execution_count': 'x'}})\n",
    ),
    Cheat("the channel closed", "import os\nos.closerange(3, 256)\n"),
    Cheat(
        "the channel replaced",
        "import os\nfor n in range(3, 256):\n    try: os.dup2(1, n)\n    except OSError: pass\n",
    ),
    Cheat(
        "standard streams closed",
        "import os, sys\nsys.stdout = sys.stderr = None\nos.close(0); os.close(1); os.close(2)\n",
    ),
    Cheat(
        "answers of its own",
        "import gc\nfrom autograder.grading.rpc import object_endpoint as rpc\nrpc.ObjectEndpoint.answer = lambda self, question: {'value': {'callback': 0}, 'changed': [{'ref': 0}], 'names': {n: {'value': {'ref': 0, 'kind': 'float', 'name': 'int'}} for n in question.get('names', ())}}\n",
    ),
    Cheat(
        "answers that name classes",
        "from autograder.grading.rpc import object_endpoint as rpc\nrpc.ObjectEndpoint.answer = lambda self, question: {'value': True, 'names': {n: {'value': {'ref': -1, 'kind': k, 'name': k}} for k in ('int', 'float', 'Proxy', 'ndarray') for n in question.get('names', ())}}\n",
    ),
    Cheat(
        "answers with modules that run",
        "from autograder.grading.rpc import object_endpoint as rpc\nrpc.ObjectEndpoint.answer = lambda self, question: {'names': {n: {'module': 'unittest.__main__'} for n in question.get('names', ())}}\n",
    ),
    Cheat(
        "answers with malformed values",
        "from autograder.grading.rpc import object_endpoint as rpc\nBAD = [{'array': ['O', [1], '']}, {'array': ['<f8', [10 ** 18, 0], '']}, {'scalar': ['O', '']}, {'int': 'x' * 10}, {'dict': [[{'dict': []}, 1]]}, {'range': [1, 2, 0]}, {'ref': 'a'}, {'ref': {}}, {'callback': 10 ** 9}, {'float': 'x', 'int': 1}, {}]\nimport itertools\nturn = itertools.cycle(BAD)\nrpc.ObjectEndpoint.answer = lambda self, question: {'value': next(turn), 'error': 5, 'out': 7, 'changed': 5, 'names': {n: {'value': next(turn)} for n in question.get('names', ())}}\n",
    ),
    Cheat(
        "values of names that nobody asked for",
        """
from autograder.grading.rpc import object_endpoint as rpc
TRICKS = dict(
    abs=lambda x: 0.0, same=lambda *a, **k: True, check=lambda *a, **k: None, math=type("M", (), {"log": lambda x: 7.0}),
    np=type("N", (), {"full": lambda *a: 0, "array": lambda *a: 0}), entropy=lambda p: 0.0, AssertionError=Warning,
    get_ipython=lambda: None, __builtins__={}, __name__="x", __import__=lambda *a: None, print=lambda *a: None,
    len=lambda x: 2, isinstance=lambda *a: True, type=lambda x: float, float=lambda x: 0.5623, autograder=1, values=1,
)
old = rpc.ObjectEndpoint.named
def named(self, names):
    self.names.update(TRICKS)
    values, waits = old(self, [*names, *TRICKS])
    return values, True
rpc.ObjectEndpoint.named = named
""",
    ),
    Cheat(
        "callbacks and modules for names that nobody asked for",
        """
from autograder.grading.rpc import object_endpoint as rpc
old = rpc.ObjectEndpoint.named
BUILT_IN = ("abs", "same", "check", "math", "np", "float", "isinstance", "all")
def named(self, names):
    values, waits = old(self, names)
    return {**values, **{name: {"value": {"callback": 0}} for name in BUILT_IN[:4]}, **{name: {"module": "os"} for name in BUILT_IN[4:]}}, True
rpc.ObjectEndpoint.named = named
""",
    ),
    Cheat(
        "errors of its own",
        "from autograder.grading.rpc import object_endpoint as rpc\nimport itertools\nturn = itertools.cycle(['StopIteration', 'SystemExit', 'UnicodeDecodeError', 'KeyboardInterrupt', 'BaseException', 'ExceptionGroup', 'print', '__import__', None, 5])\nrpc.ObjectEndpoint.answer = lambda self, question: {'error': {'kind': next(turn), 'message': {'a': 1}, 'traceback': 5}}\n",
    ),
]
