"""Checks of the exercises of lesson 9, more machines. All work on drawn numbers, in one process, in both
profiles.
"""
import numpy
from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn

from ..training import cross_entropy
from .checking import Wrong, check
from .judging import ARRAY, as_numpy, known_mistake, must_equal, number, pair, returned
from .networks import moved, size, weights

_WORTH = .1  # of a speed-up: the next machine has to add so much
_MOST = 64  # machines


# ---- 1: a worker's share -----------------------------------------------------------------------------------

@check(1)
def check_1(answer):
    """Every example of a batch must have exactly one worker, and shares differ by one at most."""
    for n, workers in ((32, 1), (32, 2), (32, 4), (32, 3), (31, 2), (7, 4), (5, 5), (100, 7)):
        shares = [returned(answer(n, rank, workers), slice, 'a slice, for instance slice(0, 16)')
                  for rank in range(workers)]
        where = f'{n} examples, {workers} workers: '
        places = [[*range(n)[share]] for share in shares]
        taken = sorted(sum(places, []))
        if len(taken) != len(set(taken)):
            raise Wrong(f'{where}some examples have two workers, so they count twice.')
        if taken != [*range(n)]:
            missing = sorted({*range(n)} - {*taken})
            raise Wrong(f'{where}nobody has example {missing[0]}: what does a division without rest leave '
                        'over?')
        if max(map(len, places)) - min(map(len, places)) > 1:
            raise Wrong(f'{where}the shares have {[*map(len, places)]} examples: the others would wait for '
                        'the one who has most. They may differ by one.')
    return 'each example has one worker, and no worker waits long for another'


# ---- 2: gradients of unequal shares ------------------------------------------------------------------------

@check(2)
def check_2(answer):
    """Gradients of means over shares, against the gradient of the mean over the whole batch."""
    x = numpy.random.normal(size=(20, 6)).astype('float32')
    y = numpy.random.randint(0, 3, 20).astype('int32')
    net = nn.Dense(3, in_units=6)
    net.initialize(init.Xavier())

    def gradient(part):
        with autograd.record():
            loss = cross_entropy(net(np.array(x[part])), np.array(y[part]))
        loss.backward()
        return net.weight.grad().asnumpy().copy()

    right = gradient(slice(None))
    for ends in ((0, 10, 20), (0, 5, 20), (0, 2, 9, 20)):
        parts = [slice(*each) for each in zip(ends, ends[1:], strict=False)]
        counts = [part.stop - part.start for part in parts]
        own = [gradient(part) for part in parts]
        found = as_numpy(returned(answer([each.copy() for each in own], list(counts)), ARRAY,
                                  'one array, shaped like each gradient'))
        if found.shape != right.shape:
            raise Wrong(f'Each gradient has the shape {right.shape}, and so must the result; yours has '
                        f'{found.shape}.')
        must_equal(found, right, [
            (sum(own), 'The sum alone is as many times too large as there are workers: it acts like a '
                       'learning rate that is so much higher.'),
            (sum(own) / len(own), 'The plain mean is right only where all shares are equal. Here a worker '
                                  'with few examples counts as much as one with many.'),
            (sum(n * each for n, each in zip(counts, own, strict=True)),
             'Each gradient counts as its examples do; divide by the examples of all.')],
                   'Combined, the gradients are to be that of the whole batch.',
                   where=f'Shares of {counts}: ', atol=1e-6)
    return 'the combined gradient is that of one large batch, also where the shares differ'


# ---- 3: how many machines ----------------------------------------------------------------------------------

@check(3)
def check_3(answer):
    """The first number of machines after which another one adds less than a tenth, against a sweep."""
    def best(C, P, R, overhead=1):
        def speed(n):
            return n * C / (C + overhead * 32 * n * P / R)
        return next((n for n in range(1, _MOST) if speed(n + 1) < (1 + _WORTH) * speed(n)), _MOST)

    for name, C, P, R in (('a small network, slow connection', .02, 310_000, 1e9),
                          ('ResNet-18, all of it', .5, 11_180_000, 1e9),
                          ('ResNet-18, faster connection', .5, 11_180_000, 1e10),
                          ('ResNet-18, the head alone', .15, 1026, 1e9)):
        found = number(answer(C, P, R), 'a number of machines')
        right = best(C, P, R)
        if found != right:
            raise Wrong(f'{name} (C = {C:g} s, P = {P:,}, R = {R:g} bit/s): ' + (known_mistake(found, [
                (right + 1, f'with {right} machines the next one adds less than 10 % already: return the '
                            'number before it.'),
                (best(C, P, R, 1 / 32), 'a weight has 32 bits, and R counts bits.'),
                (best(C, P, R, 1 / 8), 'a weight has four bytes of eight bits, and R counts bits.'),
                (best(C, P / C, R), 'C is in seconds, and so is 32 n P / R: add them.')], rtol=0)
                or f'in a sweep, {right} machines are the last that are worth it; you say {found:g}.'))
    return 'the sweep agrees: the next machine would add less than a tenth'


