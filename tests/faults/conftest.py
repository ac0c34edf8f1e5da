"""What these tests share: a server of this machine, and the full profile with nothing in it."""
import http.server
import threading

from d2lhelpers import files
from d2lhelpers.environment import settings

import handed
import pytest


class Handler(http.server.BaseHTTPRequestHandler):
    """A page is its bytes, or a function that writes the whole answer."""

    def do_GET(self):
        self.server.asked.append(self.path)
        page = self.server.pages.get(self.path, self.server.pages.get('*'))
        if callable(page):
            page(self)
            return
        self.send_response(200 if page is not None else 404)
        self.send_header('Content-Length', str(len(page or b'')))
        self.end_headers()
        self.wfile.write(page or b'')

    def do_CONNECT(self):
        self.do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture
def serve(monkeypatch):
    """``serve({'/path': bytes or function})`` gives the address of a server; all end with the test."""
    monkeypatch.setenv('NO_PROXY', '127.0.0.1')
    servers = []

    def start(pages):
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        server.daemon_threads, server.block_on_close = True, False
        server.pages, server.asked = pages, []
        threading.Thread(target=server.serve_forever, args=(.05,)).start()
        servers.append(server)
        return f'http://127.0.0.1:{server.server_port}'

    start.servers = servers
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope='module')
def network():
    """A network in use, and its card."""
    in_use, card, _ = handed.small()
    return in_use, card


@pytest.fixture
def full_profile(monkeypatch, tmp_path):
    """Its downloads go to an empty folder."""
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    monkeypatch.setattr(settings, 'root', tmp_path / 'course')
    monkeypatch.setattr(files, 'fetch_wheels', lambda folder: None)
    files._say_once.cache_clear()
    return settings.downloads
