"""The engine "kolkit" gives what papermill's standard engine gives, without a Jupyter kernel."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbclient.exceptions import CellTimeoutError
from papermill.exceptions import PapermillExecutionError
from papermill.iorw import load_notebook_node

from kolkit.errors import EnvironmentFault, InputError
from kolkit.report.engine import KolkitEngine, start_fork_server

EVERY_KIND_OF_OUTPUT = [
    "import os, sys, time\nimport anywidget, pandas as pd, plotly.graph_objects as go\n"
    "import ipywidgets, traitlets\nfrom IPython.display import HTML, clear_output, display",
    "print('before')\nsys.stderr.write('warn\\n')\nprint('after')\n1 + 1",
    "None",
    "'suppressed';",
    "print('达人分层 ¥500万 – 1 − 2')\n'私域'",
    "display(HTML('<b>bold</b>'), 'plain')\nprint('between')\ndisplay({'a': 1})",
    "go.Figure(go.Scatter(y=[1, 4, 2], name='reach'))",
    "go.Figure(go.Bar(y=[1])).show()",
    "pd.DataFrame({'tier': ['koc', 'kol'], 'cost': [1.5, 2.0]})",
    "slider = ipywidgets.IntSlider(value=3, max=9, description='posts')\nslider",
    "slider.value = 7\nslider.observe(lambda change: print('saw', change['new']), 'value')\n"
    "slider.value = 8",
    "class Chart(anywidget.AnyWidget):\n    _esm = 'export default { render() {} }'\n"
    "    title = traitlets.Unicode('net sales').tag(sync=True)\n"
    "    blob = traitlets.Bytes(b'\\x00\\x01').tag(sync=True)\n"
    "Chart()",
    "out = ipywidgets.Output()\nwith out:\n    print('inside')\n    display(HTML('<i>in</i>'))\n"
    "print('outside')\nout",
    "len(out.outputs), [o['output_type'] for o in out.outputs]",
    "handle = display('first', display_id=True)\nprint('then')",
    "handle.update('second')",
    "print('gone')\nclear_output()\nprint('kept')",
    "print('replaced')\nclear_output(wait=True)\nprint('instead')",
    "class Rich:\n    def _repr_mimebundle_(self, include=None, exclude=None):\n"
    "        return {'text/plain': 'rich', 'text/html': '<p>rich</p>',"
    " 'application/vnd.kolkit+json': {'a': (1, 2)}}, {'text/html': {'isolated': True}}\n"
    "Rich()",
    "%%capture caught\nprint('captured')",
    "caught.stdout",
    "%precision 2\n3.14159",
    "%precision",
    "!echo from a shell",
    "os.write(1, b'raw bytes\\n')\ntime.sleep(0.3)",
    "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
    "import threading\nt = threading.Thread(target=print, args=('from a thread',))\n"
    "t.start()\nt.join()",
    "import warnings\nwarnings.warn('careful', stacklevel=1)",
    "type(get_ipython()).__name__, type(get_ipython().kernel).__mro__[-5].__name__,"
    " __name__, 'IPKernelApp' in get_ipython().config",
    "Out[3], _i5, len(In)",
    "import pickle\npickle.loads(pickle.dumps(Rich())).__class__.__module__",
    "budget, label, share",
]


def write_notebook(path: Path, sources: list[str], language: str = "python") -> Path:
    """Write a notebook with a heading and one code cell per source."""
    cells = [
        nbformat.v4.new_markdown_cell("# Heading"),
        *(nbformat.v4.new_code_cell(source) for source in sources),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": language}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, path)
    return path


def run(sources: list[str], folder: Path, engine: str | None = "kolkit", **options: Any) -> Any:
    """Execute the sources with papermill; return the notebook as written to disk."""
    source = write_notebook(folder / "in.ipynb", sources)
    target = folder / f"out-{engine}.ipynb"
    options.setdefault("execution_timeout", 45)
    for attempt in (1, 2):
        try:
            papermill.execute_notebook(
                source, target, engine_name=engine, progress_bar=False, **options
            )
        except CellTimeoutError:
            # On a busy machine the standard kernel's answer is lost now and then; ours has no
            # network between cell and caller, and gets no second chance.
            if engine or attempt == 2 or "execution_timeout" not in options:
                raise
        else:
            break
    return nbformat.read(target, as_version=4)


def texts(notebook: Any) -> list[str]:
    """Return, for each code cell, what its streams and results say as plain text."""
    return [
        "".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def comparable(notebook: Any) -> dict[str, Any]:
    """Return the notebook as plain data without what differs between any two runs of it."""
    plain = json.loads(nbformat.writes(notebook))
    plain["metadata"].pop("papermill")
    for cell in plain["cells"]:
        cell.pop("id", None)
        cell["metadata"].pop("execution", None)
        papermill_part = cell["metadata"].pop("papermill", {})
        cell["state"] = papermill_part.get("status"), papermill_part.get("exception")
    text = re.sub(r"ipykernel_\d+", "ipykernel_pid", json.dumps(plain))
    text = re.sub(r"0x[0-9a-f]+", "address", text)
    names = model_names(plain["metadata"].get("widgets", {}))
    return json.loads(MODEL_ID.sub(lambda match: names.get(match.group(), "unknown"), text))


MODEL_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def model_names(widgets: dict[str, Any]) -> dict[str, str]:
    """Name each widget model, known by a random id, after its contents; equal ones alike."""
    states = widgets.get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    contents = {key: MODEL_ID.sub("id", json.dumps(state)) for key, state in states.items()}
    ordered = sorted(set(contents.values()))
    return {
        key: f"{states[key]['model_name']} {ordered.index(content)}"
        for key, content in contents.items()
    }


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """The notebook with every kind of output, by the standard engine and by ours."""
    folder = tmp_path_factory.mktemp("both")
    parameters = {"budget": 5_000_000, "label": "节日 'gift'", "share": [0.2, None]}
    with pytest.MonkeyPatch.context() as patch:
        # ipykernel leaves file descriptors alone when it believes to run inside pytest
        patch.delenv("PYTEST_CURRENT_TEST", raising=False)
        standard, ours = (
            comparable(run(EVERY_KIND_OF_OUTPUT, folder, engine, parameters=parameters))
            for engine in (None, "kolkit")
        )
    return standard, ours


def joined(cell: dict[str, Any]) -> dict[str, Any]:
    """The cell with neighbouring pieces of one stream as one: how they are cut is chance."""
    outputs: list[dict[str, Any]] = []
    for output in cell.get("outputs", []):
        last = outputs[-1] if outputs else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            outputs[-1] = {**last, "text": "".join([*last["text"], *output["text"]])}
        elif output["output_type"] == "stream":
            outputs.append({**output, "text": "".join(output["text"])})
        else:
            outputs.append(output)
    return {**cell, "outputs": outputs}


def test_every_cell_has_the_outputs_of_the_standard_engine(both: Any) -> None:
    standard, ours = both
    assert len(ours["cells"]) == len(EVERY_KIND_OF_OUTPUT) + 2  # heading, injected parameters
    for expected, found in zip(standard["cells"], ours["cells"], strict=True):
        assert joined(found) == joined(expected), expected["source"]


def test_notebook_metadata_and_widget_state_are_those_of_the_standard_engine(both: Any) -> None:
    standard, ours = both
    assert ours["metadata"] == standard["metadata"]
    states = ours["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert len(states) == 5  # slider, its style, chart, output, and their equal layouts as one
    kinds = {state["model_name"]: state for state in states.values()}
    assert kinds["IntSliderModel"]["state"]["value"] == 8
    assert kinds["AnyModel"]["buffers"][0]["path"] == ["blob"]
    assert kinds["OutputModel"]["state"]["outputs"][0]["text"] == "inside\n"


def test_the_compared_notebook_does_hold_the_outputs_it_is_meant_to(both: Any) -> None:
    _, ours = both
    cells = {"".join(cell["source"]): cell for cell in ours["cells"]}

    def first(source: str) -> Any:
        return cells[source]["outputs"][0]

    assert cells["None"]["outputs"] == cells["'suppressed';"]["outputs"] == []
    assert "application/vnd.plotly.v1+json" in first(EVERY_KIND_OF_OUTPUT[6])["data"]
    assert "".join(first("!echo from a shell")["text"]).strip() == "from a shell"
    assert first(EVERY_KIND_OF_OUTPUT[24])["text"] == ["raw bytes\n"]
    assert first(EVERY_KIND_OF_OUTPUT[14])["data"]["text/plain"] == ["'second'"]
    assert first("budget, label, share")["data"]["text/plain"] == [
        "(5000000, \"节日 'gift'\", [0.2, None])"
    ]


@pytest.mark.parametrize(
    ("failing", "name"),
    [
        ("def f(x):\n    return 1 / x\nprint('so far')\nf(0)", "ZeroDivisionError"),
        ("answer = input('your name? ')", "StdinNotImplementedError"),
    ],
)
def test_a_failing_cell_stops_the_run_as_with_the_standard_engine(
    tmp_path: Path, failing: str, name: str
) -> None:
    written, raised = [], []
    for engine in (None, "kolkit"):
        with pytest.raises(PapermillExecutionError) as caught:
            run(["'first'", failing, "print('never')"], tmp_path, engine)
        raised.append((caught.value.ename, caught.value.evalue, caught.value.exec_count))
        written.append(comparable(nbformat.read(tmp_path / f"out-{engine}.ipynb", as_version=4)))
    assert raised[0] == raised[1]
    assert raised[1][0] == name
    assert written[0] == written[1]
    last = written[1]["cells"][-1]
    assert (last["outputs"], last["state"]) == ([], ["pending", None])


def test_a_cell_tagged_as_raising_does_not_stop_the_run(tmp_path: Path) -> None:
    source = write_notebook(tmp_path / "in.ipynb", ["1 / 0", "'went on'"])
    notebook = nbformat.read(source, as_version=4)
    notebook.cells[1].metadata.tags = ["raises-exception"]
    nbformat.write(notebook, source)
    KolkitEngine.execute_notebook(
        done := load_notebook_node(str(source)), "python3", progress_bar=False
    )
    assert done.cells[1].outputs[0].ename == "ZeroDivisionError"
    assert done.cells[2].outputs[0].data["text/plain"] == "'went on'"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_process_is_a_fault_of_the_environment_at_once(tmp_path: Path) -> None:
    start = time.monotonic()
    with pytest.raises(EnvironmentFault, match=r"While cell 3 ran, .* lack of memory"):
        run(["print('kept')", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"], tmp_path)
    assert time.monotonic() - start < 20
    written = nbformat.read(tmp_path / "out-kolkit.ipynb", as_version=4)
    assert written.cells[1].outputs[0].text == "kept\n"
    assert [c.metadata.papermill.status for c in written.cells[1:]] == ["completed", "failed"]
    assert written.metadata.papermill.exception is True


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_engine_works_again_after_its_fork_server_was_killed(tmp_path: Path) -> None:
    run(["1"], tmp_path)
    from multiprocessing import forkserver

    server = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    os.kill(server, signal.SIGKILL)
    time.sleep(0.2)
    assert texts(run(["'back'"], tmp_path)) == ["'back'"]


def test_a_notebook_that_exits_python_is_named_as_the_cause(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"While cell 2 ran, .*exit code 3"):
        run(["import os\nos._exit(3)"], tmp_path)


def test_a_cell_over_its_time_ends_the_run(tmp_path: Path) -> None:
    start = time.monotonic()
    with pytest.raises(CellTimeoutError):
        run(
            ["import time\nwhile True: print('x'); time.sleep(0.01)"], tmp_path, execution_timeout=1
        )
    assert time.monotonic() - start < 15


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_cell_over_its_time_is_interrupted_when_asked(tmp_path: Path) -> None:
    with pytest.raises(PapermillExecutionError) as caught:
        run(
            ["import time\ntime.sleep(60)"],
            tmp_path,
            execution_timeout=1,
            interrupt_on_timeout=True,
        )
    assert caught.value.ename == "KeyboardInterrupt"


def test_two_runs_do_not_share_state(tmp_path: Path) -> None:
    look = (
        "import os, random, numpy, pandas\n"
        "print('secret' in globals(), os.environ.get('LEFT_BEHIND'),"
        " pandas.options.display.max_rows)\n"
        "print(os.getpid(), random.random(), numpy.random.rand())"
    )
    leave = "secret = 1\nos.environ['LEFT_BEHIND'] = 'x'\npandas.options.display.max_rows = 7"
    first, second = (texts(run([look, leave], tmp_path))[0].splitlines() for _ in range(2))
    assert first[0] == second[0] == "False None 60"
    # another process, and other random numbers than a process forked from the same parent
    assert not set(first[1].split()) & set(second[1].split())


def test_the_notebook_sees_the_environment_of_the_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_fork_server()
    monkeypatch.setenv("SET_AFTER_THE_SERVER_STARTED", "yes")
    monkeypatch.setattr(sys, "path", [*sys.path, "/only/for/the/caller"])
    found = texts(
        run(
            [
                "import os, sys\nos.environ['SET_AFTER_THE_SERVER_STARTED']",
                "sys.argv, sys.path[0], '/only/for/the/caller' in sys.path",
            ],
            tmp_path,
        )
    )
    assert found == ["'yes'", "([''], '', False)"]


def test_the_working_directory_is_that_of_papermill(tmp_path: Path) -> None:
    (folder := tmp_path / "数据 folder").mkdir()
    assert texts(run(["import os\nprint(os.getcwd())"], tmp_path, cwd=folder)) == [f"{folder}\n"]
    assert texts(run(["import os\nprint(os.getcwd())"], tmp_path)) == [f"{os.getcwd()}\n"]


def test_notebooks_run_at_once_from_threads_each_in_its_folder(tmp_path: Path) -> None:
    stop = threading.Event()
    busy = [threading.Thread(target=stop.wait, daemon=True) for _ in range(4)]
    for thread in busy:
        thread.start()
    source = write_notebook(
        tmp_path / "in.ipynb", ["import os\nprint(os.path.basename(os.getcwd()))"]
    )

    def execute(name: str) -> str:
        (tmp_path / name).mkdir()
        notebook = load_notebook_node(str(source))
        resources = {"metadata": {"path": str(tmp_path / name)}}
        KolkitEngine.execute_notebook(notebook, "python3", progress_bar=False, resources=resources)
        return notebook.cells[1].outputs[0].text

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(execute, "abcd")) == ["a\n", "b\n", "c\n", "d\n"]
    stop.set()


def test_exit_handlers_of_a_notebook_run(tmp_path: Path) -> None:
    run(
        ["import atexit, pathlib\natexit.register(pathlib.Path('left').touch)"],
        tmp_path,
        cwd=tmp_path,
    )
    assert (tmp_path / "left").exists()


def test_papermill_on_the_command_line_finds_the_engine(tmp_path: Path) -> None:
    source = write_notebook(tmp_path / "in.ipynb", ["print(budget)"])
    target = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", "--engine", "kolkit", source, target]
    done = subprocess.run(
        [*map(str, command), "-p", "budget", "12"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert texts(nbformat.read(target, as_version=4))[-1] == "12\n"


def test_a_script_without_a_main_guard_is_not_run_again_by_the_notebook(tmp_path: Path) -> None:
    write_notebook(tmp_path / "in.ipynb", ["1"])
    script = tmp_path / "script.py"
    script.write_text(
        "import papermill\nprint('once')\n"
        "papermill.execute_notebook('in.ipynb', 'out.ipynb', engine_name='kolkit',"
        " progress_bar=False)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "once\n"), done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_notebook_does_not_outlive_a_killed_caller(tmp_path: Path) -> None:
    endless = "import os, time\nopen('pid', 'w').write(str(os.getpid()))\nwhile True: time.sleep(1)"
    write_notebook(tmp_path / "in.ipynb", [endless])
    caller = subprocess.Popen(
        [sys.executable, "-m", "papermill", "--engine", "kolkit", "in.ipynb", "out.ipynb"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    pid_file = tmp_path / "pid"
    wait_until(lambda: pid_file.exists() and pid_file.read_text() != "")
    caller.kill()
    caller.wait()
    wait_until(lambda: not Path("/proc", pid_file.read_text()).exists())


def wait_until(true: Any, seconds: float = 60) -> None:
    """Return as soon as `true()` holds; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_engine_is_cheap_to_import_and_may_be_imported_before_papermill() -> None:
    code = (
        "import sys, kolkit.report.engine\n"
        "print([m for m in ('papermill', 'pandas', 'plotly', 'ipywidgets', 'ipykernel')"
        " if m in sys.modules])\n"
        "mine = kolkit.report.engine.KolkitEngine\n"
        "from papermill.engines import papermill_engines\n"
        "print(papermill_engines.get_engine('kolkit') is mine)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\nTrue\n"


def test_a_notebook_in_another_language_is_refused(tmp_path: Path) -> None:
    source = write_notebook(tmp_path / "in.ipynb", ["1"], language="R")
    with pytest.raises(InputError, match="'R'"):
        papermill.execute_notebook(source, None, engine_name="kolkit", progress_bar=False)


def test_a_small_notebook_takes_less_than_half_of_the_standard_engines_time(
    tmp_path: Path,
) -> None:
    sources = [
        "import anywidget, ipywidgets, pandas, plotly.graph_objects as go",
        *(f"pandas.DataFrame({{'a': [{i}]}})" for i in range(9)),
    ]
    run(["1"], tmp_path)  # the fork server is up

    def seconds(engine: str | None) -> float:
        start = time.perf_counter()
        run(sources, tmp_path, engine)
        return time.perf_counter() - start

    assert min(seconds("kolkit") for _ in range(3)) < seconds(None) / 2
