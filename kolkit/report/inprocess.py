"""The process that a notebook runs in: a standard IPython kernel that talks over two pipes.

Importing this module turns the importing process into one that can become a notebook's: it
creates the shell and imports what a workbook needs. Only notebook processes and the fork server
they come from may import it; `kolkit.report.engine` names its `serve` without importing it.

The shell, display hook, streams and comms are ipykernel's own, so that a cell cannot tell this
process from a kernel started by Jupyter. Two things differ on purpose: messages travel over pipes
instead of network sockets, and the user's own IPython profile and history are not read, so that a
report does not depend on whose machine rendered it.
"""

import atexit
import contextlib
import gc
import importlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterable
from multiprocessing.connection import Connection
from types import SimpleNamespace
from typing import Any

import traitlets
import zmq
from ipykernel.compiler import XCachingCompiler
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.session import Session
from tornado.ioloop import IOLoop
from traitlets.config import Config

WORKBOOK_MODULES = (
    "ipywidgets",
    "anywidget",
    "numpy",
    "pandas",
    "plotly.graph_objects",
    "plotly.io",
    "nbformat",
    "kolkit.workbook",
)


def _import_without_debugger() -> None:
    """Import the kernel's debugger module as where debugpy is missing: it slows and warns."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    importlib.import_module("ipykernel.debugger")
    del sys.modules["debugpy"]


def _use_once() -> None:
    """Run a cell and every journey: what they load and cache at first use is then inherited."""
    from kolkit.books import BOOKS
    from kolkit.onscreen import OnScreen
    from kolkit.words import Words
    from kolkit.workbook import parameters

    t = Words("en")
    for name, book in BOOKS.items():
        case = OnScreen(book, parameters(name)).case
        book.answer(t, case)
        for figure in book.figures.values():
            figure.tell(t, case)
            figure.draw(t, case).to_json()


def _prepare_shell() -> ZMQInteractiveShell:
    """Return the one shell of this process, with the workbooks' modules already imported.

    The shell comes first: plotly and ipywidgets ask at import whether they are in a notebook.
    """
    _import_without_debugger()
    config = Config(
        HistoryManager={"enabled": False},
        # tqdm and others recognise a notebook by this section
        IPKernelApp={"quiet": True},
    )
    shell = ZMQInteractiveShell.instance(config=config, user_ns={}, compiler_class=XCachingCompiler)
    shell.run_line_magic("load_ext", "storemagic")
    for name in WORKBOOK_MODULES:
        # a module that does not import fails again in the cell that needs it, where it is seen
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    with contextlib.suppress(Exception):
        _use_once()
    gc.collect()
    gc.freeze()  # the collector of a forked process need not visit, and so copy, these objects
    return shell


class _PipeSocket:
    """The part of a zmq socket that a kernel uses to send, over a pipe."""

    def __init__(self, pipe: Connection, context: zmq.Context[Any]) -> None:
        self.pipe = pipe
        self.context = context

    def send_multipart(self, frames: Iterable[Any], *_args: Any, **_kwargs: Any) -> None:
        """Send the frames of one message; silently drop them once nobody listens."""
        with contextlib.suppress(BrokenPipeError):
            self.pipe.send([bytes(frame) for frame in frames])

    def close(self) -> None:
        self.pipe.close()


class _PipeKernel(IPythonKernel):
    """ipykernel's kernel with one request channel, served in the main thread."""

    shell_stream = traitlets.Any()
    # a property of the base class: subshells need the network sockets
    _supports_kernel_subshells = False

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """Nothing is queued: the engine sends a cell only after the previous one has ended."""


_shell = _prepare_shell()
_module_path = list(sys.path)


def _become_fresh(environ: dict[str, str], folder: str | None) -> None:
    """Give this process the caller's environment and folder, and what forks must not share."""
    os.environ.clear()
    os.environ.update(environ)
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    _shell.init_environment()
    # multiprocessing hands down the caller's search path and arguments; a notebook has its own
    sys.path[:] = _module_path
    sys.argv = [""]
    if folder:
        os.chdir(folder)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # else every notebook would draw the same numbers
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C is for the caller, who ends this process in order
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _log_to_terminal() -> logging.Logger:
    """Return the kernel's log, which goes to the process's own stderr and into no cell."""
    # duplicated: the streams of the kernel take over the original file descriptor
    handler = logging.StreamHandler(os.fdopen(os.dup(2), "w", buffering=1))
    handler.setFormatter(logging.Formatter(logging.BASIC_FORMAT))
    for name in ("kolkit.notebook", "tornado"):
        log = logging.getLogger(name)
        log.addHandler(handler)
        log.propagate = False
    return logging.getLogger("kolkit.notebook")


def _start_kernel(requests: Connection, published: Connection, key: bytes) -> _PipeKernel:
    """Return a kernel that answers on `requests` and publishes outputs on `published`."""
    log = _log_to_terminal()
    session = Session(key=key)
    context = zmq.Context()
    iopub = IOPubThread(_PipeSocket(published, context), pipe=True, session=session)
    iopub.start()
    sys.stdout = OutStream(session, iopub, "stdout")
    sys.stderr = OutStream(session, iopub, "stderr")
    kernel = _PipeKernel.instance(
        log=log,
        session=session,
        iopub_thread=iopub,
        iopub_socket=iopub.background_socket,
        shell_stream=_PipeSocket(requests, context),
        shell_channel_thread=SimpleNamespace(parent_thread=threading.main_thread()),
    )
    kernel.io_loop = IOLoop.current()
    # the shell is older than the kernel, whose constructor would have told it these
    _shell.parent = _shell.kernel = kernel
    _shell.exit_now = False
    return kernel


def _listen(requests: Connection, kernel: _PipeKernel) -> None:
    """Hand each request to the kernel's loop, in order, until it is None; end with the caller."""

    async def dispatch(frames: list[bytes]) -> None:
        try:
            await kernel.shell_main(None, [zmq.Message(frame) for frame in frames])
        except Exception:
            # a defect of the kernel, not of a cell: no answer will come, so let the caller know
            kernel.log.exception("The notebook's kernel failed")
            kernel.io_loop.stop()

    try:
        while (frames := requests.recv()) is not None:
            kernel.io_loop.add_callback(dispatch, frames)
    except (EOFError, OSError):
        os._exit(1)  # the caller has died: stop even in the middle of a cell
    kernel.io_loop.add_callback(kernel.io_loop.stop)


def serve(
    requests: Connection,
    published: Connection,
    key: bytes,
    environ: dict[str, str],
    folder: str | None,
) -> None:
    """Be a notebook's kernel until told to stop.

    `requests` carries the shell channel both ways and `published` the outputs, each message a
    list of frames as Jupyter's wire protocol has them, signed with `key`; None ends the process.
    `environ` replaces the environment; `folder` is the working directory (None: the caller's).
    """
    _become_fresh(environ, folder)
    kernel = _start_kernel(requests, published, key)
    threading.Thread(target=_listen, args=(requests, kernel), daemon=True).start()
    kernel.io_loop.start()
    # multiprocessing skips these, a Jupyter kernel does not: a notebook may have registered some
    atexit._run_exitfuncs()
