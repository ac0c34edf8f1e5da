"""Alone, training is what it was before there were teams; a team's workers share every batch."""
import json
import threading
from types import SimpleNamespace

from d2lhelpers import CourseError, batches, cross_entropy, engines, fit, seed_all
from d2lhelpers.engines import told
from d2lhelpers.messages import quietly
from d2lhelpers.runs import Runs
from d2lhelpers.teams import share_of, team_of

import numpy
import pytest
from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn


def made():
    """A network with dropout and batch normalisation, its trainer, and its batches."""
    seed_all(5)
    X = numpy.random.normal(size=(100, 3, 8, 8)).astype('float32')
    data = gluon.data.ArrayDataset(np.array(X), np.array((X[:, 0].mean(axis=(1, 2)) > 0).astype('int32')))
    net = nn.HybridSequential()
    net.add(nn.Conv2D(4, 3), nn.BatchNorm(), nn.Activation('relu'), nn.Dropout(.2), nn.GlobalAvgPool2D(),
            nn.Dense(2))
    net.initialize(init.Xavier())
    net.hybridize()
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .2, 'momentum': .9})
    with quietly():
        return net, trainer, batches(data, size=16)


def weights(net):
    return numpy.concatenate([parameter.data().asnumpy().ravel()
                              for parameter in net.collect_params().values()])


def test_alone_every_bit_is_that_of_a_bare_loop():
    net, trainer, data = made()
    for _ in range(2):
        for x, y in data:
            with autograd.record():
                loss = cross_entropy(net(x), y)
            loss.backward()
            trainer.step(1)
    bare = weights(net)

    net, trainer, data = made()
    with quietly():
        fit(lambda x, y: cross_entropy(net(x), y), data, trainer, epochs=2)
    assert weights(net).tobytes() == bare.tobytes()


@pytest.mark.parametrize('kvstore', ['device', 'local', None])
def test_the_kvstores_of_one_machine_are_no_team(kvstore):
    parameters = made()[0].collect_params()
    assert team_of(gluon.Trainer(parameters, 'sgd', kvstore=kvstore)).first


def test_mxnets_own_kvstore_between_machines_is_refused():
    trainer = gluon.Trainer(made()[0].collect_params(), 'sgd', kvstore='dist_sync')
    with pytest.raises(CourseError, match=r'a kvstore that join\(…\) returns'):
        team_of(trainer)


# --- batches(share=…)


def worker(rank, n):
    return SimpleNamespace(rank=rank, num_workers=n)


@pytest.mark.parametrize('n', [1, 2, 3, 5, 7])
@pytest.mark.parametrize('length', [7, 8, 32])
def test_the_shares_of_a_batch_are_disjoint_complete_and_of_like_size(n, length):
    shares = [share_of(list(range(length)), worker(rank, n)) for rank in range(n)]
    assert sum(shares, []) == list(range(length))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def drawn(share, meanwhile=0):
    seed_all(1)
    data = batches(*(gluon.data.ArrayDataset(np.arange(n)) for n in (10, 7)), size=4, updates=5, share=share)
    found = []
    for _ in range(2):
        for batch in data:
            numpy.random.rand(meanwhile)  # an augmentation
            found.append([array.asnumpy().tolist() for array in batch])
    return data.order, found


def test_together_the_workers_draw_what_one_draws(capsys):
    _, alone = drawn(None)
    (order, first), (same, second) = drawn(worker(0, 2)), drawn(worker(1, 2), meanwhile=3)
    assert order == same is not None
    for whole, *parts in zip(alone, first, second, strict=True):
        assert whole == [a + b for a, b in zip(*parts, strict=True)]
    assert capsys.readouterr().out.count('An epoch is') == 2  # alone, and of two workers one


def test_workers_with_different_seeds_are_known_by_their_order():
    seed_all(1)
    with quietly():
        one = batches([1, 2], size=2, share=worker(0, 2)).order
        seed_all(2)
        assert one != batches([1, 2], size=2, share=worker(1, 2)).order


def test_a_batch_smaller_than_the_team():
    with pytest.raises(CourseError, match='A batch of 2 cannot be shared by 3 workers'):
        batches([1, 2, 3], size=2, share=worker(0, 3))


# --- runs on engines


def broken(name, value):
    """An `imap` whose engine raises after two results, as ipyparallel tells it."""
    class Remote(Exception):
        ename, evalue = name, value

    def imap(function, items):
        yield from map(function, items[:2])
        raise Remote
    return imap


@pytest.mark.parametrize('name, kind', [('CourseError', CourseError), ('EngineError', CourseError),
                                        ('KeyboardInterrupt', KeyboardInterrupt)])
def test_what_an_engine_raises_is_raised_here(name, kind):
    with pytest.raises(kind, match=None if kind is KeyboardInterrupt else '^so it is'):
        list(told(broken(name, 'so it is'), str, [1, 2, 3]))


def test_finished_runs_are_kept_when_an_engine_dies_and_not_asked_for_again(tmp_path):
    asked = []

    def double(item):
        asked.append(item)
        return 2 * item

    runs, items = Runs(tmp_path, 4), [1, 2, 3, 4]
    with pytest.raises(CourseError, match='died'):
        runs.asked_for(items, lambda left: told(broken('EngineError', 'Engine 1 died'), double, left))
    assert asked == [1, 2]
    assert sorted(json.loads(each.read_text()) for each in tmp_path.glob('*.json')) == [2, 4]
    assert runs.asked_for(items, lambda left: map(double, left)) == [2, 4, 6, 8]
    assert asked == [1, 2, 3, 4]
    assert runs.asked_for(items, broken('none', 'left')) == [2, 4, 6, 8]


class View:
    """Of a cluster whose engines are gone after so many results."""

    def __init__(self, results):
        self.client, self._left = SimpleNamespace(ids=[0]), results

    def imap(self, function, items):
        for item in items:
            if not self._left:
                self.client.ids = []
                threading.Event().wait()  # as ipyparallel does
            self._left -= 1
            yield function(item)


def test_without_engines_nobody_waits_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(engines, '_LOOK', .02)
    runs, items = Runs(tmp_path, 4), [1, 2, 3, 4]
    with pytest.raises(CourseError, match='The last engine of the cluster has died'):
        runs.asked_for(items, lambda left: told(View(2).imap, str, left))
    assert sorted(json.loads(each.read_text()) for each in tmp_path.glob('*.json')) == ['1', '2']
    assert list(told(View(4).imap, str, items)) == ['1', '2', '3', '4']
    with pytest.raises(ZeroDivisionError):
        list(told(View(4).imap, lambda item: 1 / (2 - item), items))