# ---- 4: a trainer that sends little ------------------------------------------------------------------------

@check(4)
def check_4(answer):
    """The trainer is used: little is sent, and the network learns."""
    net = nn.HybridSequential()
    net.features, net.output = nn.HybridSequential(), nn.Dense(2, in_units=64)
    net.features.add(nn.Dense(300, activation='relu', in_units=10), nn.Dense(64, activation='relu',
                                                                             in_units=300))
    for part in (net.features, net.output):
        part.initialize(init.Xavier())
    x = numpy.random.normal(size=(64, 10)).astype('float32')
    y = np.array((x[:, 0] > 0).astype('int32'))
    trainer = returned(answer(net), gluon.Trainer, 'a gluon.Trainer')
    sent = sum(int(numpy.prod(each.shape)) for each in trainer._params)  # Gluon has no public name
    asking = sum(int(numpy.prod(each.shape)) for each in trainer._params if each.grad_req != 'null')
    if not asking:
        raise Wrong('Nothing that the trainer holds asks for a gradient, so nothing would learn.')
    if asking > size(net) / 100:
        raise Wrong(f'In each update {asking:,} of {size(net):,} numbers would travel: leave out what need '
                    'not learn.')
    if sent > size(net) / 100:
        raise Wrong(f'The frozen parameters get no gradient, but the trainer holds {sent:,} numbers, and '
                    'MXNet sends each of them once at the start: give it the parameters of the head alone.')
    before, losses = weights(net.features), []
    for _ in range(30):
        with autograd.record():
            loss = cross_entropy(net(np.array(x)), y)
        loss.backward()
        trainer.step(1)
        losses.append(float(loss))
    if any(moved(before, weights(net.features))):
        raise Wrong('The backbone moved.')
    if not losses[-1] < .9 * losses[0]:
        raise Wrong(f'In 30 updates the loss went from {losses[0]:.2f} to {losses[-1]:.2f} only: which '
                    'parameters does your trainer hold, and at which learning rate?')
    return f'{sent:,} of {size(net):,} numbers travel, and the loss fell to {losses[-1]:.2f}'


# ---- 5: statistics of two shares ---------------------------------------------------------------------------

@check(5)
def check_5(answer):
    """Means and variances of shares, against those of all examples together."""
    for counts, apart in (((16, 16), 0), ((16, 16), 3), ((4, 28), 3), ((5, 9, 18), 2)):
        shares = [numpy.random.normal(apart * i, 1 + i, (n, 4)) for i, n in enumerate(counts)]
        means, variances = [each.mean(axis=0) for each in shares], [each.var(axis=0) for each in shares]
        given = [[each.copy() for each in some] for some in (means, variances)]
        both = pair(answer(*given, list(counts)), tuple | list, 'two arrays: the mean and the variance')
        mean, variance = map(as_numpy, both)
        every = numpy.concatenate(shares)
        part = numpy.array(counts)[:, None] / sum(counts)
        where = f'Shares of {list(counts)}: '
        must_equal(mean, every.mean(axis=0), [
            (numpy.mean(means, axis=0), 'the plain mean of the means is right only where all shares are '
                                        'equal: weight them by their examples.'),
            (every.var(axis=0), 'return the mean first, then the variance.')],
                   'the mean is to be that of all examples together.', where=where, atol=1e-8)
        must_equal(variance, every.var(axis=0), [
            ((part * variances).sum(axis=0), 'the mean of the variances forgets that the shares have '
                                             'different means: their distance is variance too.'),
            (numpy.mean(variances, axis=0), 'the plain mean of the variances forgets the sizes of the '
                                            'shares, and that they have different means.'),
            (every.std(axis=0), 'this is the standard deviation: its square is the variance.')],
                   'the variance is to be that of all examples together.', where=where, atol=1e-8)
    return 'mean and variance are those of all examples, whoever had them'
