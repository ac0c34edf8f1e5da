"""Two domains of digits: fixed by the seed, no digit in both, one look each; and what is said of target data
that do not fit.
"""
import math

from d2lhelpers import CourseError, batches, cross_entropy, fit, seed_all
from d2lhelpers.datasets import domains, load_domains
from d2lhelpers.datasets.fingerprints import same

import numpy
import pytest
from mxnet import gluon
from mxnet.gluon import nn

PARTS = ('train', 'validation', 'test')


@pytest.fixture(scope='module')
def pair():
    return load_domains(3)


def pixels(pictures):
    return numpy.stack([pictures[i][0].asnumpy() for i in range(len(pictures))])


def test_equal_classes_and_three_equal_channels(pair):
    for data in pair:
        assert [len(getattr(data, part)) for part in PARTS] == [3000, 500, 1000]
        assert data.classes == list('0123456789')
        assert all(set(numpy.bincount(getattr(data, part).labels)) == {len(getattr(data, part)) // 10}
                   for part in PARTS)
        x = pixels(data.validation)
        assert x.shape == (500, 20, 20, 3) and x.dtype == numpy.uint8 and (x[..., 0] == x[..., 2]).all()


def test_black_is_exactly_black_in_both_and_the_target_is_hollow(pair):
    filled, outlined = (pixels(data.test)[..., 0] for data in pair)
    for x in (filled, outlined):
        assert (x == 0).mean() > .4 and not ((x > 0) & (x < 5)).mean() > .02
    assert abs(filled.std() - outlined.std()) < 15
    assert (filled > 200).mean() > 1.3 * (outlined > 200).mean()


def test_no_handwriting_is_in_two_parts_or_both_domains():
    pictures, digits = domains.handwriting()
    numbers = numpy.arange(len(digits))
    domains_handwriting = domains.handwriting
    try:
        domains.handwriting = lambda: (numbers, digits)
        shared = domains._shared_out(numpy.random.default_rng(0))
    finally:
        domains.handwriting = domains_handwriting
    everything = numpy.concatenate([places for places, _ in shared])
    assert sorted(everything) == list(numbers)
    for (places, labels), share in zip(shared, domains._SHARES.values(), strict=True):
        assert (digits[places] == labels).all() and set(labels) == set(range(10))
        assert math.isclose(len(places) / len(numbers), share, abs_tol=.01)


def test_the_same_seed_gives_the_same_pictures_and_leaves_the_global_generators_alone(pair):
    numpy.random.seed(0)
    before = numpy.random.rand()
    numpy.random.seed(0)
    again, other = load_domains(3), load_domains(4)
    assert numpy.random.rand() == before
    for first, second, third in zip(pair, again, other, strict=True):
        assert same(first.fingerprint, second.fingerprint) and not same(first.fingerprint, third.fingerprint)
        assert (pixels(first.test) == pixels(second.test)).all()
        assert (pixels(first.test) == pixels(third.test)).all(axis=(1, 2, 3)).mean() < .05


def test_the_second_target_has_the_same_source(pair, capsys):
    source, textured = domains.digits_in_style(3, 'textured')
    assert same(source.fingerprint, pair[0].fingerprint)
    assert not same(textured.fingerprint, pair[1].fingerprint)
    assert (pixels(textured.validation) == 0).mean() < .1
    assert capsys.readouterr().out == f'{source}\n{textured}\n'
    assert str(textured) == ('target: textured digits, 20 x 20 pixels, half of them handwriting shipped with '
                             'scikit-learn, half drawn with fonts: 3000 to train, 500 to validate, 1000 to '
                             'test.')


@pytest.mark.parametrize('asked, said', [
    ((0, 'inverted'), 'outlined, textured'), ((-1,), 'whole number from 0'), ((1.5,), 'whole number from 0')])
def test_what_there_is_not_is_one_sentence(asked, said):
    with pytest.raises(CourseError, match=said):
        domains.digits_in_style(*asked)


def test_both_domains_are_moved_and_scaled_by_the_same_numbers(pair):
    for options, spread in (({}, 1), ({'scale': 255}, None)):
        tasks = domains.standard(*pair, **options)
        for data, task in zip(pair, tasks, strict=True):
            x = pixels(data.test)[..., :1].transpose(0, 3, 1, 2).astype('float64')
            slope, offset = numpy.polyfit(x.ravel(), task.test.x.ravel(), 1)
            assert numpy.allclose(slope * x + offset, task.test.x, atol=1e-4)
            assert (task.test.labels == data.test.labels).all()
            assert not same(task.fingerprint, data.fingerprint)
            found = spread is None and math.isclose(slope, 1 / 255, rel_tol=1e-3)
            assert found or math.isclose(numpy.concatenate([t.train.x for t in tasks]).std(), spread,
                                         rel_tol=1e-3)
        assert abs(numpy.concatenate([task.train.x for task in tasks]).mean()) < 1e-3


class TestBadTargets:
    """An empty target, another shape, labels handed over: one sentence each."""

    @pytest.fixture
    def trained(self):
        def train(source, target):
            seed_all(0)
            net = nn.Dense(2)
            net.initialize()

            def loss(x, y, u):
                return {'label': cross_entropy(net(x), y), 'domain': (net(u) ** 2).mean()}
            return fit(loss, batches(source, target, size=4), gluon.Trainer(net.collect_params(), 'sgd'), 1)
        return train

    source = gluon.data.ArrayDataset(numpy.zeros((8, 3), dtype='float32'), numpy.zeros(8, dtype='int32'))

    def test_without_labels_it_trains(self, trained):
        target = gluon.data.ArrayDataset(numpy.ones((8, 3), dtype='float32'))
        assert len(trained(self.source, target)['domain']) == 1

    def test_an_empty_target(self, trained):
        with pytest.raises(CourseError, match='Dataset 2 given to batches is empty'):
            trained(self.source, gluon.data.ArrayDataset(numpy.ones((0, 3), dtype='float32')))

    def test_labels_of_the_target(self, trained):
        with pytest.raises(CourseError, match=r'has 4 arrays, but the loss takes 3 \(x, y, u\): leave out '
                                              'labels'):
            trained(self.source, self.source)

    def test_domains_of_different_shape(self, pair):
        class Large:
            train = [(numpy.zeros((28, 28, 3), dtype='uint8'), 0)]
        with pytest.raises(CourseError, match=r'different shapes, \(20, 20, 3\) and \(28, 28, 3\)'):
            domains.standard(pair[0], Large)
