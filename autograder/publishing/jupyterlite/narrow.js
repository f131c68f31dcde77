// In the head of JupyterLite's page: on a phone the list of files would leave the lesson a thumb's width, so it
// begins closed there. A tap on its icon opens it.
(() => {
  if (window.innerWidth >= 700) return;
  // JupyterLab opens the list once more when it has opened the lesson's file; so for two seconds it stays closed.
  let left = 10;
  const closing = setInterval(() => {
    if (!document.querySelector(".jp-Notebook")) return;
    window.jupyterapp.shell.collapseLeft();
    left -= 1;
    if (left === 0) clearInterval(closing);
  }, 200);
})();
