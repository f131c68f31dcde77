// Run by Node: node bytecode.mjs FOLDER PACKAGES IMPORTS. Loads the Pyodide in FOLDER, imports, and prints
// every Python module that was loaded for it as {path: bytecode in base64}.
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, packages, imports, to] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);
const quiet = { stdout: () => {}, stderr: () => {} };
const pyodide = await loadPyodide({ indexURL: `${folder}/`, packageBaseUrl: `${folder}/`, ...quiet });
await pyodide.loadPackage(packages.split(","), { messageCallback: () => {} });
const found = pyodide.runPython(`
import base64, importlib, importlib.util, json, sys
from importlib._bootstrap_external import _code_to_hash_pyc

def compiled():
    for name in ${JSON.stringify(imports)}.split(","):
        importlib.import_module(name)
    found = {}
    for module in list(sys.modules.values()):
        spec = getattr(module, "__spec__", None)
        path = getattr(spec, "origin", None) or ""
        if not path.endswith(".py") or not hasattr(spec.loader, "get_data"):
            continue
        source = spec.loader.get_data(path)
        code = compile(source, path, "exec", dont_inherit=True, optimize=0)
        # Never compared with a source file: there is none beside it.
        data = _code_to_hash_pyc(code, importlib.util.source_hash(source), False)
        found[path] = base64.b64encode(data).decode()
    return json.dumps(found)

compiled()
`);
writeFileSync(to, found);
