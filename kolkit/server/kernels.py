"""Kernels of the dashboards: a pool that stays full, seats, and ceilings for time and memory.

A kernel that ends is never started again by the server: an empty one would answer with default
values. Its page hears that it ended, opens another and brings its values along.
"""

import asyncio
import time
from pathlib import PurePath
from typing import Any

import psutil  # type: ignore[import-untyped]
from jupyter_core.utils import ensure_async
from jupyter_server._tz import utcnow
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.ioloop import IOLoop, PeriodicCallback
from traitlets import Float, Integer

from kolkit.books import BOOKS

MEMORY_MB = 700
LOOK_SECONDS = 15.0
GRACE_SECONDS = 20.0
"""A page without connection for less than this may still be loading, or coming back."""
PATIENCE_SECONDS = 2.0
"""How long a visitor waits for a session that is just being closed, before being turned away."""
FIRST = tuple(BOOKS[key].notebook for key in ("plan", "start"))
"""The notebooks most visitors begin with: their pools are filled first."""
TURN_SECONDS = 60.0
"""A kernel of the pool waits no longer than this for its turn, whatever holds up the others."""


def _rank(notebook: str) -> int:
    """Where a notebook stands in the order in which pools are filled."""
    name = PurePath(notebook).name
    return FIRST.index(name) if name in FIRST else len(FIRST)


