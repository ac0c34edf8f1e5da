"""What make bench compares does the same work both ways. (How fast, no test asks.)"""
import dataclasses

from d2lhelpers import batches, cross_entropy, fit, seed_all

import numpy
import pytest
from bench import growth, ratios
from bench.peers import in_gluon, networks
from bench.peers.tasks import TASKS, ways
from mxnet import np


def head_after(train):
    """Weights of a head after one epoch."""
    seed_all(0)
    net = ratios.network('thin_resnet')
    loader = batches(ratios.pictures(32, 64, augment=True), size=32)
    train(lambda x, y: cross_entropy(net(x), y), loader, ratios.trainer_of(net))
    return net.output.weight.data()


def test_the_bare_loop_trains_as_fit_does():
    by_fit = head_after(lambda loss, loader, trainer: fit(loss, loader, trainer, 1))
    assert float(np.abs(head_after(ratios.bare_loop) - by_fit).max()) < 1e-6
    assert float(np.abs(head_after(lambda *_: None) - by_fit).max()) > 1e-4


@pytest.mark.parametrize('measure', [ratios.fit_and_bare_loop, ratios.kept_features_and_frozen_backbone])
def test_measures(measure, monkeypatch):
    def seconds(function):
        function()
        return 2., 1.
    monkeypatch.setattr(ratios, '_seconds', seconds)
    assert measure('thin_resnet', 32, augment=False, seconds=0) == [[1, 1, 1], [1, 1, 1]]


def test_ratios(monkeypatch):
    """By the clock the second takes three times as long, and as long by CPU time; once the machine was busy.
    """
    calls = []

    def seconds(function):
        calls.append(function())
        return (100. if len(calls) == 5 else 1. + 2 * (calls[-1] == 'theirs'), 1.)
    monkeypatch.setattr(ratios, '_seconds', seconds)
    clock, cpu = ratios.ratios(lambda: 'ours', lambda: 'theirs', seconds=0)
    assert clock[1] == 3 and cpu == [1, 1, 1]
    assert calls[2:6] == ['theirs', 'ours', 'ours', 'theirs']


@pytest.mark.parametrize('name', ['thin', 'dann', 'head', 'evaluation'])
def test_a_round_in_gluon(name, tmp_path):
    """As many updates as it says, by each way; PyTorch itself is not installed here."""
    task = dataclasses.replace(TASKS[name], batches=2, size=4)
    networks.build(task).save_parameters(str(tmp_path / 'gluon.params'))
    numpy.save(tmp_path / 'x.npy', numpy.zeros((8, *task.shape), 'float32'))
    numpy.save(tmp_path / 'y.npy', numpy.arange(8, dtype='int32') % task.classes)
    tried = [way for way in ways(task) if way in ('fit', 'd2l')]
    assert tried == (['fit', 'd2l'] if task.kind == 'train' else ['fit'])
    for way in tried:
        one_round, examples = in_gluon.prepared(tmp_path, task, way)
        one_round()
        assert examples == (20 if way == 'd2l' else 8)


@pytest.mark.parametrize('what', growth.TABLES, ids=lambda what: what.__name__)
def test_growth_measures_every_table_on_its_smallest_size(what, tmp_path, monkeypatch):
    monkeypatch.setattr(growth, 'PHOTOS', 60)
    found = growth.measure(what.__name__, min(growth.TABLES[what]), tmp_path)
    assert set(found) == {'seconds', 'MB'} and found['seconds'] >= 0 and found['MB'] >= 0


def test_a_slope_says_how_much_longer_twice_as_much_takes():
    assert growth._slope((10, {'seconds': 1}), 100, {'seconds': 10}, 'seconds') == '1.00'
    assert growth._slope((10, {'seconds': 1}), 100, {'seconds': 100}, 'seconds') == '2.00'
    assert growth._slope((10, {'seconds': .01}), 100, {'seconds': 1}, 'seconds') == ''
