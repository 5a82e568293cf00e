"""`kolkit serve`: Voila on this machine, with our template, kernels ready and idle ones ended."""

import sys
from pathlib import Path

from kolkit.errors import InputError
from kolkit.resources import shipped

IDLE_SECONDS = 900


def voila_arguments(path: Path, *, port: int, preheat: bool, open_browser: bool) -> list[str]:
    """Voila's command line for a notebook or a folder of notebooks."""
    return [
        str(path),
        f"--port={port}",
        "--Voila.ip=127.0.0.1",
        "--template=kolkit",
        # Our own index page; the other kind of tree page is a JupyterLab file browser.
        "--VoilaConfiguration.classic_tree=True",
        "--strip_sources=True",
        "--show_tracebacks=False",
        f"--preheat_kernel={preheat}",
        "--pool_size=1",
        # A tab that is closed abruptly leaves its kernel behind.
        f"--MappingKernelManager.cull_idle_timeout={IDLE_SECONDS}",
        "--MappingKernelManager.cull_interval=60",
        *([] if open_browser else ["--no-browser"]),
    ]


def serve_dashboards(path: Path | None, *, port: int, preheat: bool, open_browser: bool) -> None:
    """Serve until interrupted; refuses a path without a notebook."""
    path = path or shipped("workbooks")
    if not path.exists():
        raise InputError(f"there is nothing at {path}: name a notebook or a folder of notebooks.")
    if path.is_dir() and not any(path.rglob("*.ipynb")):
        raise InputError(f"{path} holds no notebook: render a report into it, or name another.")
    if path.is_file() and path.suffix != ".ipynb":
        raise InputError(f"{path} is no notebook (.ipynb).")
    from voila.app import Voila

    sys.argv = ["voila"]
    Voila.launch_instance(
        voila_arguments(path, port=port, preheat=preheat, open_browser=open_browser)
    )
