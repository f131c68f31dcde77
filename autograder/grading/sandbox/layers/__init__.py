"""One file a layer: how it holds a job, its words for `doctor`, and attacks that work without it."""
