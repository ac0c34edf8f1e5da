"""What a check says of answers of every kind, and that it leaves nothing behind."""
import importlib
import random
import re
import types

from d2lhelpers import CourseError, cross_entropy, devices, settings
from d2lhelpers.exercises import checking, judging, networks
from d2lhelpers.exercises.checking import Wrong, check, fit_quietly
from d2lhelpers.exercises.judging import known_mistake, must_equal, number, returned
from d2lhelpers.exercises.networks import same, weights
from d2lhelpers.messages import quietly, say

import numpy
import pytest
from mxnet import autograd, gluon, np, npx
from mxnet import random as mx_random
from mxnet.gluon import nn

pytestmark = pytest.mark.usefixtures('as_a_learner')


@check(3)
def check_3(answer):
    """The sum of two rows of three."""
    total = returned(answer(np.ones((2, 3)), 2), np.ndarray, 'an array')
    with quietly():
        say('not for the learner')
    if float(total.sum()) != 12:
        raise Wrong('The sum is not 12: add all numbers.')
    return 'twice six is 12'


def said(capsys, answer, by=check_3):
    by(answer)
    return ' '.join(capsys.readouterr().out.split())


def right(x, times):
    return times * x


def test_right_and_wrong(capsys):
    assert said(capsys, right) == 'Exercise 3: right: twice six is 12.'
    assert said(capsys, lambda x, times: x) == 'Exercise 3: not yet. The sum is not 12: add all numbers.'


def test_it_keeps_its_name():
    assert check_3.__name__ == 'check_3' and check_3.__doc__ == 'The sum of two rows of three.'


def dots(x, times): ...


def docstring_and_dots(x, times):
    """What to do."""
    ...


def comment_and_pass(x, times):
    """What to do."""
    # later
    pass


def returns_none(x, times):
    return None


def returns_dots(x, times):
    return ...


def docstring_alone(x, times):
    """What to do."""


@pytest.mark.parametrize('strict', ['0', '1'])
@pytest.mark.parametrize('stub', [dots, docstring_and_dots, comment_and_pass, returns_none, returns_dots,
                                  docstring_alone, lambda x, times: ...])
def test_the_untouched_stub(capsys, monkeypatch, stub, strict):
    monkeypatch.setenv('D2LHELPERS_STRICT', strict)
    assert said(capsys, stub) == 'Exercise 3: not answered yet.'


def nothing_comes_back(x, times):
    x * times


def other_signature(net):
    return net


def no_arguments():
    return 1


def raises(x, times):
    x = x + 1
    return x.speed


def inside_mxnet(x, times):
    return np.dot(x, x)


def cannot_add(x, times):
    return x + np.ones(4)


def uninitialized(x, times):
    return nn.Dense(3, in_units=7)(x)


def helper(x):
    raise ValueError('the pictures\nare upside down')


def through_a_helper(x, times):
    return helper(x)


def course_error(x, times):
    raise CourseError('A label is 2. Give it a class')


def no_message(x, times):
    raise KeyError


@pytest.mark.parametrize('answer, sentence', [
    (right(2, 3), 'The check was given an object of type int, but wants the function itself: write '
                  'check_3(answer_3), without further brackets.'),
    (None, 'an object of type NoneType'), (nn.Dense(2), 'an object of type Dense'),
    (other_signature, 'Your function is answer_3(net), but the exercise hands it 2 arguments: bring its '
                      'first line back as it was.'),
    (no_arguments, 'Your function is answer_3(), but'),
    (nothing_comes_back, 'The function returned nothing; it is to return an array: is the line with return '
                         'missing?'),
    (lambda x, times: 'many', 'The function returned an object of type str; it is to return an array.'),
    (raises, "answer_3 raised AttributeError: 'ndarray' object has no attribute 'speed', in line {} (return "
             "x.speed)."),
    (inside_mxnet, 'raised MXNetError: Shape inconsistent, Provided = [2,3], inferred shape=[-1,2], in line '
                   '{} (return np.dot(x, x)).'),
    (cannot_add, 'could not be broadcast together with shapes [2,3] [4], in line {} (return x + '
                 'np.ones(4)).'),
    (uninitialized, 'has not been initialized, in line {} (return nn.Dense(3, in_units=7)(x)).'),
    (through_a_helper, 'answer_3 raised ValueError: the pictures, in line {} (raise ValueError('),
    (course_error, 'answer_3 raised CourseError: A label is 2. Give it a class, in line {}'),
    (no_message, 'answer_3 raised KeyError, in line {} (raise KeyError).')],
                         ids=lambda value: getattr(value, '__name__', ''))
def test_one_sentence(capsys, answer, sentence):
    source = helper if answer is through_a_helper else answer
    line = source.__code__.co_firstlineno + (2 if answer is raises
                                             else 1) if hasattr(answer, '__code__') else 0
    printed = said(capsys, answer)
    assert printed.startswith('Exercise 3: not yet. ') and sentence.replace('{}', str(line)) in printed
    assert 'Traceback' not in printed