class DashboardKernels(AsyncMappingKernelManager):
    """The base of Voila's own manager, which adds the pool of kernels that are started ahead."""

    seats = Integer(40, help="Sessions at once; kernels waiting in the pool are not counted.").tag(
        config=True
    )
    memory_mb = Integer(MEMORY_MB, help="Resident memory a kernel may have, MB.").tag(config=True)
    look_seconds = Float(LOOK_SECONDS, help="How often pool and memory are looked at.").tag(
        config=True
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._warming: set[str] = set()
        self._coming: set[str] = set()
        self._ending: set[str] = set()
        self._promised = 0
        self._closing = False
        self._opened: dict[str, float] = {}
        self._alone_since: dict[str, float] = {}
        self._looks = PeriodicCallback(self.look, 1000 * self.look_seconds)

    # -- seats -----------------------------------------------------------------------------------

    def waiting(self) -> set[str]:
        """The kernels in the pool, started ahead and nobody's yet."""
        done = (item for item in self._pooled() if item.done() and not item.cancelled())
        return {item.result()["kernel_id"] for item in done if item.exception() is None}

    def taken(self) -> set[str]:
        """The kernels of sessions, those that are just being started among them."""
        running = {
            kernel_id
            for kernel_id in self.list_kernel_ids()
            if not self._kernels[kernel_id].shutting_down
        }
        return (running | self._coming) - self.waiting() - self._warming - self._ending

    async def find_seat(self) -> bool:
        """Promise a seat to one more session, or say that there is none.

        Whoever gets a promise calls `seated` once its kernel is known. The session that was left
        longest ago makes room.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        while len(self.taken()) + self._promised >= self.seats:
            if not await self._end_longest_left():
                if time.monotonic() > until:
                    return False
                await asyncio.sleep(0.1)
        self._promised += 1
        return True

    def seated(self) -> None:
        """A promised seat has been taken, or is no longer wanted."""
        self._promised -= 1

    async def _end_longest_left(self) -> bool:
        now = time.monotonic()
        left = [
            (self._alone_since.setdefault(kernel_id, now), kernel_id)
            for kernel_id in self.taken() - self._coming
            if not self._kernel_connections.get(kernel_id, 0)
        ]
        left = [(since, kernel_id) for since, kernel_id in left if now - since > GRACE_SECONDS]
        if left:
            await self.end(min(left)[1])
        return bool(left)

    def notify_connect(self, kernel_id: str) -> None:
        """A page has connected: a kernel that waited long in the pool is used from now on."""
        super().notify_connect(kernel_id)
        self._alone_since.pop(kernel_id, None)
        self._opened.pop(kernel_id, None)
        if kernel_id in self._kernels:
            self._kernels[kernel_id].last_activity = utcnow()

    def notify_disconnect(self, kernel_id: str) -> None:
        """A page has gone, or its network has."""
        super().notify_disconnect(kernel_id)
        self._alone_since[kernel_id] = time.monotonic()

    # -- starting and ending ---------------------------------------------------------------------

    async def start_kernel(self, **kwargs: Any) -> str:  # type: ignore[override]
        """Start a kernel, for the pool or for a page."""
        if not self._looks.is_running():
            self._looks.start()
        kernel_id = kwargs.setdefault("kernel_id", self.new_kernel_id())
        ahead = kwargs.get("env", {}).get("VOILA_PREHEAT") == "True"
        among = self._warming if ahead else self._coming
        among.add(kernel_id)
        try:
            if ahead:
                await self._turn()
            started: Any = super().start_kernel(**kwargs)
            await ensure_async(started)
            self._opened[kernel_id] = time.monotonic()
            return kernel_id
        finally:
            among.discard(kernel_id)

    async def _turn(self) -> None:
        """Wait until a kernel of the pool may start.

        They start one after another, and only while no visitor's own kernel does: all at once they
        would share the processors with whoever came first. One that a visitor has taken out of the
        pool starts at once.
        """
        me = asyncio.current_task()
        until = time.monotonic() + TURN_SECONDS
        while any(item is me for item in self._pooled()) and time.monotonic() < until:
            if self._next_in_turn() is me and not self._is_opening():
                break
            await asyncio.sleep(0.1)
        if self._closing:
            raise RuntimeError("The server is closing.")

    def _next_in_turn(self) -> "asyncio.Task[dict[str, Any]] | None":
        """The first place in the pool whose kernel has not run its notebook to the end."""
        unready = (item for item in self._pooled() if not self._is_ready(item))
        return next(unready, None)

    def _is_ready(self, item: "asyncio.Task[dict[str, Any]]") -> bool:
        return self._is_spoilt(item) or (item.done() and item.result()["task"].done())

    def _is_opening(self) -> bool:
        """Whether a visitor's kernel is starting, or fills a page that has yet to connect."""
        recent = time.monotonic() - GRACE_SECONDS
        return any(
            kernel_id in self._coming or self._opened.get(kernel_id, recent) > recent
            for kernel_id in self.taken()
        )

    async def shutdown_all(self, now: bool = False) -> None:  # type: ignore[override]
        """End every kernel; those that wait for their turn never start."""
        self._closing = True
        ended: Any = super().shutdown_all(now=now)
        await ensure_async(ended)

    async def end(self, kernel_id: str) -> None:
        """End a kernel at once; a page that shows it is told."""
        self._ending.add(kernel_id)
        # The watch over the process notices and says so to every connected page, which it does not
        # for a kernel that is shut down in order.
        provisioner = self._kernels[kernel_id].provisioner
        if provisioner is not None:
            await provisioner.kill()

    def _handle_kernel_died(self, kernel_id: str) -> None:
        kernel = self._kernels[kernel_id]
        self.stop_watching_activity(kernel_id)
        self.remove_kernel(kernel_id)
        self._ending.discard(kernel_id)
        for known in (self._kernel_connections, self._kernel_ports, self._alone_since):
            known.pop(kernel_id, None)
        # Its pages still flush what they have received.
        IOLoop.current().call_later(1.0, kernel.cleanup_resources)

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a session that nobody has touched for the time allowed, its page open or not."""
        now = time.monotonic()
        if kernel_id not in self.taken() or self._is_loading(kernel_id, now):
            return
        kernel: Any = self._kernels[kernel_id]
        idle_seconds = (utcnow() - kernel.last_activity).total_seconds()
        if idle_seconds > self.cull_idle_timeout and kernel.execution_state != "busy":
            await self.end(kernel_id)

    def _is_loading(self, kernel_id: str, now: float) -> bool:
        """Whether a page may just be about to connect."""
        connected = self._kernel_connections.get(kernel_id, 0)
        return not connected and now - self._alone_since.setdefault(kernel_id, now) < GRACE_SECONDS

    # -- looking after ---------------------------------------------------------------------------

    async def look(self) -> None:
        """End kernels above the memory ceiling, and fill the pool up again."""
        for known in (self._alone_since, self._opened):
            for gone in known.keys() - self._kernels.keys():
                del known[gone]
        for kernel_id in self.list_kernel_ids():
            if self._memory_mb(kernel_id) > self.memory_mb:
                self.log.warning("A session was ended: it had more than %d MB.", self.memory_mb)
                await self.end(kernel_id)
        pools: dict[str, list[Any]] = getattr(self, "_pools", {})
        for notebook, pool in pools.items():
            pool[:] = [item for item in pool if not self._is_spoilt(item)]
            self.fill_if_needed(delay=0, notebook_name=notebook)  # type: ignore[attr-defined]

    def _memory_mb(self, kernel_id: str) -> float:
        pid = getattr(self._kernels[kernel_id].provisioner, "pid", None)
        try:
            return psutil.Process(pid).memory_info().rss / 2**20 if pid else 0.0
        except psutil.Error:
            return 0.0

    def _is_spoilt(self, item: "asyncio.Task[dict[str, Any]]") -> bool:
        """Whether a place in the pool holds no kernel that runs."""
        if not item.done():
            return False
        failed = item.cancelled() or item.exception() is not None
        return failed or item.result()["kernel_id"] not in self._kernels

    def _pooled(self) -> "list[asyncio.Task[dict[str, Any]]]":
        """Every place in the pool, those of the first notebooks first."""
        pools: dict[str, list[Any]] = getattr(self, "_pools", {})
        order = sorted(pools, key=_rank)
        return [item for notebook in order for item in pools[notebook]]

    async def renew(self, notebook: str) -> None:
        """Leave out kernels of the pool that died since the last look."""
        pools: dict[str, list[Any]] = getattr(self, "_pools", {})
        pool = pools.get(notebook, [])
        for item in list(pool):
            if self._is_spoilt(item) or (item.done() and not await self._runs(item)):
                pool.remove(item)

    async def _runs(self, item: "asyncio.Task[dict[str, Any]]") -> bool:
        running: Any = self.is_alive(item.result()["kernel_id"])
        return bool(await ensure_async(running))
