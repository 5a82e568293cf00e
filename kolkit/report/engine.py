"""A papermill engine that runs a notebook without starting a Jupyter kernel.

`papermill --engine kolkit in.ipynb out.ipynb` or `execute_notebook(..., engine_name="kolkit")`.
The notebook runs in a process forked from one that has the workbooks' modules imported already
(Linux; elsewhere a new process imports them). Outputs, widget state, timeouts and metadata come
from the same nbclient and papermill code as with the standard engine; only the kernel's transport
is ours.

Importing this module imports neither papermill nor nbclient: `start_fork_server` may thus be
called first, and papermill may import this module, which it does through the entry point.
"""

import asyncio
import contextlib
import multiprocessing
import os
import pkgutil
import queue
import signal
import sys
import threading
import types
from collections.abc import Awaitable, Callable, Iterator
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import DefaultContext
from typing import Any, cast

from kolkit.errors import EnvironmentFault, InputError

_CHILD_MODULE = "kolkit.report.inprocess"
_STOP_SECONDS = 5.0
_KILLED = -getattr(signal, "SIGKILL", 9)
"""Exit code of a process that the system killed."""

_forks = sys.platform == "linux"
_context = cast(DefaultContext, multiprocessing.get_context("forkserver" if _forks else "spawn"))
_start_lock = threading.Lock()


def start_fork_server() -> None:
    """Start the process that notebooks are forked from, and return while it still imports.

    Worth calling before other work; running a notebook does it anyway. The server ends with this
    process. Does nothing where processes are not forked (Windows, macOS).
    """
    if _forks:
        _context.set_forkserver_preload([_CHILD_MODULE])
        forkserver.ensure_running()


class _Serve:
    """Becomes the function `inprocess.serve` when unpickled, without being imported here."""

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        return pkgutil.resolve_name, (f"{_CHILD_MODULE}:serve",)


@contextlib.contextmanager
def _main_module_hidden() -> Iterator[None]:
    """Keep multiprocessing from importing the caller's main script in the notebook's process.

    The notebook needs nothing from it, importing papermill's or ours takes longer than the
    notebook, and a script without a `__main__` guard would start itself again.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


async def _readable(pipe: Connection) -> None:
    """Wait until `pipe` has a message or its other end is closed.

    Asks again and again, ever less often: unlike a reader registered with the event loop this
    works with the pipes of every system and leaves nothing behind when a wait is abandoned.
    """
    delay = 0.0005
    while not pipe.poll():
        await asyncio.sleep(delay)
        delay = min(delay * 1.25, 0.01)


class _Channel:
    """One channel of the kernel client that nbclient expects, over a pipe."""

    def __init__(self, process: "_NotebookProcess", pipe: Connection) -> None:
        self.process = process
        self.pipe = pipe

    def send(self, message: dict[str, Any]) -> None:
        """Send a Jupyter message; nbclient's DeadKernelError if the process has ended."""
        from nbclient.exceptions import DeadKernelError

        try:
            self.pipe.send(self.process.session.serialize(message))
        except OSError:
            self.process.ended = True
            raise DeadKernelError("Kernel died") from None

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Return the next Jupyter message; `queue.Empty` after `timeout` seconds.

        If the process has ended, Empty at once where there is a timeout. Without one wait for
        ever: nbclient asks `is_alive` every second and cancels the wait.
        """
        await asyncio.sleep(0)  # lets nbclient's timers run however fast messages come
        try:
            await asyncio.wait_for(_readable(self.pipe), timeout)
            frames = self.pipe.recv()
        except TimeoutError:
            raise queue.Empty from None
        except (EOFError, OSError):
            self.process.ended = True
            if timeout is None:
                await asyncio.Event().wait()
            raise queue.Empty from None
        session = self.process.session
        return session.deserialize(session.feed_identities(frames)[1])


class _NotebookProcess:
    """The process a notebook runs in, as nbclient's kernel client and kernel manager in one."""

    allow_stdin = False

    def __init__(self, folder: str | None) -> None:
        """Start the process in `folder` (None: the current one); EnvironmentFault if it fails."""
        from jupyter_client.session import Session

        self.session = Session()
        self.ended = False
        requests, child_requests = _context.Pipe()
        published, child_published = _context.Pipe(duplex=False)
        self.shell_channel = _Channel(self, requests)
        self.iopub_channel = _Channel(self, published)
        self.process = _context.Process(
            target=cast(Callable[..., object], _Serve()),
            args=(child_requests, child_published, self.session.key, dict(os.environ), folder),
            name="kolkit-notebook",
        )
        try:
            with _start_lock:
                start_fork_server()
                with _main_module_hidden():
                    self.process.start()
        except (OSError, EOFError) as error:
            requests.close()
            published.close()
            raise EnvironmentFault(
                f"No process could be started for the notebook ({error or 'no answer'}): "
                "free memory or process slots and try again."
            ) from error
        finally:
            # only the notebook may hold its ends: their closing is how its death is noticed
            child_requests.close()
            child_published.close()

    def _request(self, kind: str, content: dict[str, Any]) -> str:
        message = self.session.msg(kind, content)
        self.shell_channel.send(message)
        return message["header"]["msg_id"]

    def execute(self, code: str, store_history: bool = True, stop_on_error: bool = True) -> str:
        """Request that a cell's `code` be run; return the request's id."""
        return self._request(
            "execute_request",
            {
                "code": code,
                "silent": False,
                "store_history": store_history,
                "user_expressions": {},
                "allow_stdin": self.allow_stdin,
                "stop_on_error": stop_on_error,
            },
        )

    def kernel_info(self) -> str:
        """Request the description of the language; return the request's id."""
        return self._request("kernel_info_request", {})

    def is_alive(self) -> bool:
        """Say whether the notebook can still answer."""
        return not self.ended and self.process.is_alive()

    def interrupt_kernel(self) -> None:
        """Raise KeyboardInterrupt in the running cell."""
        if self.process.pid is not None and self.process.is_alive():
            os.kill(self.process.pid, signal.SIGINT)

    def stop(self, at_once: bool) -> None:
        """End the process: after its exit handlers, or `at_once` if a cell may still run."""
        if not at_once:
            with contextlib.suppress(OSError):
                self.shell_channel.pipe.send(None)
            self.process.join(_STOP_SECONDS)
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.shell_channel.pipe.close()
        self.iopub_channel.pipe.close()

    def epitaph(self) -> str:
        """Say in one clause how the process ended and what to do."""
        self.process.join(1.0)
        code = self.process.exitcode
        if code == _KILLED:
            return (
                "was killed by the system, most often for lack of memory: "
                "close other programs or render fewer reports at once"
            )
        if code is not None and code < 0:
            return f"crashed with {signal.Signals(-code).name}: look for the compiled code it calls"
        return f"ended by itself (exit code {code}): remove what exits Python from the notebook"


