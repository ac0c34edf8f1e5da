"""Two at once: each gets what it wants, and nothing of the other is lost."""
import os
import shutil
import subprocess
import sys
import threading
import time

from d2lhelpers import files, my
from d2lhelpers.environment import settings
from d2lhelpers.runs import Runs, clear

import nbformat
import pytest
import tiny
from disks import contents
from test_network import GOOD, need
from test_setup import LOCK

# A uv that takes its time, and says so if another one is at work in the same folder
UV = f'''#!/bin/sh
if [ -e busy ]; then echo "two at once" >&2; exit 1; fi
touch busy
sleep .4
echo "uv $1" >>called
if [ "$1" = venv ]; then
    mkdir -p .venv/bin .venv/lib/python3.11/site-packages
    printf '#!/bin/sh\\n[ "$1" = -c ] && exec "{sys.executable}" "$@"\\necho ran\\n' >.venv/bin/python
    chmod +x .venv/bin/python
fi
rm busy
'''


@pytest.fixture
def course(tmp_path):
    """Set-up files, with a uv that installs nothing."""
    folder, programs = tmp_path / 'my course', tmp_path / 'programs'
    folder.mkdir()
    programs.mkdir()
    for name in ('.setup.sh', 'pyproject.toml', 'requirements.lock'):
        shutil.copy(settings.root / name, folder)
    (programs / 'uv').write_text(UV)
    (programs / 'uv').chmod(0o755)
    return folder


def setup(course, command='exec sh .setup.sh python hello'):
    path = f'{course.parent}/programs:/usr/bin:/bin'
    return subprocess.Popen(['sh', '-c', command], cwd=course, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, env={'PATH': path, 'HOME': str(course)})


def test_two_set_ups_in_one_folder(course):
    both = [setup(course), setup(course)]
    told = [each.communicate(timeout=60) for each in both]
    assert [each.returncode for each in both] == [0, 0], told
    assert all(out.endswith('ran\n') for out, _ in told)
    assert (course / 'called').read_text().split('\n')[:-1] == ['uv venv', 'uv pip']  # once
    assert sum('Another set-up is at work here' in out for out, _ in told) == 1
    assert (course / '.venv/made-from').read_text() == LOCK + (settings.root / 'pyproject.toml').read_text()


def test_a_set_up_that_was_killed_holds_nobody_up(course):
    first = setup(course)
    while not (course / 'busy').exists():
        time.sleep(.01)
    first.kill()
    first.communicate()
    time.sleep(.6)  # its uv goes on for a moment
    done = setup(course)
    out, error = done.communicate(timeout=60)
    assert done.returncode == 0 and out.endswith('ran\n'), error
    assert sorted(path.name for path in course.iterdir() if 'lock' in path.name) == ['requirements.lock']


def test_a_number_that_is_now_another_process(course):
    """A lock left by a kill, after a restart of the machine: the message says what to do, and that helps."""
    lock = course / '.setup-lock'
    lock.symlink_to(str(os.getpid()))
    waiting = setup(course)
    told = waiting.stdout.readline()
    assert f'process {os.getpid()}' in told and 'delete .setup-lock' in told and waiting.poll() is None
    lock.unlink()
    out, error = waiting.communicate(timeout=60)
    assert waiting.returncode == 0 and out.endswith('ran\n'), error


def test_a_lock_with_this_set_ups_own_number(course):
    """As in a container, whose processes have the same numbers each time."""
    done = setup(course, 'ln -s $$ .setup-lock && exec sh .setup.sh python hello')
    out, error = done.communicate(timeout=60)
    assert done.returncode == 0 and out.endswith('ran\n'), error


def test_two_downloads_into_one_folder(serve, full_profile):
    def slowly(request):
        request.send_response(200)
        request.send_header('Content-Length', str(len(GOOD)))
        request.end_headers()
        for start in range(0, len(GOOD), 10_000):
            request.wfile.write(GOOD[start:start + 10_000])
            time.sleep(.02)

    address, found = serve({'/net': slowly}), []
    both = [threading.Thread(target=lambda: found.append(files.get(need(address + '/net'))[1]))
            for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(serve.servers[0].asked) == 2 and len(set(found)) == 1
    assert contents(full_profile) == {'weights/net.params': GOOD}


@pytest.fixture
def lessons(root):
    for name in ('01_first', '02_second'):
        tiny.write(root, name, 'x = 1')
    return root


def test_two_labs_copy_at_once(lessons, monkeypatch):
    """Each finds no copy yet, and makes one: what both have made is whole."""
    both, copies = threading.Barrier(2), []
    without_outputs = my._without_outputs

    def at_once(original):
        both.wait()
        return without_outputs(original)

    monkeypatch.setattr(my, '_without_outputs', at_once)
    monkeypatch.setattr(my.os, 'getpid', iter(range(100)).__next__)  # as two processes have
    labs = [threading.Thread(target=lambda: copies.append(my.copy(lessons))) for _ in range(2)]
    for each in labs:
        each.start()
    for each in labs:
        each.join()
    assert len(copies) == 2 and set(contents(lessons / 'my')) == {'01_first.ipynb', '02_second.ipynb'}
    assert my.copy(lessons) == ([], [])


def test_two_labs_of_one_user_in_a_shared_course(lessons, tmp_path_factory, monkeypatch):
    home = tmp_path_factory.mktemp('home')
    monkeypatch.setattr(my.os.path, 'lexists', lambda link: False)  # as the slower one has seen it
    for _ in range(2):
        my.furnish(lessons, home)
    assert (home / 'data').is_dir()


def test_reset_while_the_notebook_is_open_and_saved_after_it(lessons):
    """JupyterLab asks what to do, for the file is another one now; whatever is answered, all are kept."""
    my.copy(lessons)
    mine = lessons / 'my/01_first.ipynb'
    nb = nbformat.read(mine, as_version=4)
    nb.cells[1].source = 'my own work'
    nbformat.write(nb, mine)
    _, kept = my.reset('01', lessons)
    nbformat.write(nb, mine)  # "overwrite"
    _, again = my.reset('01', lessons)
    assert all('my own work' in path.read_text() for path in (kept, again))


def test_two_commands_compute_the_same_records(tmp_path):
    """The second one clears what it takes for left over from an interrupt; both come to an end."""
    runs, computed = Runs(tmp_path / 'study', 2), []

    def compute(item):
        computed.append(item)
        clear(tmp_path)
        return item

    assert runs.all([1, 2], compute) == [1, 2] and sorted(computed) == [1, 2]


def test_the_same_notebook_open_twice_writes_it_whole(tmp_path):
    """Two windows save in turn: the file is always one of both, as a whole."""
    path, texts = tmp_path / 'a.ipynb', ('a' * 200_000, 'b' * 300_000)
    path.write_text(texts[0])
    over, seen = threading.Event(), set()

    def save(text):
        while not over.is_set():
            files.write_whole(path.with_name('a.ipynb'), text)

    command = ('import sys; from pathlib import Path; from d2lhelpers.files import write_whole\n'
               'for _ in range(300): write_whole(Path(sys.argv[1]), sys.argv[2] * int(sys.argv[3]))')
    other = subprocess.Popen([sys.executable, '-c', command, path, 'b', '300000'], cwd=settings.root)
    one = threading.Thread(target=save, args=(texts[0],))
    one.start()
    while other.poll() is None:
        seen.add(path.read_text())
    over.set()
    one.join()
    assert seen <= set(texts) and other.returncode == 0
