// JupyterLite's own worker, with Python begun in it.
import "KERNEL_WORKER";
import { begin } from "./start.mjs";

begin();
