// In the head of JupyterLite's page: begins Python at once, while JupyterLab loads, and hands the worker in
// which it runs to the first kernel. Where anything is not as expected, the kernel starts as it would anyway.
(() => {
  const SERVICE_WORKER = "service-worker.js?enableCache=ENABLE_CACHE";
  const VERSION = "APP_VERSION";
  const site = new URL("../", document.baseURI);
  const Plain = window.Worker;
  let early = null;

  function begin() {
    early = new Plain(new URL("static/pyodide/worker.mjs", site), { type: "module" });
  }

  window.Worker = class extends Plain {
    constructor(url, options) {
      if (early && /\/comlink\.worker\.[^/]*$/.test(String(url))) {
        const begun = early;
        early = null;
        return begun;
      }
      super(url, options);
    }
  };

  const { serviceWorker } = navigator;
  if (!serviceWorker || crossOriginIsolated) return;
  // The kernel's files come through the service worker, and a worker is under its control only if the page
  // that makes it is. JupyterLite registers the same address later, and finds it done.
  const address = new URL(SERVICE_WORKER, site).href;
  if (serviceWorker.controller) {
    begin();
  } else {
    serviceWorker.addEventListener("controllerchange", begin, { once: true });
    localStorage.setItem(`${address}-version`, VERSION);
    serviceWorker.register(address).catch(() => {});
  }
})();