def test_lines_fit(capsys):
    check_3(right(2, 3))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1 and all(len(line) <= 100 for line in lines)


def test_strict(monkeypatch):
    monkeypatch.setenv('D2LHELPERS_STRICT', '1')
    with pytest.raises(Wrong, match='^Exercise 3: not yet. The sum is not 12'):
        check_3(lambda x, times: x)
    with pytest.raises(Wrong, match='^Exercise 3: not yet. answer_3 raised AttributeError') as error:
        check_3(raises)
    assert isinstance(error.value.__cause__, AttributeError)  # for makers, who look for it


def test_what_the_answer_leaves_behind(capsys):
    @check(1)
    def judge(answer):
        return f'the net gives {answer(2)(np.ones((1, 3)))}'

    assert 'not yet. What answer_1 left behind cannot be used: TypeError:' in said(capsys, lambda x: x, judge)


def test_a_broken_check_is_not_the_learner_s_fault():
    @check(1)
    def judge(answer):
        answer.nonsense()

    with pytest.raises(AttributeError, match='nonsense'):
        judge(lambda x: x)


def test_handing_over_nothing(capsys):
    @check(1)
    def judge(answer):
        return str(answer())

    assert 'Your function is answer_1(x), but the exercise hands it 0 arguments: bring' in said(capsys,
                                                                                                lambda x: x,
                                                                                                judge)


def test_everything_runs_on_the_cpu(capsys, on_gpus):
    @check(1)
    def judge(answer):
        return f'{answer()} {devices()}'

    assert npx.cpu(1) in devices()
    assert said(capsys, lambda: len(devices()), judge) == 'Exercise 1: right: 1 [cpu(0)].'
    assert npx.cpu(1) in devices()
    assert 'not yet' in said(capsys, lambda: devices().speed, judge) and npx.cpu(1) in devices()


def a_layer():
    net = nn.Dense(2, in_units=3)
    net.initialize()
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .1})
    return net, trainer, gluon.data.ArrayDataset(np.ones((4, 3)), np.array([0, 1, 1, 1], dtype='int32'))


def test_fit_quietly(capsys):
    net, trainer, data = a_layer()
    before = weights(net)
    history = fit_quietly(lambda x, y: cross_entropy(net(x), y), data, size=2, updates=3, trainer=trainer)
    assert capsys.readouterr().out == '' and len(history['loss']) == 1
    assert same(before, before) and not same(weights(net), before) and not same(before, before[:1])


def test_the_stop_button_stops_the_check(monkeypatch):
    net, trainer, data = a_layer()
    monkeypatch.setattr(checking, 'fit', lambda *args, **kwargs: types.SimpleNamespace(interrupted=True))
    with pytest.raises(KeyboardInterrupt):
        fit_quietly(lambda x, y: cross_entropy(net(x), y), data, size=2, updates=3, trainer=trainer)


@pytest.mark.parametrize('value', [.5, numpy.float32(.5), numpy.array([.5]), np.array([0, 1.]).mean()])
def test_numbers(value):
    assert number(value, 'a share') == .5


@pytest.mark.parametrize('value', [None, 'half', [.5], np.ones(2), numpy.ones((2, 1))])
def test_no_numbers(value):
    with pytest.raises(Wrong, match='it is to return a share'):
        number(value, 'a share')


@pytest.mark.parametrize('value, sentence', [
    (None, 'returned nothing; it is to return two arrays:'), (3, 'of type int; it is to return two arrays.'),
    ((1, 2, 3), 'returned 3 things; it is to return an x and a y.')])
def test_no_pair(value, sentence):
    with pytest.raises(Wrong, match=sentence):
        judging.pair(value, tuple, 'two arrays', 'an x and a y')


def test_pair():
    assert judging.pair((1, 2), tuple, 'two arrays') == (1, 2)
    with pytest.raises(Wrong, match='returned 1 things; it is to return two arrays.'):
        judging.pair((1,), tuple, 'two arrays')


def test_as_numpy():
    for value in ([1, 2], (np.array(1), np.array(2)), np.array([1, 2]), numpy.array([1, 2])):
        found = judging.as_numpy(value)
        assert isinstance(found, numpy.ndarray) and found.dtype != object and found.tolist() == [1, 2]


def test_differentiable_and_backward():
    x = np.array([1., 2])
    x.attach_grad()
    with autograd.record():
        value = judging.differentiable(2 * x.sum(), 'a loss', '')
    judging.backward(value, 'use np')
    assert x.grad.tolist() == [2, 2]
    with pytest.raises(Wrong, match='it is to return a loss'):
        judging.differentiable(3., 'a loss', '')
    with pytest.raises(Wrong, match='^2 numbers.$'):
        judging.differentiable(x, 'a loss', '{} numbers.')
    with pytest.raises(Wrong, match='it has no gradient: use np.'):
        judging.backward(np.array(3.), 'use np')


