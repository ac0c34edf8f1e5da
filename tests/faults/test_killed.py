"""Killed (SIGKILL) at random moments: nothing half-written is ever read, earlier files stay, the next call
goes on or starts cleanly. ``make faults`` kills more often, and commands that take longer.
"""
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

from d2lhelpers import files, handover, my
from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError

import nbformat
import pandas
import pytest
import tiny
from submissions import RIGHT, WRONG, write
from test_marking import run as mark
from test_marking import told
from test_network import GOOD, KNOWN, need
from test_results import lesson

from tools.notebooks import notebooks
from tools.results import results

LONG = bool(os.environ.get('D2LHELPERS_FAULTS'))
KILLS = 15 if LONG else 2
campaign = pytest.mark.skipif(not LONG, reason='make faults runs it')


def kill(code, *arguments, most, number, **environment):
    """Run Python code, and kill it at most so many seconds after it has said that it is ready."""
    process = subprocess.Popen([sys.executable, '-c', code, *map(str, arguments)], cwd=settings.root,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               env=os.environ | environment)
    assert process.stdout.readline() == 'ready\n'
    moment = random.Random(number).uniform(0, most)
    time.sleep(moment)
    process.kill()
    process.wait()
    process.stdout.close()
    return moment


@pytest.mark.parametrize('number', range(KILLS))
def test_a_download(serve, full_profile, number):
    def slowly(request):
        request.send_response(200)
        request.send_header('Content-Length', str(len(GOOD)))
        request.end_headers()
        for start in range(0, len(GOOD), 1000):
            request.wfile.write(GOOD[start:start + 1000])
            time.sleep(.003)

    address = serve({'/net': slowly, '/good': GOOD})
    (full_profile / 'weights').mkdir(parents=True)
    (full_profile / 'earlier.zip').write_bytes(b'earlier')
    code = ('import sys; from pathlib import Path; from d2lhelpers import files; import requests, pooch\n'
            'file = files.RemoteFile("net", "weights/net.params", (), (sys.argv[1],), sys.argv[2])\n'
            'print("ready", flush=True); files._fetch(file, sys.argv[1], Path(sys.argv[3]))')
    kill(code, f'{address}/net', KNOWN, full_profile, most=.4, number=number, NO_PROXY='127.0.0.1')
    there = full_profile / 'weights/net.params'
    assert not there.exists() or there.read_bytes() == GOOD
    assert files.get(need(address + '/good'))[1].read_bytes() == GOOD
    assert (full_profile / 'earlier.zip').read_bytes() == b'earlier'


@pytest.mark.parametrize('number', range(KILLS))
def test_the_copying_of_make_lab(root, number):
    for each in range(20):
        tiny.write(root, f'{each:02}_lesson', 'x = 1\n' * 3_000)
    code = ('import sys; from pathlib import Path; from d2lhelpers import my\n'
            'print("ready", flush=True); my.copy(Path(sys.argv[1]))')
    kill(code, root, most=1.5, number=number)
    for path in (root / 'my').glob('*.ipynb'):
        assert len(nbformat.read(path, as_version=4).cells) == 2
    assert my.copy(root)[1] == [] and my.copy(root) == ([], [])
    assert len(list((root / 'my').glob('*.ipynb'))) == 20


@pytest.mark.parametrize('number', range(KILLS))
def test_files_written_over_and_over(tmp_path, number):
    code = ('import sys; from pathlib import Path; from d2lhelpers.files import write_whole\n'
            'print("ready", flush=True)\n'
            'while True:\n    for letter in "ab": write_whole(Path(sys.argv[1]), letter * 10 ** 6)')
    path = tmp_path / 'a.csv'
    path.write_text('b' * 10 ** 6)
    kill(code, path, most=.2, number=number)
    assert path.read_text() in ('a' * 10 ** 6, 'b' * 10 ** 6)


HAND_OVER = '''
import dataclasses, sys
sys.path.insert(0, "tests")
import handed
from d2lhelpers import handover, new_head, backbones
in_use, card, data = handed.small()
other = dataclasses.replace(in_use, net=new_head(backbones.embedded().load(), 2), temperature=2.)
print("ready", flush=True)
while True:
    handover.hand_over(sys.argv[1], other, card)
    handover.hand_over(sys.argv[1], in_use, card)
'''


@pytest.mark.parametrize('number', range(KILLS))
def test_a_network_that_is_handed_over_again(tmp_path, number, network):
    folder = tmp_path / 'network'
    kill(HAND_OVER, folder, most=1.5, number=number)
    if folder.exists() and (folder / handover.SETTINGS).exists():
        try:
            handover.load(folder)
        except CourseError as error:
            assert 'its files do not belong together' in str(error)
    in_use, card = network
    assert handover.load(handover.hand_over(folder, in_use, card)).temperature == in_use.temperature


def test_between_two_files_of_a_network(tmp_path, network):
    """An interrupt may leave some of the files of a first network; or some of a new one, some of the old."""
    in_use, card = network
    names = [*handover._NETWORK, 'preprocessing.py', handover.CARD]
    first = handover.hand_over(tmp_path / 'first', in_use, card)
    for n in range(len(names) + 1):
        begun = tmp_path / f'begun {n}'
        begun.mkdir()
        for name in names[:n]:
            shutil.copy(first / name, begun)
        assert handover.load(handover.hand_over(begun, in_use, card)).classes == in_use.classes
    in_use.net.output.weight.set_data(in_use.net.output.weight.data() + 1)
    other = handover.hand_over(tmp_path / 'other', in_use, card)
    shutil.copy(other / names[1], first)
    with pytest.raises(CourseError, match='do not belong together.*hand it over again'):
        handover.load(first)
    assert handover.load(handover.hand_over(first, in_use, card)).classes == in_use.classes


