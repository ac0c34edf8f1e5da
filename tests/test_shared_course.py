"""A course installed by one and used by others: nothing of it is changed, nothing of theirs is lost."""
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from d2lhelpers import CourseError, files, my, wheels
from d2lhelpers.environment import settings

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

as_root = pytest.mark.skipif(os.geteuid() != 0, reason='only root can be two users')


@pytest.fixture
def shared(tmp_path, monkeypatch):
    """A course that this user may not write into, and their home."""
    course, home = tmp_path / 'course', tmp_path / 'home'
    (course / 'notebooks').mkdir(parents=True)
    (course / 'data').mkdir()
    (course / 'README.md').write_text('read me')
    lesson = new_notebook(cells=[new_markdown_cell('# A lesson')])
    nbformat.write(lesson, course / 'notebooks/01_lesson.ipynb')
    home.mkdir()
    monkeypatch.setenv('HOME', str(home))
    monkeypatch.setattr(settings, 'root', course)
    access = os.access
    monkeypatch.setattr(os, 'access', lambda path, mode: not Path(path).is_relative_to(course)
                        and access(path, mode))
    return course, home / 'transfer-learning'


def test_what_is_ones_own_is_in_ones_home(shared, monkeypatch, capsys):
    course, mine = shared
    before = sorted(course.rglob('*'))
    started = []
    monkeypatch.setattr(os, 'execve', lambda program, command, environment: started.append(command))
    monkeypatch.chdir(course)
    my.main(['lab'])
    assert (mine / 'my/01_lesson.ipynb').is_file() and sorted(course.rglob('*')) == before
    # links of lessons lead there
    assert (mine / 'README.md').read_text() == 'read me' and (mine / 'data').is_dir()
    assert f'--ServerApp.root_dir={mine}' in started[0]
    assert f'This course is shared: what is yours is in {mine}.' in capsys.readouterr().out
    (mine / 'my/01_lesson.ipynb').write_text('my own work')
    my.main(['lab'])
    assert (mine / 'my/01_lesson.ipynb').read_text() == 'my own work'
    my.main(['reset', '01'])
    assert len(list((mine / 'my').glob('01_lesson*.ipynb'))) == 2 and sorted(course.rglob('*')) == before


def test_downloads_are_ones_own_and_those_for_all_are_used(shared, monkeypatch):
    course, mine = shared
    assert settings.downloads == mine / 'downloads'
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    for_all = course / 'data/downloads/mnist' / files.MNIST_TRAIN[0].files[0].name
    for_all.parent.mkdir(parents=True)
    for_all.write_bytes(b'for all')
    assert files.find(files.MNIST_TRAIN[0])[1] == for_all


def test_a_course_of_ones_own_keeps_all_in_itself():
    assert settings.home == settings.root and settings.downloads == settings.root / 'data/downloads'


def setup(course, *arguments, **options):
    environment = {name: value for name, value in os.environ.items() if not name.startswith('D2LHELPERS')}
    return subprocess.run(['sh', course / '.setup.sh', *arguments], capture_output=True, text=True,
                          env=environment | options.pop('env', {}), **options)


@pytest.fixture
def installed():
    """A course that root installed, where everybody may read, with a Python in root's private home."""
    import tempfile
    with tempfile.TemporaryDirectory(dir='/tmp') as name:
        course = Path(name) / 'course'
        os.chmod(name, 0o755)
        (course / '.venv/bin').mkdir(parents=True)
        for each in ('.setup.sh', 'pyproject.toml', 'requirements.lock'):
            shutil.copy(settings.root / each, course)
        lock, project = (course / each for each in ('requirements.lock', 'pyproject.toml'))
        (course / '.venv/made-from').write_text(lock.read_text() + project.read_text())
        private = Path(name) / 'private'
        private.mkdir()
        (private / 'python').write_text('#!/bin/sh\necho called "$@"\n')
        (private / 'python').chmod(0o755)
        (course / '.venv/bin/python').symlink_to(private / 'python')
        yield course, private


NOBODY = pwd.getpwnam('nobody').pw_uid


@as_root
@pytest.mark.parametrize('writable', [False, True])
def test_a_student_deletes_nobodys_environment(installed, writable):
    course, private = installed
    private.chmod(0o700)  # the Python in there cannot be called by others
    course.chmod(0o777 if writable else 0o755)
    run = setup(course, 'python', 'hello', user=NOBODY, cwd='/')
    assert run.returncode != 0 and 'was installed by root' in run.stderr
    assert 'nothing was changed' in run.stderr
    assert (course / '.venv/bin/python').is_symlink() and (course / '.venv/made-from').exists()
    assert len(run.stderr.splitlines()) == 1


@as_root
def test_a_student_uses_what_the_teacher_installed(installed):
    course, _ = installed
    run = setup(course, 'python', 'hello', user=NOBODY, cwd='/', env={'HOME': '/no/such/folder'})
    assert run.returncode == 0 and run.stdout == 'called hello\n'
    assert not (course / '.home').exists()


def test_wheels_on_the_stick_are_installed_without_a_network(tmp_path):
    course, stick = tmp_path / 'course', tmp_path / 'a stick'
    (stick / 'wheels').mkdir(parents=True)
    course.mkdir()
    for each in ('.setup.sh', 'pyproject.toml', 'requirements.lock'):
        shutil.copy(settings.root / each, course)
    programs = tmp_path / 'programs'
    programs.mkdir()
    (programs / 'uv').write_text('#!/bin/sh\nfor a; do printf "<%s>" "$a"; done; echo\n[ "$1" = venv ]\n')
    (programs / 'uv').chmod(0o755)
    run = setup(course, 'python', env={'PATH': f'{programs}:/usr/bin:/bin', 'D2LHELPERS_DATA': str(stick)})
    assert (f'<--require-hashes><--offline><--no-index><--find-links><{stick}/wheels><requirements.lock>'
            in run.stdout)
    run = setup(course, 'python', env={'PATH': f'{programs}:/usr/bin:/bin'})
    assert '<--require-hashes><requirements.lock>' in run.stdout


@pytest.mark.parametrize('status', [0, 1])
def test_wheels_are_fetched_for_the_stick(tmp_path, monkeypatch, capsys, status):
    called = []

    def run(command, **options):
        called.append(command)
        return subprocess.CompletedProcess(command, status, '', 'error: no network\n')

    monkeypatch.setattr(wheels.subprocess, 'run', run)
    if status:
        with pytest.raises(CourseError, match=r'could not be fetched into .*\(error: no network\)'):
            wheels.fetch(tmp_path / 'wheels')
        return
    wheels.fetch(tmp_path / 'wheels')
    assert len(called) == 2 and called[0][-1] == str(settings.root / 'requirements.lock')
    assert '--require-hashes' in called[0] and called[1][-1] == 'uv'
    assert 'for make lab without a network' in capsys.readouterr().out