def test_known_mistakes_are_looked_for_in_order():
    known = [(2, 'two'), (2.0001, 'later'), (numpy.nan, 'not a number'), (np.array(5.), 'five')]
    assert [known_mistake(value, known) for value in (2, 2.0001, 3, numpy.nan, 5)] == [
        'two', 'two', None, 'not a number', 'five']
    assert known_mistake(2.0001, known, rtol=0) == 'later'
    assert known_mistake(2.4, known, rtol=0, atol=.5) == 'two'
    assert known_mistake(np.array([1., 2]), [([1, 3], 'no'), (numpy.array([1, 2]), 'an array')]) == 'an array'


def test_must_equal():
    must_equal(2, 2.0001, [(2, 'also known')], 'other')
    with pytest.raises(Wrong, match='^Here: twice.$'):
        must_equal(4, 2, [(4, 'twice.')], 'other', 'Here: ')
    with pytest.raises(Wrong, match='^other$'):
        must_equal(2.0001, 2, [(4, 'twice.')], 'other', rtol=0)


def test_networks():
    shared, own = nn.Dense(2, in_units=3), nn.Dense(4, in_units=2)
    first, second = nn.HybridSequential(), nn.HybridSequential()
    first.add(shared, own, nn.BatchNorm(in_channels=4))
    second.add(shared, nn.Dense(1, in_units=2))
    assert len(networks.parameters(first, second).keys()) == 10
    assert networks.size(first, second) == 8 + 12 + 16 + 3
    networks.parameters(first, second).initialize()
    assert len(networks.learning(first)) == 6  # running statistics have no gradient
    own.weight.grad_req = 'null'
    assert own.weight not in networks.learning(first) and len(networks.learning(first)) == 5

    before = weights(first, second)
    own.bias.set_data(np.ones(4))
    assert networks.moved(before, weights(first, second)) == [False] * 3 + [True] + [False] * 6

    x = np.random.normal(size=(5, 3))
    before, features = weights(first), first(x)
    assert np.abs(networks.in_training(first, x) - features).max() > .1 and same(weights(first), before)
    with autograd.record():
        loss = shared(x).sum()
    loss.backward()
    assert numpy.allclose(networks.gradient_of(shared), [*2 * x.sum(axis=0).tolist(), 5, 5], rtol=1e-4)


def test_what_the_check_hands_over_may_object(capsys):
    @check(1)
    def judge(answer):
        def once():
            raise Wrong('You looked twice.')
        return answer(once)

    assert said(capsys, lambda look: look(), judge) == 'Exercise 1: not yet. You looked twice.'


def test_interrupt_passes_through(capsys):
    def stopped(x, times):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_3(stopped)
    assert capsys.readouterr().out == ''


def test_seeded_before_anything_is_built(capsys):
    @check(1)
    def judge(answer):
        answer(0)
        return f'{random.random()} {numpy.random.rand()} {float(np.random.uniform())}'

    first = said(capsys, lambda x: x, judge)
    for generator in (random.seed, numpy.random.seed, mx_random.seed):
        generator(7)
    check_3(right)
    capsys.readouterr()
    assert said(capsys, lambda x: x, judge) == first


def leaves_recording(x, times):
    autograd.record().__enter__()
    return times * x


def raises_while_recording(x, times):
    with autograd.record():
        return x.speed


@pytest.mark.parametrize('answer', [leaves_recording, raises_while_recording, right])
@pytest.mark.parametrize('recording', [False, True])
def test_autograd_is_as_it_was(answer, recording):
    seen = []

    @check(1)
    def judge(given):
        seen.append(autograd.is_recording())
        given(np.ones(2), 2)
        seen.append(autograd.is_recording())
        return ''

    try:
        autograd.set_recording(recording)
        autograd.set_training(recording)
        judge(answer)
        assert (autograd.is_recording(), autograd.is_training()) == (recording, recording)
    finally:
        autograd.set_recording(False)
        autograd.set_training(False)
    assert not any(seen)


# Every exercise of every lesson, as (module of checks, number)
EXERCISES = [(path.stem, int(found))
             for path in sorted((settings.root / 'd2lhelpers/exercises').glob('e[0-9][0-9].py'))
             for found in re.findall(r'^def check_(\d+)\(', path.read_text(encoding='utf-8'), re.MULTILINE)]


def test_every_lesson_has_exercises():
    assert {module for module, _ in EXERCISES} == {f'e{path.stem[:2]}'
                                                   for path in (settings.root
                                                                / 'notebooks/solutions').glob('*.ipynb')}


@pytest.mark.parametrize('module, place', EXERCISES)
def test_untouched(capsys, module, place):
    def stub(*args):
        """To be written."""
        ...

    by = getattr(importlib.import_module(f'd2lhelpers.exercises.{module}'), f'check_{place}')
    assert said(capsys, stub, by).strip() == f'Exercise {place}: not answered yet.'
