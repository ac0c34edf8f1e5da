"""The line at the top of each lesson: its minutes are those of the machine at hand."""
from concurrent.futures import ThreadPoolExecutor

from d2lhelpers import files, lesson, speed
from d2lhelpers.environment import settings

import mxnet
import pytest

MEASURE = speed.seconds


@pytest.fixture(autouse=True)
def minutes(tmp_path, monkeypatch):
    """A machine half as fast as the one where minutes were measured, and somebody who watches."""
    (tmp_path / 'data/results').mkdir(parents=True)
    (tmp_path / 'data/results/minutes.csv').write_text('notebook,profile,seconds,threads,probe\n'
                                                       '01_short,embedded,24,1,.1\n02_long,embedded,80,1,.1\n'
                                                       '03_old,embedded,80,1,\n')
    monkeypatch.setattr(settings, 'root', tmp_path)
    monkeypatch.setattr(speed, 'seconds', lambda: .2)
    monkeypatch.setenv('JPY_SESSION_NAME', 'a notebook')


@pytest.mark.parametrize('name, told', [
    ('01_short', 'takes about 50 seconds on this machine'),
    ('02_long', 'takes about 3 minutes on this machine'),
    ('03_old', 'took 80 seconds where it was measured, with 1 CPU thread(s).'),
    ('04_new', 'was never measured.')])
def test_where_somebody_watches(name, told, capsys):
    lesson.opening(name)
    assert f'Run All {told}' in capsys.readouterr().out


def test_a_saved_notebook_is_the_same_on_every_machine(monkeypatch, capsys):
    monkeypatch.delenv('JPY_SESSION_NAME')
    monkeypatch.delattr(speed, 'seconds')  # nobody asks
    lesson.opening('01_short')
    assert 'Run All took 20 seconds where it was measured, with 1 CPU thread(s).' in capsys.readouterr().out


def test_of_a_gpu_nothing_is_foretold(on_gpus, capsys):
    lesson.opening('01_short')
    assert 'Run All took 20 seconds where it was measured' in capsys.readouterr().out


def test_the_speed_grows_with_the_work_and_leaves_the_seeds_alone(monkeypatch):
    mxnet.random.seed(0)
    expected = float(mxnet.np.random.normal())
    mxnet.random.seed(0)
    once = MEASURE()
    assert float(mxnet.np.random.normal()) == expected
    monkeypatch.setattr(speed, 'STEPS', 10 * speed.STEPS)
    assert MEASURE() > 3 * once


def test_the_speed_in_another_thread():
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(MEASURE).result() > 0


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """A learner's folder with 2,232 photos, twice as many as the full profile was timed on, alone."""
    for name in ('cats', 'dogs'):
        folder = tmp_path / 'learner/hotdog' / name
        folder.mkdir(parents=True)
        for i in range(1116):
            (folder / f'{i}.jpg').touch()
    monkeypatch.setenv('D2LHELPERS_PROFILE', 'full')
    monkeypatch.setenv('D2LHELPERS_DATA', str(tmp_path / 'learner'))
    monkeypatch.setattr(files, 'lessons', lambda: {need.module: ['01'] for need in files.NEEDS})
    return tmp_path / 'learner'


def test_minutes_scale_with_the_folder_and_what_is_missing_is_said(minutes, photos, capsys):
    with open(settings.root / lesson.MINUTES, 'a') as file:
        file.write('01_short,full,120,2,\n')
    lesson.opening('01_short')
    out = capsys.readouterr().out
    assert 'took 2 minutes on 1,116 photos where it was measured, and yours are 2,232: up to 4 minutes' in out
    assert 'Not here yet, and fetched when needed: ' in out and 'MNIST, training pictures' in out
    assert 'hotdog photos' not in out


def test_a_folder_that_cannot_be_used_is_told_by_the_cell_that_loads_it(minutes, photos, capsys):
    (photos / 'hotdog').rename(photos / 'pets')
    lesson.opening('01_short')
    assert 'Profile full' in capsys.readouterr().out