def test_training_that_keeps_the_best_weights_writes_nothing(tmp_path):
    code = ('from d2lhelpers import backbones, batches, cross_entropy, fit, new_head, accuracy, seed_all\n'
            'from mxnet import gluon, np\nseed_all(0)\nnet = backbones.build("thin_resnet", 2)\n'
            'data = gluon.data.ArrayDataset(np.random.uniform(size=(64, 3, 32, 32)), '
            'np.zeros(64, dtype="int32"))\n'
            'trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": .01})\n'
            'print("ready", flush=True)\n'
            'fit(lambda x, y: cross_entropy(net(x), y), batches(data, size=32), trainer, 1000, '
            'evaluate={"right": lambda: accuracy(net, data)}, keep_best="right")')
    for number in range(KILLS if LONG else 1):
        kill(code, most=2, number=number, HOME=str(tmp_path), PYTHONDONTWRITEBYTECODE='1')
    assert [path for path in tmp_path.rglob('*') if path.is_file() and '.cache' not in path.parts
            and '.config' not in path.parts] == []


@campaign
@pytest.mark.parametrize('number', range(KILLS))
def test_make_notebooks(root, number):
    path = tiny.write(root, '01_first', 'from d2lhelpers.used import double', 'double(21)')
    before = path.read_bytes()
    code = ('import sys; from pathlib import Path; from tools.notebooks import notebooks\n'
            'print("ready", flush=True); notebooks(root=Path(sys.argv[1]))')
    kill(code, root, most=12, number=number)
    if path.read_bytes() != before:
        assert tiny.read(path).cells[2].outputs[0].data['text/plain'] == '42'
    notebooks(root=root)
    assert tiny.read(path).cells[2].outputs[0].data['text/plain'] == '42'
    assert notebooks(root=root) == []


@campaign
@pytest.mark.parametrize('number', range(KILLS))
def test_make_results(root, number):
    """Two kernels share six runs of a study: none is lost, none is made up."""
    path = lesson(root, slow=.5)
    before, record = path.read_bytes(), root / 'data/results/01_study-embedded.csv'
    code = ('import sys; from pathlib import Path; from tools import results\n'
            'type(results.settings).cores = 2\n'
            'print("ready", flush=True); results.results("01", Path(sys.argv[1]))')
    kill(code, root, most=12, number=number)
    assert path.read_bytes() == before or tiny.read(path).cells[2].outputs[0].data['text/plain'] == '6'
    if record.exists():
        assert len(pandas.read_csv(record)) == 6
    results('01', root)
    assert pandas.read_csv(record)['validation'].tolist() == [.25, .26, .27, .28, .29, .3]
    assert tiny.read(path).cells[2].outputs[0].data['text/plain'] == '6'
    assert not list((root / 'data/results/.runs').iterdir())


@campaign
@pytest.mark.parametrize('number', range(KILLS))
def test_mark(tmp_path, number):
    """Three students; what was finished stays, and the next call marks the others as if nothing had been."""
    for name, cell in (('anna', RIGHT), ('ben', WRONG), ('chi', RIGHT)):
        write(tmp_path / 'in', name, [cell])
    out = tmp_path / 'out'
    code = ('import sys; from d2lhelpers.__main__ import main\n'
            'print("ready", flush=True); sys.exit(main(sys.argv[1:]))')
    kill(code, 'mark', tmp_path / 'in', '--out', out, '--seed', 7, '--jobs', 2, most=60, number=number)
    finished = {path: path.read_bytes() for path in (out / 'finished').glob('*.json')}
    for file in finished:
        json.loads(file.read_text())
    _, rows = mark(tmp_path / 'in', out)
    assert {student: told(rows, student)[0] for student in ('anna', 'ben', 'chi')} == {
        'anna': {'yes'}, 'ben': {'no'}, 'chi': {'yes'}}
    assert all(path.read_bytes() == content for path, content in finished.items())


@campaign
@pytest.mark.parametrize('number', range(KILLS))
def test_set_up(tmp_path, number):
    """With the real uv and four packages of the lock, one of a thousand files: none stays halfway there."""
    lock = (settings.root / 'requirements.lock').read_text()
    (tmp_path / 'requirements.lock').write_text(''.join(
        re.search(rf'^{name}==.*?(?=^\w)', lock, re.MULTILINE | re.DOTALL)[0]
        for name in ('idna', 'certifi', 'tqdm', 'babel')))
    for name in ('.setup.sh', 'pyproject.toml'):
        shutil.copy(settings.root / name, tmp_path)
    (tmp_path / 'd2lhelpers').mkdir()
    (tmp_path / 'd2lhelpers/__main__.py').write_text('import certifi, idna, tqdm\nprint("OK")\n')
    if (settings.root / '.uv').exists():
        (tmp_path / '.uv').symlink_to(settings.root / '.uv')
    command = ['sh', '.setup.sh', 'python', '-c', 'import certifi, idna, tqdm; print("ran")']
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               start_new_session=True)
    packages = tmp_path / '.venv/lib/python3.11/site-packages'
    if number % 2:  # while files are copied, which is soon over
        while not (packages / 'babel').exists() and process.poll() is None:
            time.sleep(.001)
    time.sleep(random.Random(number).uniform(0, .03 if number % 2 else 3))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    if 'packages could not be installed' in done.stderr:
        pytest.skip('no package index was reached')
    assert done.returncode == 0 and done.stdout.endswith('ran\n'), done.stderr
    assert not (tmp_path / '.setup-lock').exists()
    files = [line.split(',')[0] for record in packages.glob('*.dist-info/RECORD')
             for line in record.read_text().splitlines()]
    assert len(files) > 1000 and all((packages / file).exists() for file in files)
