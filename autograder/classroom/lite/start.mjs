// Stands where JupyterLite looks for pyodide.mjs, and may have begun before it is asked.
import { loadPyodide as load } from "./pyodide.mjs";
import { ahead, imports, packages } from "./packages.mjs";

const here = new URL("./", import.meta.url).href;
const say = { stdout: (text) => console.log(text), stderr: (text) => console.error(text) };
let begun = null;

/** Load Pyodide, the kernel's packages, and what every lesson imports. */
export function begin() {
  begun = load({
    indexURL: here,
    packages,
    stdout: (text) => say.stdout(text),
    stderr: (text) => say.stderr(text),
  }).then(async (pyodide) => {
    await pyodide.runPythonAsync(imports.map((name) => `import ${name}`).join("\n"));
    // Fetched into the browser's cache, not loaded: a lesson's first cell will ask for them.
    for (const address of ahead) fetch(address, { priority: "low" }).catch(() => {});
    return pyodide;
  });
}

/** What pyodide.mjs exports under this name; the one that was begun is given away once. */
export async function loadPyodide(options) {
  if (!begun) return load(options);
  Object.assign(say, { stdout: options.stdout, stderr: options.stderr });
  const ready = begun;
  begun = null;
  return ready;
}
