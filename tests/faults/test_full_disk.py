"""A full disk, a folder that may not be written to: one sentence, nothing lost, nothing half-written."""
import errno
import hashlib
import json
import os
import subprocess
import sys

from d2lhelpers import files, handover, my
from d2lhelpers.__main__ import main
from d2lhelpers.environment import settings
from d2lhelpers.errors import CourseError
from d2lhelpers.runs import Runs

import nbformat
import pytest
import tiny
from disks import contents, filled, read_only, small
from jupyter_server.services.contents.largefilemanager import LargeFileManager

from tools.command import status


@pytest.fixture
def disk(tmp_path):
    with small(tmp_path / 'disk', 400) as folder:
        yield folder


def test_a_file_is_written_whole_or_stays_as_it_was(disk):
    files.write_whole(disk / 'a.csv', 'earlier')
    with filled(disk), pytest.raises(CourseError, match='a.csv cannot be written .No space left') as error:
        files.write_whole(disk / 'a.csv', 'later' * 10_000)
    assert '\n' not in str(error.value) and contents(disk) == {'a.csv': b'earlier'}


def test_a_file_in_a_folder_that_cannot_be_written_to(tmp_path):
    with read_only(tmp_path / 'folder') as folder, pytest.raises(CourseError, match='Read-only file system'):
        files.write_whole(folder / 'new' / 'a.csv', 'text')


def need(address, content):
    known = 'sha1:' + hashlib.sha1(content).hexdigest()
    file = files.RemoteFile('net', 'net.params', ('net.params',), (address,), known)
    return files.Need('test weights', 'd2lhelpers.some_module', (file,))


def test_a_download(disk, serve, full_profile, monkeypatch):
    content = bytes(300_000)
    (disk / 'earlier.zip').write_bytes(b'earlier')
    monkeypatch.setattr(files, 'NEEDS', (need(serve({'/net': content}) + '/net', content),))
    with filled(disk, 100), pytest.raises(CourseError, match='the disk is full'):
        files.download(disk)
    assert contents(disk) == {'earlier.zip': b'earlier'}
    files.download(disk)
    assert contents(disk) == {'earlier.zip': b'earlier', 'net.params': content}


def test_the_copies_of_the_notebooks(disk, capsys, monkeypatch):
    for name in ('01_first', '02_second'):
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell('x = 1\n' * 3_000)])
        (disk / 'notebooks').mkdir(exist_ok=True)
        nbformat.write(nb, disk / f'notebooks/{name}.ipynb')
    monkeypatch.setattr(settings, 'root', disk)
    with filled(disk, 90), pytest.raises(SystemExit, match='02_second.ipynb cannot be written .No space'):
        my.main(['lab'])
    assert [path.name for path in (disk / 'my').iterdir()] == ['01_first.ipynb']
    before = (disk / 'my/01_first.ipynb').read_bytes()
    with filled(disk), pytest.raises(SystemExit, match='No space left'):
        my.main(['reset', '01'])
    assert contents(disk / 'my') == {'01_first.ipynb': before}  # the learner's own is still the learner's own
    assert [path.name for path in my.copy(disk)[0]] == ['02_second.ipynb']


def test_runs_of_a_study(disk):
    """What is finished stays, and the next call goes on from there."""
    runs, computed = Runs(disk / 'runs', 3), []

    def compute(item):
        computed.append(item)
        return 'x' * 100_000

    with filled(disk, 130), pytest.raises(CourseError, match='No space left'):
        runs.all([1, 2, 3], compute)
    finished = contents(disk / 'runs')
    assert len([name for name in finished if name.endswith('.json')]) == 1
    assert set(finished) == {'total', *(name for name in finished if name.endswith('.json'))}
    assert len(runs.all([1, 2, 3], compute)) == 3 and len(computed) == 4


