"""Reports: the notebooks a strategy run fills in, and the engine that executes them."""
