// Stands where JupyterLite looks for pyodide.mjs, and may have begun before it is asked.
import { loadPyodide as load } from "./pyodide.mjs";
import { ahead, imports, packages } from "./packages.mjs";

const here = new URL("./", import.meta.url).href;
const say = { stdout: (text) => console.log(text), stderr: (text) => console.error(text) };
let begun = null;

/** Pyodide with the kernel's packages, and with all that every lesson imports. */
async function ready(options) {
  const pyodide = await load(options);
  await pyodide.runPythonAsync(`
    ${imports.map((name) => `import ${name}`).join("; ")}
    # The kernel turns jedi on, which is left out here; IPython completes without it.
    pyodide_kernel.ipython_shell.Completer.use_jedi = False
    # As in Jupyter's kernel: what lies beside the notebook comes before what is installed.
    import sys
    if "" not in sys.path:
        sys.path.insert(next((n for n, at in enumerate(sys.path) if at.endswith("site-packages")), 0), "")
  `);
  return pyodide;
}

/** Begin with what JupyterLite will ask for. */
export function begin() {
  const stdout = (text) => say.stdout(text);
  const stderr = (text) => say.stderr(text);
  begun = ready({ indexURL: here, packages, stdout, stderr });
  // Fetched into the browser's cache, not loaded: a lesson's first cell will ask for them.
  begun.then(() => ahead.forEach((address) => fetch(address, { priority: "low" }).catch(() => {})));
}

/** What pyodide.mjs exports under this name. What was begun is given away once. */
export async function loadPyodide(options) {
  if (!begun) return ready(options);
  Object.assign(say, { stdout: options.stdout, stderr: options.stderr });
  const given = begun;
  begun = null;
  return given;
}
