"""The learner's copies: never overwritten, told when they are old, brought back fresh."""
import os
import sys

from d2lhelpers import my
from d2lhelpers.environment import settings

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output


@pytest.fixture
def course(tmp_path):
    """A repository with two lessons, an exercise and a solution; and a stray checkpoint."""
    for name in ('00_start_here', '01_lesson', 'exercises/01_lesson', 'solutions/01_lesson',
                 '.ipynb_checkpoints/01_lesson-checkpoint'):
        write(tmp_path / 'notebooks' / f'{name}.ipynb', 'print(1)')
    return tmp_path


def write(path, source):
    notebook = new_notebook(cells=[new_markdown_cell(f'# {path.stem}'), new_code_cell(
        source, execution_count=1, outputs=[new_output('stream', name='stdout', text='1\n')])])
    notebook.metadata.d2lhelpers = {'made_from': 'something'}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def read(path):
    return nbformat.read(path, as_version=4)


def test_copies_have_the_same_places_and_no_outputs(course):
    new, older = my.copy(course)
    assert [path.relative_to(course / 'my').as_posix() for path in new] == [
        '00_start_here.ipynb', '01_lesson.ipynb', 'exercises/01_lesson.ipynb', 'solutions/01_lesson.ipynb']
    assert older == []
    cell = read(course / 'my/01_lesson.ipynb').cells[1]
    assert (cell.source, cell.outputs, cell.execution_count) == ('print(1)', [], None)
    assert read(course / 'notebooks/01_lesson.ipynb').cells[1].outputs


def test_what_is_there_is_never_overwritten(course):
    my.copy(course)
    mine = course / 'my/01_lesson.ipynb'
    write(mine, 'my own work')
    before = mine.read_bytes()
    (course / 'my/00_start_here.ipynb').unlink()
    new, _ = my.copy(course)
    assert [path.name for path in new] == ['00_start_here.ipynb']
    assert mine.read_bytes() == before


def test_old_copies_are_told(course):
    my.copy(course)
    write(course / 'notebooks/01_lesson.ipynb', 'print(2)')
    assert my.copy(course) == ([], [course / 'my/01_lesson.ipynb'])


def test_other_outputs_do_not_make_a_copy_old(course):
    my.copy(course)
    notebook = read(course / 'notebooks/01_lesson.ipynb')
    notebook.cells[1].outputs[0].text = 'something else'
    nbformat.write(notebook, course / 'notebooks/01_lesson.ipynb')
    assert my.copy(course) == ([], [])


def test_work_in_a_copy_does_not_make_it_old(course):
    my.copy(course)
    notebook = read(course / 'my/01_lesson.ipynb')
    notebook.cells[1].source = 'print(3)'
    nbformat.write(notebook, course / 'my/01_lesson.ipynb')
    assert my.copy(course) == ([], [])


@pytest.mark.parametrize('damaged', [b'{"cells": [', b'{}', b'[]', b'7', b'{"nbformat": 4, "cells": [{}]}',
                                     b'\xff\xfe'])
def test_a_broken_copy_does_not_stop_the_others(course, damaged):
    my.copy(course)
    (course / 'my/00_start_here.ipynb').write_bytes(damaged)
    assert my.copy(course) == ([], [course / 'my/00_start_here.ipynb'])


def test_reset_keeps_the_old_copy_aside(course):
    my.copy(course)
    mine = course / 'my/01_lesson.ipynb'
    write(mine, 'my own work')
    copied, kept = my.reset('01', course)
    assert copied == mine and read(mine).cells[1].source == 'print(1)'
    assert kept.parent == mine.parent and kept.name.startswith('01_lesson.kept-')
    assert read(kept).cells[1].source == 'my own work'
    assert my.copy(course) == ([], [])


def test_resets_within_one_second_lose_nothing(course, monkeypatch):
    monkeypatch.setattr(my.time, 'strftime', lambda form: 'now')
    my.copy(course)
    mine = course / 'my/01_lesson.ipynb'
    for work in ('a', 'b', 'c'):
        write(mine, work)
        my.reset('01', course)
    assert {path.name: read(path).cells[1].source for path in mine.parent.glob('*.kept-*')} == {
        '01_lesson.kept-now.ipynb': 'a', '01_lesson.kept-now-2.ipynb': 'b', '01_lesson.kept-now-3.ipynb': 'c'}


