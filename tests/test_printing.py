"""A document that is printed reaches nobody: no file, no network, no other window."""

import http.server
import io
import threading
from collections.abc import Iterator

import pytest
from pypdf import PdfReader

from kolkit.report.pdf import Printer


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine, and the paths that it was asked for."""
    asked: list[str] = []

    class Asked(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - the name is http.server's

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


REACHING = """<!DOCTYPE html><html><head>
<link rel="preconnect" href="http://{at}"><link rel="dns-prefetch" href="http://{at}">
<link rel="stylesheet" href="http://{at}/style"><link rel="prefetch" href="http://{at}/prefetch">
<script src="http://{at}/script"></script>
<style>@import "http://{at}/import"; body {{ background: url(http://{at}/background) }}
@font-face {{ font-family: x; src: url(http://{at}/font) }} p {{ font-family: x }}</style></head>
<body>
<p>words</p><iframe src="http://{at}/frame"></iframe>
<iframe src="{file}"></iframe><object data="{file}"></object><embed src="{file}">
<video src="http://{at}/video" autoplay></video>
<script>
const after = [];
const picture = new Image();
picture.src = "http://{at}/image";
const told = (kind, text) => document.body.append(kind + text);
after.push(fetch("http://{at}/fetch", {{ mode: "no-cors" }}).catch(() => 0));
after.push(fetch("{file}").then((r) => r.text()).then((t) => told("file", t)).catch(() => 0));
navigator.sendBeacon("http://{at}/beacon", "x");
new EventSource("http://{at}/events");
after.push(new Promise((done) => {{
  const socket = new WebSocket("ws://{at}/socket");
  socket.onopen = socket.onclose = socket.onerror = done;
}}));
try {{ new Worker("http://{at}/worker"); }} catch {{ }}
try {{ window.open("http://{at}/popup"); }} catch {{ }}
window.__kolkitReady = Promise.all(after).then(() => new Promise((d) => setTimeout(d, 500)));
</script></body></html>"""


def test_a_document_that_reaches_out_while_printing_reaches_nobody(
    browser_path, listener, tmp_path
):
    at, asked = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("TOPSECRET")
    with Printer() as printer:
        pdf = printer.print(REACHING.format(at=at, file=secret.as_uri()), page_size="A4").pdf
        told = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert "words" in told
    assert "TOPSECRET" not in told
    assert asked == []
