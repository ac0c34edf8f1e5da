"""Gradient reversal, and that its test finds what can be wrong with one."""
import math

from d2lhelpers import CourseError
from d2lhelpers.reversal import effect, reverse

import pytest
from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn

X = [[.3, -.8, 1.2], [0, 2, -.1]]


@pytest.mark.parametrize('lam', [0, .5, 1, 10])
def test_reverse(lam):
    x = np.array(X)
    x.attach_grad()
    with autograd.record():
        out = reverse(x, lam)
        total = (out * np.arange(6).reshape(2, 3)).sum()
    total.backward()
    assert np.abs(out - x).max() < 1e-5
    assert np.abs(x.grad + lam * np.arange(6).reshape(2, 3)).max() < 1e-5


def test_the_usual_strength_is_one():
    assert effect(reverse, np.array(X))[1] == pytest.approx(-1, abs=1e-3)


def test_a_negative_lambda():
    with pytest.raises(CourseError, match='lam is -1: a negative lambda turns the sign twice'):
        reverse(np.array(X), -1)


def through_tanh(x, lam):
    return np.tanh(reverse(x, lam))


@pytest.mark.parametrize('lam', [0, .5, 2, 100])
@pytest.mark.parametrize('function, plain', [(reverse, None), (through_tanh, np.tanh)])
def test_what_a_right_reversal_does(function, plain, lam):
    change, factor = effect(function, np.array(X), lam, plain=plain)
    assert change < 1e-4 and factor == pytest.approx(-lam, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize('function, changes, times', [
    (lambda x, lam: x, 0, 1),                                           # no reversal
    (lambda x, lam: ((1 - lam) * x).detach() + lam * x, 0, 2),          # the sign doubled
    (lambda x, lam: -lam * x, 6, -2),                                   # the value changed
    (lambda x, lam: ((1 + lam ** 2) * x).detach() - lam ** 2 * x, 0, -4),
    (lambda x, lam: x.detach(), 0, 0)])                                 # nothing passed back
def test_what_wrong_reversals_do(function, changes, times):
    change, factor = effect(function, np.array(X), 2)
    assert change == pytest.approx(changes, abs=1e-4) and factor == pytest.approx(times, abs=1e-3)


def test_no_single_factor():
    change, factor = effect(lambda x: (x + x * x).detach() - x * x, np.array(X))
    assert change < 1e-4 and math.isnan(factor)


class Baked(gluon.HybridBlock):
    """A reversal whose strength, a plain attribute, is baked in when it is compiled."""

    lam = 1.

    def hybrid_forward(self, F, x):
        return F.BlockGrad(((1 + self.lam) * x).as_nd_ndarray()).as_np_ndarray() - self.lam * x


def test_a_factor_that_is_baked_in_below_a_layer():
    net, upper = nn.HybridSequential(), nn.Dense(3, in_units=3)
    upper.initialize(init.Normal(1))
    net.add(Baked(), upper)
    factors = []
    for hybridized in (False, True):
        net.hybridize(hybridized)
        for net[0].lam in (1, 3):
            change, factor = effect(net, np.array(X), plain=upper)
            assert change < 1e-4
            factors.append(round(factor, 2))
    assert factors == [-1, -3, -1, -1]


def test_the_caller_s_array_is_left_alone():
    x = np.array(X)
    x.attach_grad()
    effect(reverse, x, 2)
    assert (x == np.array(X)).all() and not x.grad.any() and not autograd.is_recording()


def test_where_there_is_no_gradient():
    with pytest.raises(CourseError, match='test the reversal at another x'):
        effect(reverse, np.array(X), plain=np.zeros_like)
