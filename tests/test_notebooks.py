"""The way notebooks are tested is tested itself: notebooks broken on purpose must come out red, one that is
sound green.

The committed notebooks are run by nbval (``pytest notebooks``, see conftest.py).
"""
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.execution import kernel_environment

CHECKED = {'tags': ['nbval-check-output']}


def cell(source, printed=None, **metadata):
    outputs = [new_output('stream', name='stdout', text=printed)] if printed else []
    return new_code_cell(source, execution_count=1, outputs=outputs, metadata=metadata)


NOTEBOOKS = {
    'sound': [
        cell("import os\nprint(os.environ['D2LHELPERS_STRICT'], os.environ['D2LHELPERS_RECORD'])",
             '1 check\n', **CHECKED),
        cell("print(os.environ['OMP_NUM_THREADS'])", '1\n', **CHECKED),
        cell("print(os.environ['D2LHELPERS_PROFILE'], 'D2LHELPERS_DATA' in os.environ)", 'embedded False\n',
             **CHECKED),
        cell("print(get_ipython().kernel.parent.transport)", 'ipc\n', **CHECKED),  # no port to lose to others
        cell('import time\nprint(time.time())', 'another number each time, and this cell is not compared\n')],
    'other_output': [cell('print(2)', '1\n', **CHECKED), cell('print(1)', '1\n', **CHECKED)],
    'raises': [cell('x = 1'), cell("raise ValueError('the pictures are upside down')"), cell('x'),
               cell('undefined')],
    'claims': [cell("from d2lhelpers import claim\nclaim('Red is green.', False)")],
    'exercises/sound': [
        cell("import os\nprint(*(os.environ[name] for name in ('D2LHELPERS_STRICT', 'OMP_NUM_THREADS', "
             "'D2LHELPERS_PROFILE')))\n"
             "print(os.path.basename(os.getcwd()))", '1 1 embedded\nexercises\n', **CHECKED)],
    'exercises/wrong': [
        cell("from d2lhelpers.exercises.checking import Wrong, check"),
        cell("@check(1)\ndef check_1(answer):\n    raise Wrong('It is upside down.')\n\n\ncheck_1(lambda x: "
             "...)"),
        cell('check_1(lambda x: x)')],
    'fetches': [cell('import urllib.request\ntry:\n'
                     "    urllib.request.urlopen('http://example.org', timeout=5)\nexcept OSError:\n    "
                     "print('then without')")],
}


@pytest.fixture(scope='module')
def report(tmp_path_factory):
    """What pytest prints about the notebooks above, run as make test runs the committed ones."""
    folder = tmp_path_factory.mktemp('broken')
    for name, cells in NOTEBOOKS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        nbformat.write(new_notebook(cells=cells), folder / f'{name}.ipynb')
    tests = str(Path(__file__).parent.parent)
    environment = os.environ | {'PYTHONPATH': os.pathsep.join([tests, os.environ.get('PYTHONPATH', '')]),
                                'D2LHELPERS_DATA': str(folder)}
    command = [sys.executable, '-m', 'pytest', '-p', 'conftest', '-p', 'no:cacheprovider', '-c', os.devnull,
               '--rootdir', folder, '-rA', '--color=no',
               '--nbval-lax', '--nbval-current-env', folder]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True).stdout


def outcomes(report, name):
    """The outcome of each cell of a notebook, in order."""
    found = re.findall(rf'^(PASSED|FAILED) {name}\.ipynb::Cell (\d+)', report, re.MULTILINE)
    return [outcome for outcome, _ in sorted(found, key=lambda pair: int(pair[1]))]


def test_sound_notebook(report):
    assert outcomes(report, 'sound') == ['PASSED'] * 5, report


def test_outputs_are_compared_where_the_tag_says_so(report):
    assert outcomes(report, 'other_output') == ['FAILED', 'PASSED'], report


def test_cells_after_an_exception_are_skipped(report):
    assert outcomes(report, 'raises') == ['PASSED', 'FAILED'], report
    assert 'the pictures are upside down' in report and 'raises.ipynb: Cell 1 raised' in report
    assert 'undefined' not in report


def test_failing_claim(report):
    assert outcomes(report, 'claims') == ['FAILED'], report
    assert 'AssertionError' in report and 'Red is green.' in report


def test_exercises_have_the_same_kernels(report):
    assert outcomes(report, 'exercises/sound') == ['PASSED'], report


def test_wrong_answer_in_a_solution(report):
    assert outcomes(report, 'exercises/wrong') == ['PASSED', 'PASSED', 'FAILED'], report
    assert 'Exercise 1: not yet. It is upside down.' in report


def test_fetching_notebook(report):
    assert outcomes(report, 'fetches') == ['FAILED'], report
    assert 'this notebook tried to reach' in report and 'then without' not in report.split('Traceback')[-1]


def test_seconds_are_reported(report):
    assert re.search(r'^ +\d+\.\d sound$', report, re.MULTILINE), report


def in_a_kernel(source):
    """Run Python code in the environment of a kernel; what it says last."""
    outcome = subprocess.run([sys.executable, '-c', source], env=kernel_environment(), capture_output=True,
                             text=True)
    return (outcome.stdout + outcome.stderr).strip().splitlines()[-1]


@pytest.mark.parametrize('source', [
    "import urllib.request; urllib.request.urlopen('http://example.org', timeout=5)",
    "import urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://192.0.2.1', timeout=5)",
    "import requests; requests.get('https://example.org', timeout=5)",
    "import socket; socket.create_connection(('2001:db8::1', 80), timeout=5)",
    "import socket; socket.socket(socket.AF_INET6).connect(('::ffff:192.0.2.1', 80))",
    "import socket; socket.socket().connect_ex(('192.0.2.1', 80))",
    "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'?', ('192.0.2.1', 53))",
    "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg([b'?'], [], 0, ('192.0.2.1', "
    "53))",
    "import socket; socket.gethostbyname('example.org')",
    "import asyncio; asyncio.run(asyncio.open_connection('192.0.2.1', 80))"])
def test_nothing_gets_out(source):
    assert 'this notebook tried to reach' in in_a_kernel(source)


def test_programs_meet_a_closed_proxy():
    assert in_a_kernel("import os; print({os.environ[name] for name in ('http_proxy', 'HTTPS_PROXY', "
                       "'ALL_PROXY')})") == "{'http://127.0.0.1:9'}"


@pytest.mark.parametrize('host', ['127.0.0.1', 'localhost', '::1'])
def test_loopback_is_open(host):
    source = f"""
import socket
server = socket.create_server(('{host}', 0), family=socket.AF_INET6 if ':' in '{host}' else socket.AF_INET)
socket.create_connection(server.getsockname()[:2])
print('connected')"""
    assert in_a_kernel(source) == 'connected'
