"""A study on engines, one of which is killed: finished runs are kept, and the rows are those of one process.

Engines take long to start, so all of this is `long`.
"""
import contextlib
import types

from d2lhelpers import CourseError, machines
from d2lhelpers.studies import study

import pandas
import pytest
import tiny

from tools import results

LESSON = """import os, signal, types
from d2lhelpers.studies import study

FOLDER, VICTIMS = '{folder}', {victims}
data = types.SimpleNamespace(fingerprint='d1', test=[0] * 9)


def run(seed, arm, lr):
    open(f'{{FOLDER}}/{{seed}}-{{os.getpid()}}.ran', 'w').close()
    killed = f'{{FOLDER}}/{{seed}}.killed'
    if seed in VICTIMS and not os.path.exists(killed):
        open(killed, 'w').close()
        os.kill(os.getpid(), signal.SIGKILL)
    return {{'validation': seed / 100, 'test': seed / 200}}
"""
STUDY = """rows = study(run, [{'arm': 'tuned'}], [{'lr': .1}], range(8), record='01_study', data=[data])
len(rows.rows)"""
VALIDATION = [seed / 100 for seed in range(8)]

pytestmark = pytest.mark.long


@contextlib.contextmanager
def engines(n):
    client = machines.engines(n)
    assert client is not None, 'no engines can be started here'
    try:
        yield client
    finally:
        client.cluster.stop_cluster_sync()


def computed(folder, victims, each=map):
    data = types.SimpleNamespace(fingerprint='d1', test=[0] * 9)
    names = {}
    exec(LESSON.format(folder=folder, victims=victims), names)
    one = names['run']
    one.__module__ = '__main__'  # as in a notebook
    return study(one, [{'arm': 'tuned'}], [{'lr': .1}], range(8), record='01_study', data=[data], live=True,
                 each=each)


def ran(folder, seed):
    return len(list(folder.glob(f'{seed}-*.ran')))


def test_another_engine_takes_the_run_of_one_that_is_killed(tmp_path):
    with engines(2) as client:
        client[:].execute(LESSON.format(folder=tmp_path, victims=[2]), block=True)
        view = client.load_balanced_view()
        view.retries = 1
        rows = computed(tmp_path, [2], view.imap).rows
        assert len(client) == 1
    assert (tmp_path / '2.killed').exists() and ran(tmp_path, 2) == 2
    assert rows.drop(columns='seconds').equals(computed(tmp_path, []).rows.drop(columns='seconds'))


def test_without_retries_it_is_a_sentence(tmp_path):
    with engines(2) as client:
        client[:].execute(LESSON.format(folder=tmp_path, victims=[2]), block=True)
        with pytest.raises(CourseError, match='died while running .*With view.retries = 1 another engine'):
            computed(tmp_path, [2], client.load_balanced_view().imap)


def records(root, n, monkeypatch):
    """``make results CLUSTER=``, on n engines."""
    with engines(n) as client:
        monkeypatch.setenv('D2LHELPERS_CLUSTER', client.cluster.cluster_id)
        results.results('01', root)


def test_make_results_goes_on_when_an_engine_is_killed(root, monkeypatch):
    tiny.write(root, '01_first', LESSON.format(folder=root, victims=[2]), STUDY)
    records(root, 2, monkeypatch)
    table = pandas.read_csv(root / 'data/results/01_study-embedded.csv')
    assert table['validation'].tolist() == VALIDATION
    assert (root / '2.killed').exists() and ran(root, 2) == 2
    assert not list((root / 'data/results/.runs').iterdir())


def test_when_no_engine_is_left_the_finished_runs_are_kept_for_the_next_call(root, monkeypatch):
    tiny.write(root, '01_first', LESSON.format(folder=root, victims=[3]), STUDY)
    with pytest.raises(CourseError, match='The last engine of the cluster has died'):
        records(root, 1, monkeypatch)
    assert not (root / 'data/results/01_study-embedded.csv').exists()
    kept = list((root / 'data/results/.runs').glob('*/*/*.json'))
    assert len(kept) == 3 and ran(root, 4) == 0
    records(root, 1, monkeypatch)
    table = pandas.read_csv(root / 'data/results/01_study-embedded.csv')
    assert table['validation'].tolist() == VALIDATION
    assert [ran(root, seed) for seed in range(8)] == [1, 1, 1, 2, 1, 1, 1, 1]
