"""A wire between browser and server that a test can cut and mend."""

import contextlib
import socket
import threading
from urllib.parse import urlsplit


class Wire:
    """Passes every connection on to a server; `cut` drops all of them and refuses new ones."""

    def __init__(self, address: str) -> None:
        self._target = (str(urlsplit(address).hostname), int(urlsplit(address).port or 80))
        self._ends: list[socket.socket] = []
        self._open = True
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if not self._open:
                near.close()
                continue
            far = socket.create_connection(self._target)
            self._ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
                end.close()

    def cut(self) -> None:
        """Every connection ends and no new one begins."""
        self._open = False
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()

    def mend(self) -> None:
        """New connections get through again."""
        self._open = True

    def close(self) -> None:
        """The end of the wire."""
        self.cut()
        self._listening.close()