def test_a_network_that_is_handed_over(tmp_path, network):
    in_use, card = network
    with small(tmp_path / 'disk', 8_000) as disk:
        folder = handover.hand_over(disk / 'network', in_use, card)
        before = contents(disk)
        with filled(disk, 40), pytest.raises(CourseError, match='cannot be written'):
            handover.hand_over(folder, in_use, card)
        assert contents(disk) == before
        with filled(disk, 40), pytest.raises(CourseError, match='cannot be written'):
            handover.hand_over(disk / 'another', in_use, card)
        assert contents(disk) == before
        assert handover.load(handover.hand_over(disk / 'another', in_use, card)).classes == in_use.classes


def test_a_disk_that_is_full_at_the_very_end(tmp_path, network, monkeypatch):
    """MXNet does not notice that the last 4 kB of its file were not written."""
    write = handover._write

    def cut(folder, *more):
        write(folder, *more)
        os.truncate(folder / 'network-0000.params', (folder / 'network-0000.params').stat().st_size - 3000)
        settings = json.loads((folder / handover.SETTINGS).read_text())
        (folder / handover.SETTINGS).write_text(json.dumps(settings | {'network': handover._hash(folder)}))

    monkeypatch.setattr(handover, '_write', cut)
    with pytest.raises(CourseError, match='cannot be written .is the disk full'):
        handover.hand_over(tmp_path / 'network', *network)
    assert list(tmp_path.iterdir()) == []


def test_the_notebook_that_jupyterlab_saves(disk):
    """Jupyter's own way of writing; the course relies on it."""
    (disk / 'a.ipynb').write_text(nbformat.writes(nbformat.v4.new_notebook()))
    before = (disk / 'a.ipynb').read_bytes()
    manager = LargeFileManager(root_dir=str(disk))
    large = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell('text ' * 100_000)])
    with filled(disk), pytest.raises(Exception, match='No space left'):
        manager.save({'type': 'notebook', 'format': 'json', 'content': large}, 'a.ipynb')
    assert (disk / 'a.ipynb').read_bytes() == before


@pytest.mark.parametrize('code', [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_commands_end_with_a_sentence(code, capsys, monkeypatch):
    """Those of the makers (slides, say, which copies files of reveal.js), and the package's own."""
    def job(*args):
        raise OSError(code, 'No way', '/some/file')

    assert status(job) == 1
    monkeypatch.setattr(files, 'download', job)
    assert main(['download', '/some']) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2 and said[0] == said[1]
    assert said[0].startswith('/some/file cannot be used (No way): ')


def test_a_course_and_a_home_that_cannot_be_written_to(tmp_path):
    """As a subprocess, for the package finds out when it starts."""
    course = tiny.repository(tmp_path / 'course')
    tiny.write(course, '01_first', 'x = 1')
    (tmp_path / 'home').mkdir()
    code = ('from pathlib import Path; from d2lhelpers import my; '
            'my.lab_command = lambda *a: ["/bin/true"]; my.main(["lab"]); ')

    def lab():
        return subprocess.run([sys.executable, '-c', code], cwd=tmp_path, capture_output=True, text=True,
                              env={'HOME': str(tmp_path / 'home'), 'PYTHONPATH': str(course)})

    before = contents(course)
    with read_only(course):
        done = lab()
        assert done.returncode == 0 and 'This course is shared' in done.stdout, done.stderr
        assert (tmp_path / 'home/transfer-learning/my/01_first.ipynb').is_file()
        with read_only(tmp_path / 'home'):
            assert lab().returncode == 0  # what is needed is there already
        (tmp_path / 'home/transfer-learning/my/01_first.ipynb').unlink()
        with read_only(tmp_path / 'home'):
            done = lab()
            assert done.returncode == 1 and 'Traceback' not in done.stderr
            assert '01_first.ipynb cannot be written (Read-only file system)' in done.stderr.splitlines()[-1]
    assert {name: text for name, text in contents(course).items() if '__pycache__' not in name} == before
