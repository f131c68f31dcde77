// In the head of JupyterLite's page: begins Python at once, while JupyterLab loads, and hands the worker in
// which it runs to the first kernel. Where anything is not as expected, the kernel starts as it would anyway.
(() => {
  const { serviceWorker } = navigator;
  if (!serviceWorker || crossOriginIsolated) return;
  const site = new URL("../", document.baseURI);
  const address = new URL("service-worker.js?enableCache=true", site).href;
  const Plain = window.Worker;
  let early = null;

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

  async function begin() {
    // The service worker answers from its cache and looks for news afterwards. What another build left in
    // there must not meet files of this one.
    if (localStorage.getItem(`${site}build`) !== "BUILD") {
      await caches.delete("precache");
      localStorage.setItem(`${site}build`, "BUILD");
    }
    early = new Plain(new URL("static/pyodide/worker.mjs", site), { type: "module" });
  }

  // The kernel's files come through the service worker, and a worker is under its control only if the page
  // that makes it is. JupyterLite registers the same address later, and finds it done.
  if (serviceWorker.controller) {
    begin();
  } else {
    serviceWorker.addEventListener("controllerchange", begin, { once: true });
    localStorage.setItem(`${address}-version`, "APP_VERSION");
    serviceWorker.register(address).catch(() => {});
  }
})();
