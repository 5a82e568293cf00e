"""Kernels of the dashboards: the pool stays full, seats and ceilings hold, the dead stay dead."""

import asyncio
import contextlib
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import psutil
import pytest
from pages import BIN, free_port, serving
from traitlets.config import Config
from websockets.sync.client import ClientConnection, connect

from kolkit.books import BOOKS
from kolkit.server import kernels
from kolkit.server.kernels import DashboardKernels

PROTOCOL = "v1.kernel.websocket.jupyter.org"


def until(holds: Callable[[], Any], seconds: float = 20) -> Any:
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("notebooks")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    nbformat.write(notebook, made / "small.ipynb")
    return made


@pytest.fixture(scope="module")
def address(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two seats, and sessions that end when nobody has touched them for six seconds."""
    port = free_port()
    command = [BIN / "kolkit", "serve", folder, f"--port={port}", "--no-browser", "--seats=2",
               "--idle=0.1", f"--briefs={tmp_path_factory.mktemp('briefs')}"]  # fmt: skip
    with serving(*command, port=port, path="/voila/static/voila.js") as found:
        yield found


def visit(address: str) -> tuple[int, str, str]:
    """Status, page and kernel id of one visit."""
    try:
        with urllib.request.urlopen(f"{address}/voila/render/small.ipynb", timeout=60) as found:
            page = found.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode(), ""
    told = re.search(r'"kernelId": "([\w-]+)"', page)
    assert told
    return 200, page, told[1]


def alive(address: str, kernel_id: str) -> bool:
    with urllib.request.urlopen(f"{address}/kolkit/kernels/{kernel_id}", timeout=30) as found:
        return bool(json.load(found)["alive"])


def connected(address: str, kernel_id: str) -> ClientConnection:
    place = f"{address.replace('http', 'ws')}/api/kernels/{kernel_id}/channels"
    return connect(place, subprotocols=[PROTOCOL])  # type: ignore[list-item]


def hears_dead(page: ClientConnection, seconds: float) -> bool:
    """Whether a page is told that its kernel is dead."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        message = page.recv(timeout=left)
        text = message if isinstance(message, str) else message.decode("utf-8", "replace")
        if '"dead"' in text:
            return True
    return False


def processes() -> dict[str, psutil.Process]:
    """The kernels among our descendants, by their id."""
    found = {}
    for process in psutil.Process().children(recursive=True):
        with_id = re.search(r"kernel-([\w-]+)\.json", " ".join(_command(process)))
        if with_id:
            found[with_id[1]] = process
    return found


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def runs(process: psutil.Process) -> bool:
    """Whether a process has not ended yet; what its parent has not asked after is a zombie."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(address: str, kernel_id: str) -> None:
    request = urllib.request.Request(f"{address}/voila/api/shutdown/{kernel_id}", data=b"")
    with contextlib.suppress(urllib.error.HTTPError):  # it may have ended by itself
        urllib.request.urlopen(request, timeout=30).close()
    until(lambda: kernel_id not in processes())


def test_a_killed_kernel_is_told_and_never_replaced_by_an_empty_one(address: str) -> None:
    _, _, kernel_id = visit(address)
    with connected(address, kernel_id) as page:
        assert alive(address, kernel_id)
        processes()[kernel_id].kill()
        assert hears_dead(page, 5)
    assert not alive(address, kernel_id)
    time.sleep(1.5)
    assert not alive(address, kernel_id)
    assert kernel_id not in processes()


def test_the_pool_outlives_the_idle_time_and_fills_again(address: str) -> None:
    waiting = until(lambda: set(processes()))
    time.sleep(7)
    assert set(processes()) == waiting
    killed = list(processes().values())
    for process in killed:
        process.kill()
    until(lambda: not any(map(runs, killed)))
    # The next visitor does not get the dead one.
    status, _, kernel_id = until(lambda: visit(address))
    assert status == 200
    assert alive(address, kernel_id)
    end(address, kernel_id)
    assert len(until(processes, 25)) == 1


def test_beyond_the_seats_there_is_a_calm_page(address: str) -> None:
    first, second = visit(address), visit(address)
    with connected(address, first[2]), connected(address, second[2]):
        status, page, _ = visit(address)
        assert status == 503
        assert "All seats are taken" in page
        assert '<meta name="kk-retry" content="20">' in page
        assert alive(address, first[2])
        assert alive(address, second[2])
        end(address, first[2])
        third = visit(address)
        assert third[0] == 200
    for kernel_id in (second[2], third[2]):
        end(address, kernel_id)


def test_an_open_page_that_nobody_touches_gives_its_kernel_back(address: str) -> None:
    _, _, kernel_id = visit(address)
    with connected(address, kernel_id) as page:
        time.sleep(3)
        assert alive(address, kernel_id)
        assert hears_dead(page, 20)
    assert not alive(address, kernel_id)


def test_a_kernel_can_be_interrupted(address: str) -> None:
    _, _, kernel_id = visit(address)
    for known, status in ((kernel_id, 204), ("a-b-c-d-e", 404)):
        request = urllib.request.Request(
            f"{address}/kolkit/kernels/{known}/interrupt",
            data=b"{}",
            headers={"Content-Type": "application/json"},
        )
        try:
            assert urllib.request.urlopen(request, timeout=30).status == status
        except urllib.error.HTTPError as refused:
            assert refused.code == status  # noqa: PT017
    assert alive(address, kernel_id)
    end(address, kernel_id)


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[DashboardKernels]:
    restarter = {"restart_limit": 0, "time_to_dead": 0.2}
    config = Config({"KernelRestarter": restarter, "DashboardKernels": {"seats": 1}})
    made = DashboardKernels(config=config, connection_dir=str(tmp_path), root_dir=str(tmp_path))
    yield made
    # The loop ends before a dead kernel's sockets are closed, and would be waited for.
    made.context.destroy(linger=0)


def test_the_session_left_longest_ago_makes_room(
    manager: DashboardKernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "PATIENCE_SECONDS", 0.2)

    async def scene() -> None:
        assert await manager.find_seat()
        assert not await manager.find_seat()  # promised already
        left = await manager.start_kernel(env={})
        manager.seated()
        assert not await manager.find_seat()  # its page may be loading
        manager.notify_connect(left)
        manager._alone_since.clear()
        assert not await manager.find_seat()  # at work
        manager.notify_disconnect(left)
        assert not await manager.find_seat()  # may come back
        monkeypatch.setattr(kernels, "GRACE_SECONDS", 0.0)
        assert await manager.find_seat()
        manager.seated()
        for _ in range(50):
            if left not in manager:
                break
            await asyncio.sleep(0.1)
        assert left not in manager
        assert manager.taken() == set()

    asyncio.run(scene())


def test_a_kernel_above_the_memory_ceiling_is_ended(manager: DashboardKernels) -> None:
    async def scene() -> None:
        kernel_id = await manager.start_kernel(env={})
        await manager.look()
        assert kernel_id in manager
        manager.memory_mb = 1
        await manager.look()
        for _ in range(50):
            if kernel_id not in manager:
                break
            await asyncio.sleep(0.1)
        assert kernel_id not in manager

    asyncio.run(scene())


Start = Callable[[str, str], "asyncio.Task[dict[str, Any]]"]


@pytest.fixture
def pool(manager: DashboardKernels, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], Start]:
    """What is started, in order, without processes; and a way to put a kernel into the pool."""
    started: list[str] = []
    manager._pools = {}  # type: ignore[attr-defined]

    async def record(_self: object, *, kernel_id: str, **_kwargs: object) -> str:
        started.append(kernel_id)
        manager._kernels[kernel_id] = SimpleNamespace(shutting_down=False)
        return kernel_id

    def put(notebook: str, kernel_id: str) -> "asyncio.Task[dict[str, Any]]":
        async def boot() -> dict[str, Any]:
            env = {"VOILA_PREHEAT": "True"}
            await manager.start_kernel(kernel_id=kernel_id, env=env)
            return {"kernel_id": kernel_id, "task": asyncio.get_running_loop().create_future()}

        item = asyncio.create_task(boot())
        manager._pools.setdefault(notebook, []).append(item)  # type: ignore[attr-defined]
        return item

    monkeypatch.setattr(kernels.AsyncMappingKernelManager, "start_kernel", record)
    return started, put


async def reaches(started: list[str], wanted: list[str]) -> None:
    """The kernels wanted have been started, and no other is while we look on."""
    for _ in range(50):
        if len(started) >= len(wanted):
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    assert started == wanted


def test_the_pool_is_filled_one_after_another_the_first_notebooks_first(
    pool: tuple[list[str], Start],
) -> None:
    started, put = pool

    async def scene() -> None:
        names = [*(book.notebook for book in BOOKS.values()), "course/ex01.ipynb"]
        items = {name: put(name, name) for name in names}
        first = [BOOKS["plan"].notebook, BOOKS["start"].notebook]
        order = first + [name for name in names if name not in first]
        for place, name in enumerate(order, start=1):
            await reaches(started, order[:place])
            (await items[name])["task"].set_result(None)

    asyncio.run(scene())


def test_a_visitors_own_kernel_goes_before_the_pool(
    manager: DashboardKernels, pool: tuple[list[str], Start]
) -> None:
    started, put = pool

    async def scene() -> None:
        await manager.start_kernel(kernel_id="visitor", env={})
        put("plan.ipynb", "plan")
        taken_out = put("start.ipynb", "start")
        await reaches(started, ["visitor"])
        # Another visitor is waiting for this one.
        manager._pools["start.ipynb"].clear()  # type: ignore[attr-defined]
        await taken_out
        assert started == ["visitor", "start"]
        for kernel_id in ("visitor", "start"):
            manager._opened.pop(kernel_id)  # their pages have connected
        await reaches(started, ["visitor", "start", "plan"])

    asyncio.run(scene())


def test_nothing_holds_the_pool_up_for_ever(
    pool: tuple[list[str], Start], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "TURN_SECONDS", 0.5)
    started, put = pool

    async def scene() -> None:
        put("plan.ipynb", "plan")  # its notebook never ends
        put("start.ipynb", "start")
        await reaches(started, ["plan", "start"])

    asyncio.run(scene())


def test_a_closing_server_starts_nothing_more(
    manager: DashboardKernels, pool: tuple[list[str], Start]
) -> None:
    started, put = pool

    async def scene() -> None:
        put("plan.ipynb", "plan")
        waiting = put("start.ipynb", "start")
        await reaches(started, ["plan"])
        manager._kernels.clear()
        await manager.shutdown_all()
        with pytest.raises(RuntimeError, match="closing"):
            await waiting
        assert started == ["plan"]

    asyncio.run(scene())