@pytest.mark.parametrize('name, place', [('exercises/01', 'exercises/01_lesson.ipynb'),
                                         ('my/01_lesson.ipynb', '01_lesson.ipynb')])
def test_reset_takes_the_name_as_it_stands_in_my(course, name, place):
    assert my.reset(name, course) == (course / 'my' / place, None)
    assert (course / 'my' / place).exists()


@pytest.mark.parametrize('name, number', [('', 0), ('7', 0), ('0', 2)])
def test_reset_wants_one_notebook(course, name, number):
    with pytest.raises(SystemExit, match=f'fits {number} of them') as error:
        my.reset(name, course)
    assert '01_lesson.ipynb' in str(error.value)
    assert not (course / 'my').exists()


@pytest.mark.parametrize('user, display, platform, further', [
    (0, '', 'linux', {'--allow-root', '--no-browser'}), (1000, ':0', 'linux', set()),
    (1000, '', 'linux', {'--no-browser'}),
    (501, '', 'darwin', set())])
def test_lab_command(monkeypatch, user, display, platform, further):
    monkeypatch.setattr(os, 'geteuid', lambda: user)
    monkeypatch.setattr(sys, 'platform', platform)
    monkeypatch.setenv('DISPLAY', display)
    monkeypatch.delenv('WAYLAND_DISPLAY', raising=False)
    command = my.lab_command(settings.root)
    assert command[:3] == [sys.executable, '-m', 'jupyterlab']
    assert any(argument.endswith('/lab/tree/my/00_start_here.ipynb') for argument in command)
    assert {'--allow-root', '--no-browser'} & set(command) == further


def test_lab(course, monkeypatch, capsys):
    monkeypatch.setattr(settings, 'root', course)
    monkeypatch.setattr(os, 'chdir', lambda folder: None)
    started = []
    monkeypatch.setattr(os, 'execve', lambda program, *how: started.append(how))
    monkeypatch.setenv('D2LHELPERS_DATA', 'photos')
    monkeypatch.setenv('OMP_NUM_THREADS', '1')
    monkeypatch.setattr('d2lhelpers.environment._set_here', ['OMP_NUM_THREADS'])
    my.main(['lab', '--port=9999'])
    assert ('yours to change: 00_start_here, 01_lesson, exercises/01_lesson, solutions/01_lesson.'
            in capsys.readouterr().out)
    write(course / 'notebooks/exercises/01_lesson.ipynb', 'print(2)')
    my.main(['lab'])
    out = capsys.readouterr().out
    assert 'Copied' not in out and 'make reset NB=exercises/01_lesson.ipynb' in out
    (command, environment), (again, _) = started
    assert '--port=9999' in command and '--port=9999' not in again
    assert environment['D2LHELPERS_DATA'] == os.path.abspath('photos')
    assert 'OMP_NUM_THREADS' not in environment  # each kernel sets the threads of its own profile


def test_a_lab_without_solutions(course, monkeypatch, capsys):
    monkeypatch.setattr(settings, 'root', course)
    monkeypatch.setattr(os, 'chdir', lambda folder: None)
    started = []
    monkeypatch.setattr(os, 'execve', lambda program, command, environment: started.append(command))
    my.main(['lab', '--no-solutions'])
    assert 'exercises/01_lesson' in capsys.readouterr().out
    assert not (course / 'my/solutions').exists()
    assert any('hide_globs' in each and 'solutions' in each for each in started[0])
    my.main(['lab'])
    assert (course / 'my/solutions/01_lesson.ipynb').exists()
    assert not any('hide_globs' in each for each in started[1])


def test_solutions_that_are_there_stay_and_are_told(course, monkeypatch, capsys):
    monkeypatch.setattr(settings, 'root', course)
    monkeypatch.setattr(os, 'chdir', lambda folder: None)
    monkeypatch.setattr(os, 'execve', lambda *how: None)
    my.copy(course)
    my.main(['lab', '--no-solutions'])
    assert 'my/solutions is there already' in capsys.readouterr().out
    assert (course / 'my/solutions/01_lesson.ipynb').exists()
