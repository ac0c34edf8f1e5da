"""A real browser for the tests, and JupyterLab as a learner starts it, on a copy of the course so that my/
stays the learner's.
"""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

from d2lhelpers.environment import settings

import nbformat
import pytest
from playwright.sync_api import sync_playwright

from tools.execution import kernel_environment

FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
         '--disable-background-networking', '--disable-component-update',
         '--disable-sync']
# milliseconds that a page may take for one thing: a time-out of a hanging browser, no measure of speed
PATIENCE = 300_000


@contextlib.contextmanager
def chromium():
    """A headless Chromium with a fresh profile. Skips the test where there is none, and fails where CI is
    set.
    """
    program = next(filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), None)
    if program is None:
        reason = ('there is no Chromium on this machine (Debian: apt-get install chromium), so nothing was '
                  'looked at in a browser')
        (pytest.fail if os.environ.get('CI') else pytest.skip)(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def copy_course(folder):
    """The course as a fresh clone has it, with this environment: what make needs, the package, the notebooks,
    the small data.
    """
    for name in ('Makefile', '.setup.sh', 'pyproject.toml', 'requirements.lock', 'README.md'):
        shutil.copy(settings.root / name, folder)
    for name in ('d2lhelpers', 'notebooks', 'data/weights', 'data/results'):
        shutil.copytree(settings.root / name, folder / name,
                        ignore=shutil.ignore_patterns('.runs', '__pycache__', '.ipynb_checkpoints', 'saved'))
    (folder / '.venv').symlink_to(settings.root / '.venv')
    return folder


class Lab:
    """JupyterLab, started by ``make lab`` in a copy of the course, and a window of the browser to work in."""

    def __init__(self, browser, folder):
        self.folder, self.window = folder, browser.new_context(viewport={'width': 1400, 'height': 900})
        self.window.set_default_timeout(PATIENCE)
        self.asked = []  # every address that the window has asked for
        self.window.on('request', lambda request: self.asked.append(request.url))
        with socket.create_server(('127.0.0.1', 0)) as probe:
            port = probe.getsockname()[1]
        environment = kernel_environment() | {f'JUPYTER_{kind}_DIR': str(folder / f'.{kind}')
                                              for kind in ('CONFIG', 'DATA', 'RUNTIME')}
        environment |= {'IPYTHONDIR': str(folder / '.ipython')}
        self.log = folder / 'lab.log'
        with open(self.log, 'w') as log:
            self.process = subprocess.Popen(['make', 'lab', f'LAB=--no-browser --port={port}'], cwd=folder,
                                            env=environment, stdout=log,
                                            stderr=subprocess.STDOUT, start_new_session=True)
        until(lambda: 'token=' in self.log.read_text() or self.process.poll() is not None)
        self.address, self.token = re.search(r'(http://127\S+?)/lab/tree/my/00_start_here.ipynb\?token=(\w+)',
                                             self.log.read_text()).groups()

    def close(self):
        self.window.close()
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)

    def open(self, name):
        """A notebook of ``my/`` in a tab of its own, with its kernel running."""
        page = self.window.new_page()
        # of its own, or JupyterLab would open again what other tests have opened
        workspace = re.sub(r'\W', '-', name)
        page.goto(f'{self.address}/lab/workspaces/{workspace}/tree/my/{name}.ipynb?token={self.token}')
        page.locator('.jp-NotebookPanel .jp-CodeCell').first.wait_for()
        page.get_by_text('Python 3 (ipykernel) | Idle').wait_for()  # what is run before is lost
        return Notebook(page, self.folder / 'my' / f'{name}.ipynb')


class Notebook:
    """A notebook in JupyterLab, worked with by clicks and keys alone."""

    def __init__(self, page, path):
        self.page, self.path = page, path
        self.cells = page.locator('.jp-NotebookPanel .jp-CodeCell')

    def select(self, cell):
        cell.locator('.jp-InputPrompt').click()

    def run(self, cell):
        """Run a cell by Shift + Enter, and wait until it is done; returns what it shows."""
        self.begin(cell)
        self.done(cell)
        return cell.locator('.jp-OutputArea').inner_text()

    def begin(self, cell):
        self.select(cell)
        self.page.keyboard.press('Shift+Enter')

    def done(self, cell):
        cell.locator('.jp-InputPrompt', has_text=re.compile(r'\[\d+\]')).wait_for()

    def type(self, cell, source):
        """Put other code into a cell."""
        cell.locator('.cm-content').click()
        self.page.keyboard.press('Control+a')
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press('Escape')

    def menu(self, menu, entry):
        self.page.locator('.lm-MenuBar-itemLabel', has_text=re.compile(f'^{menu}$')).click()
        self.page.locator('.lm-Menu-itemLabel', has_text=re.compile(f'^{entry}$')).click()

    def saved(self):
        """Save it, and read what is in the file."""
        before = self.path.stat().st_mtime_ns
        self.menu('File', 'Save Notebook')
        until(lambda: self.path.stat().st_mtime_ns != before and self._whole())
        return nbformat.read(self.path, as_version=4)

    def _whole(self):
        """Is the file whole, or is JupyterLab still writing it?"""
        try:
            json.loads(self.path.read_text(encoding='utf-8'))
        except ValueError:
            return False
        return True


def until(happened, seconds=PATIENCE / 1000):
    """Wait until something has happened."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f'this did not happen within {seconds:.0f} s'
        time.sleep(.2)
