"""What a network answers: in predict mode, every example once, in order."""
import subprocess
import sys

from d2lhelpers import CourseError, accuracy, batches, outputs, trained_on
from d2lhelpers.history import History

import numpy
import pytest
from mxnet import autograd, gluon, np, npx
from mxnet import init as initializers
from mxnet.gluon import nn

X = numpy.random.default_rng(0).normal(size=(23, 4)).astype('float32')


def network(*more, context=None):
    net = nn.HybridSequential()
    net.add(nn.Dense(6, in_units=4), *more, nn.Dense(3, in_units=6))
    net.initialize(initializers.Normal(1), ctx=context or npx.cpu())
    return net


def labelled(labels):
    return gluon.data.ArrayDataset(np.array(X), np.array(labels, dtype='int32'))


@pytest.mark.parametrize('size', [1, 5, 23, 64])
def test_every_example_once_and_in_order(size):
    net = network()
    expected = net(np.array(X)).asnumpy()
    for data in (X, np.array(X), labelled(numpy.zeros(23)), gluon.data.ArrayDataset(np.array(X))):
        answers = outputs(net, data, size)
        assert isinstance(answers, np.ndarray) and answers.shape == (23, 3)
        numpy.testing.assert_allclose(answers.asnumpy(), expected, rtol=1e-4, atol=1e-5)


def test_accuracy_is_the_share_of_right_answers():
    net = network()
    answers = net(np.array(X)).asnumpy().argmax(axis=1)
    assert accuracy(net, labelled(answers)) == 1
    wrong = answers.copy()
    wrong[[0, 7, 22]] = (wrong[[0, 7, 22]] + 1) % 3
    for size in (1, 6, 64):
        assert accuracy(net, labelled(wrong), size) == 20 / 23


def test_predict_mode_even_inside_record():
    norm = nn.BatchNorm(in_channels=6)
    net = network(norm, nn.Dropout(.9))
    norm.running_mean.set_data(np.ones(6))
    before = norm.running_mean.data().asnumpy()
    with autograd.record():
        # batch statistics would depend on the batch
        answers = [outputs(net, X, size).asnumpy() for size in (3, 23)]
        assert autograd.is_recording() and autograd.is_training()
    numpy.testing.assert_allclose(*answers, rtol=1e-4, atol=1e-5)
    numpy.testing.assert_allclose(answers[0], net(np.array(X)).asnumpy(), rtol=1e-4, atol=1e-5)
    numpy.testing.assert_array_equal(norm.running_mean.data().asnumpy(), before)


def test_a_part_of_a_network_with_and_without_parameters():
    net = network()
    numpy.testing.assert_allclose(net[1](outputs(net[:1], X)).asnumpy(), outputs(net, X).asnumpy(), rtol=1e-4,
                                  atol=1e-5)
    assert outputs(nn.Flatten(), numpy.zeros((5, 2, 3), 'float32')).shape == (5, 6)


def test_weights_on_several_devices():
    net = network(context=[npx.cpu(1), npx.cpu(2)])
    answers = outputs(net, X)
    assert answers.ctx == npx.cpu()
    assert accuracy(net, labelled(answers.asnumpy().argmax(axis=1))) == 1


def test_bad_data():
    net = network()
    for function in (outputs, accuracy):
        with pytest.raises(CourseError, match='nothing to evaluate'):
            function(net, X[:0])
        with pytest.raises(CourseError, match='pass a dataset or an array, not a _Batches'):
            function(net, batches(labelled(numpy.zeros(23)), size=4))
        with pytest.raises(CourseError, match='not a generator'):
            function(net, (x for x in X))
    with pytest.raises(CourseError, match='have no labels'):
        accuracy(net, X)


def test_what_was_imported_is_not_searched_for_garbage():
    # Gluon's DataLoader collects garbage at each evaluation; with all modules among it that takes longer than
    # the evaluation of a small net
    fresh = ('import gc; from d2lhelpers import accuracy\n'
             'print(gc.get_freeze_count() > 50_000 > len(gc.get_objects()))')
    run = subprocess.run([sys.executable, '-c', fresh], capture_output=True, text=True, check=True)
    assert run.stdout == 'True\n'


@pytest.mark.parametrize('term, loss', [('label', .2), ('domain', .6)])
def test_what_training_says_beside_what_the_network_says_in_use(term, loss):
    net, history = network(), History()
    right = labelled(outputs(net, X).asnumpy().argmax(axis=1))
    assert numpy.isnan(trained_on(net, right, history)['training loss'])  # broke off in the first epoch,
    history._add(0, {'accuracy': .1})
    assert numpy.isnan(trained_on(net, right, history, term)['training loss'])  # which was watched
    history._add(1, {'loss': 1.2, 'label': .5, 'domain': .7})
    history._add(2, {'loss': .8, 'label': .2, 'domain': .6})
    assert trained_on(net, right, history, term) == {'training': 1, 'training loss': loss}
    with pytest.raises(CourseError, match="'digit'"):
        trained_on(net, right, history, 'digit')