class NotebookEnded(EnvironmentFault):
    """A notebook's process ended before the notebook did.

    `cell` is the index of the cell that ran, None if none did; `how` a clause that says how it
    ended and what to do; `killed` whether the system killed it, which need not happen again.
    """

    def __init__(self, process: _NotebookProcess, cell: int | None = None) -> None:
        self.cell, self.how = cell, process.epitaph()
        self.killed = process.process.exitcode == _KILLED
        while_it = "" if cell is None else f"While cell {cell + 1} ran, "
        the = "the" if while_it else "The"
        super().__init__(f"{while_it}{the} notebook's process {self.how}.")


class _ProcessClient:
    """What papermill's notebook client must do otherwise to run a process of ours."""

    nb_man: Any
    resources: dict[str, Any]
    kc: _NotebookProcess | None
    km: _NotebookProcess | None
    async_execute_cell: Callable[..., Awaitable[Any]]

    @contextlib.contextmanager
    def setup_kernel(self, **_kwargs: Any) -> Iterator[None]:
        """Hold the notebook's process; NotebookEnded if it ends too soon."""
        from nbclient.exceptions import DeadKernelError

        folder = self.resources.get("metadata", {}).get("path") or None
        self.kc = self.km = process = _NotebookProcess(folder)
        finished = False
        try:
            yield
            finished = True
        except DeadKernelError:
            raise NotebookEnded(process) from None
        finally:
            self.kc = self.km = None
            process.stop(at_once=not finished)

    def execute_cell(self, cell: Any, cell_index: int, **kwargs: Any) -> Any:
        """Run one cell; NotebookEnded if the process ends in it, and the cell marked failed."""
        from jupyter_core.utils import run_sync
        from nbclient.exceptions import DeadKernelError

        try:
            return run_sync(self._execute_cell)(cell, cell_index, **kwargs)
        except DeadKernelError:
            self.nb_man.cell_exception(cell, cell_index=cell_index)
            assert self.kc is not None
            raise NotebookEnded(self.kc, cell_index) from None

    async def _execute_cell(self, cell: Any, cell_index: int, **kwargs: Any) -> Any:
        """Run one cell, and end what nbclient leaves waiting when the cell takes too long."""
        from nbclient.exceptions import CellTimeoutError

        others = asyncio.all_tasks()
        try:
            return await self.async_execute_cell(cell, cell_index, **kwargs)
        except CellTimeoutError:
            left = asyncio.all_tasks() - others
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            raise


class _NotebookEngine:
    """What papermill's engine must do otherwise to use our client."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        log_output: bool = False,
        stdout_file: Any = None,
        stderr_file: Any = None,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Run the notebook of `nb_man` in place; the arguments are those of papermill's engine.

        A cell that raises stops the run, its error kept as its output, as papermill has it.
        `resources={"metadata": {"path": folder}}` sets the working directory of this notebook
        only, where papermill's own `cwd` changes that of the calling process.
        InputError if the notebook is not in Python, EnvironmentFault if its process dies.
        """
        from papermill.clientwrap import PapermillNotebookClient
        from papermill.log import logger
        from papermill.utils import merge_kwargs, remove_args

        class Client(_ProcessClient, PapermillNotebookClient):
            """papermill's client over a process of ours."""

        language = nb_man.nb.metadata.get("kernelspec", {}).get("language", "python")
        if language != "python":
            raise InputError(
                f"The engine kolkit runs Python notebooks only, this one is in {language!r}: "
                "leave out the engine's name to run it with its own kernel."
            )
        options = remove_args(["input_path", "timeout", "startup_timeout"], **kwargs)
        client = Client(
            nb_man,
            **merge_kwargs(
                options,
                timeout=execution_timeout or kwargs.get("timeout"),
                startup_timeout=start_timeout,
                kernel_name=kernel_name,
                log=logger,
                log_output=log_output,
                stdout_file=stdout_file,
                stderr_file=stderr_file,
            ),
        )
        return client.execute()


def __getattr__(name: str) -> Any:
    """Make the class `KolkitEngine` when first asked for it.

    papermill asks while it is itself being imported, so the class cannot be made when this
    module is imported, be that before papermill or by it.
    """
    if name != "KolkitEngine":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from papermill.engines import Engine

    class KolkitEngine(_NotebookEngine, Engine):
        """papermill's engine "kolkit": the standard outputs without the standard start."""

    # importing papermill just now may have asked, too: there shall be one class only
    return globals().setdefault(name, KolkitEngine)
