"""Checks of the exercises of lesson 7, speech. All work on synthetic vowels."""
import functools

import numpy
from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn

from ..datasets import Examples, per_class
from ..datasets.vowels import BANDS, band_centres, interpolation, load_vowels, microphone, people
from ..evaluation import accuracy, outputs
from ..freezing import freeze
from ..hardware import devices, seed_all
from ..surgery import true_copy
from ..training import cross_entropy
from .checking import Wrong, check, fit_quietly
from .judging import as_numpy, backward, differentiable, known_mistake, must_equal, number, pair, returned
from .networks import learning, moved, same, weights


def listener(classes=10):
    """Four dense layers that hear 40 bands: as the network of the lesson, with fresh weights."""
    net = nn.HybridSequential()
    net.add(*(nn.Dense(64, activation='relu', in_units=n) for n in (BANDS, 64, 64)),
            nn.Dense(classes, in_units=64))
    net.initialize(init.Xavier(), ctx=devices())
    return net


def train(net, x, labels, *, updates=200, lr=.01, loss=cross_entropy):
    """Train with Adam on batches of 16.

    Parameters
    ----------
    net : mxnet.gluon.Block
        Frozen parts stay as they are.
    x : numpy.ndarray, shape (n, 40)
        Standardised features.
    labels : numpy.ndarray of int, shape (n,)
    updates : int
    lr : float
    loss : callable
        ``loss(scores, labels)`` gives one number.
    """
    net.hybridize(static_alloc=True)
    trainer = gluon.Trainer(net.collect_params(), 'adam', {'learning_rate': lr})
    data = gluon.data.ArrayDataset(numpy.asarray(x, dtype='float32'), numpy.asarray(labels, dtype='int32'))
    fit_quietly(lambda x, y: loss(net(x), y), data, size=16, updates=updates, trainer=trainer)


@functools.cache
def adults():
    """Men and women who train a source network: the set, and the mean and spread by which features are
    standardised.

    Returns
    -------
    VowelSet
    tuple of two numpy.ndarray, shape (40,)
    """
    voices = load_vowels([*people('man', 12), *people('woman', 12)], people('man', 2, 40),
                         people('woman', 2, 40), each=(8, 2, 2))
    return voices, (voices.train.x.mean(axis=0), voices.train.x.std(axis=0))


def standard(x):
    """Features as the source network takes them: each band with mean 0 and spread 1 over the adults."""
    mean, spread = adults()[1]
    return (x - mean) / spread


@functools.cache
def _source():
    seed_all(0)
    net, voices = listener(), adults()[0]
    train(net, standard(voices.train.x), voices.train.labels, updates=800, lr=.002)
    return net


def source():
    """A fresh copy of a network that knows adults."""
    return true_copy(_source())


@functools.cache
def speaker(name):
    """What somebody says: 10 sounds of each vowel to learn from, 20 to test.

    Parameters
    ----------
    name : str
        Such as ``'child 3'``.

    Returns
    -------
    VowelSet
    """
    return load_vowels([name], each=(10, 1, 20))


# ---- 1: the warp -------------------------------------------------------------------------------------------

@check(1)
def check_1(answer):
    """Peaks at known frequencies, factors above and below 1."""
    centres = band_centres()
    x = 5 * numpy.exp(-(numpy.log(centres / numpy.array([[500.], [1500], [3000]]))
                        / .25) ** 2) + numpy.random.standard_normal((3, BANDS))
    for alpha in (1., 1.2, .85):
        given = x.copy()
        warped = returned(answer(given, centres, alpha), numpy.ndarray, 'the warped features, a NumPy array')
        if not numpy.array_equal(given, x):
            raise Wrong('Your function has changed the features it was given: return a new array.')
        if warped.shape != x.shape:
            raise Wrong(f'Three examples of 40 bands, {x.shape}, came back as {warped.shape}: warp each row, '
                        'and keep the shape.')
        right = x @ interpolation(alpha * centres)
        if alpha == 1 and not numpy.allclose(warped, x, atol=1e-4):
            raise Wrong('With alpha = 1 nothing may change, but it does.')
        if numpy.allclose(warped, right, atol=1e-3):
            continue
        inside = (alpha * centres >= centres[0]) & (alpha * centres <= centres[-1])
        inverse = x @ interpolation(centres / alpha)
        if numpy.allclose(warped[:, 6:-6], inverse[:, 6:-6], atol=1e-3):
            raise Wrong('This is the inverse direction: x\'(f) = x(alpha f) reads at the frequency alpha '
                        'times f, and so brings a child\'s peaks (alpha above 1) down.')
        if numpy.allclose(warped[:, inside], right[:, inside], atol=1e-3):
            raise Wrong('Inside the bands this is right. Beyond the lowest and the highest band there is '
                        'nothing to read: take the value of that band (numpy.interp does), instead of '
                        'something made up.')
        index = numpy.arange(BANDS)
        if numpy.allclose(warped, [numpy.interp(alpha * index, index, row) for row in x], atol=1e-3):
            raise Wrong('This multiplies the number of the band by alpha. The bands are not spaced evenly in '
                        'Hz: multiply the frequencies.')
        if all(numpy.abs(x - column[:, None]).max(axis=0).min() < 1e-9 for column in warped.T):
            raise Wrong('Whole bands were moved. The new frequencies fall between two bands: interpolate '
                        'between the two.')
        raise Wrong(f'At alpha = {alpha:g} the value at {centres[20]:.0f} Hz must be the old one at '
                    f'{alpha * centres[20]:.0f} Hz, {right[0, 20]:.3f}, but it is {warped[0, 20]:.3f}.')
    return 'alpha = 1 changes nothing, and a peak at alpha f ends up at f'


# ---- 2: choose alpha ---------------------------------------------------------------------------------------

def warp(x, alpha):
    """x'(f) = x(alpha f)."""
    return x @ interpolation(alpha * band_centres())


def scores(x):
    """What the frozen network answers to features, before softmax, shape (n, 10), as NumPy."""
    return outputs(_source(), standard(x)).asnumpy()


def loss_of(values, labels):
    """Mean cross-entropy of scores, in nats."""
    return float(cross_entropy(np.array(values), np.array(labels)))


@check(2)
def check_2(answer):
    """Three children and an adult, three sounds each."""
    alphas = numpy.linspace(.7, 1.75, 36)
    found = []
    for name in ('child 1', 'child 2', 'child 4', 'woman 60'):
        some = per_class(speaker(name).train, 1, seed=0).pick(numpy.array([0, 4, 7]))
        alpha = number(answer(scores, some.x.copy(), some.labels.copy(), alphas.copy(), warp),
                       'one of the factors')
        tried = [scores(warp(some.x, each)) for each in alphas]
        losses = [loss_of(each, some.labels) for each in tried]
        hits = [(each.argmax(axis=1) == some.labels).mean() for each in tried]
        best = alphas[numpy.argmin(losses)]
        found.append(best)
        if numpy.isclose(alpha, best):
            continue
        mistake = known_mistake(alpha, [
            (numpy.argmin(losses), 'This is the place of the factor in the list; return the factor itself.'),
            (alphas[numpy.argmax(losses)], 'This is the factor with the highest loss; the lowest is wanted.'),
            (1 / best, 'This is one divided by the factor: return the alpha that was handed to warp.')],
                                rtol=1e-5)
        if mistake:
            raise Wrong(mistake)
        if not numpy.isclose(alphas, alpha).any():
            raise Wrong(f'{alpha:g} is none of the factors that were given.')
        chosen = numpy.isclose(alphas, alpha).argmax()
        if hits[chosen] == max(hits):
            raise Wrong('By accuracy many factors tie, since there are only three sounds; yours is one of '
                        'them. The loss tells them apart.')
        raise Wrong(f'For {name} your factor has the loss {losses[chosen]:.3f}; the best, {min(losses):.3f}.')
    return ('the lowest loss for each of four speakers; the factors are '
            f'{", ".join(format(each, ".2f") for each in found)} (the last is an adult\'s)')


# ---- 3: only the first layer -------------------------------------------------------------------------------

@check(3)
def check_3(answer):
    """A network with batch normalisation and dropout that has already run hybridized; then a few updates."""
    net = nn.HybridSequential()
    net.add(nn.Dense(32, activation='relu', in_units=BANDS), nn.BatchNorm(in_channels=32),
            nn.Dense(32, activation='relu', in_units=32),
            nn.Dropout(.3), nn.Dense(10, in_units=32))
    net.initialize(init.Xavier())
    net.hybridize(static_alloc=True)
    voices = adults()[0]
    x, labels = standard(voices.train.x[:200]), voices.train.labels[:200]
    train(net, x, labels, updates=10)
    answer(net)
    first, rest = weights(net[0]), weights(net[1:])
    if learning(net):
        train(net, x, labels, updates=5)
    first_moved = moved(first, weights(net[0]))
    if not any(first_moved):
        raise Wrong('The first layer did not move: it is the one that is to train.' +
                    ('' if same(rest, weights(net[1:])) else ' The others did: this is the wrong way round.'))
    if not all(first_moved):
        raise Wrong('Of the first layer only the weights or only the biases moved: both belong to it.')
    if not same(weights(net[2]) + weights(net[4]), rest[4:]):
        raise Wrong('Layers above the first moved too: freeze everything behind net[0].')
    if not same(rest, weights(net[1:])):
        raise Wrong('The weights above stood still, but the statistics of batch normalisation moved: '
                    'freeze(net, part) holds them too, grad_req = \'null\' alone does not.')
    with autograd.record():
        one, other = net(np.array(x[:20], dtype='float32')), net(np.array(x[:20], dtype='float32'))
    if not numpy.array_equal(one.asnumpy(), other.asnumpy()):
        raise Wrong('Dropout above the first layer is still at work in training: freeze(net, part) turns it '
                    'off, grad_req = \'null\' alone does not.')
    return 'the first layer moved, and nothing behind it did, batch normalisation included'


# ---- 4: which end? -----------------------------------------------------------------------------------------

CHANGES = {
    'microphone': 'an adult speaks into a bad microphone, which makes some bands louder and others weaker, '
                  'always the same ones',
    'numbers': 'an adult speaks, but the vowels were numbered anew',
    'reversed': 'an adult speaks, but the 40 bands arrive in the opposite order, the highest first',
}


def changed(change, voices):
    """Features and labels of some voices after one of the `CHANGES`."""
    x, labels = voices.x, voices.labels
    if change == 'microphone':
        return x + microphone(2), labels
    return (x[:, ::-1], labels) if change == 'reversed' else (x, (labels + 3) % 10)


def both_ends(change):
    """How good it is to tune only the first layer, or only the last, after one of the `CHANGES`, with one
    example of each vowel.

    Returns
    -------
    dict of str to float
        Accuracy of ``'first'`` and ``'last'``, the mean over two speakers.
    """
    reached = {'first': 0, 'last': 0}
    for voices in (speaker('woman 60'), speaker('woman 61')):
        for end in reached:
            net = source()
            seed_all(0)  # after the source, which is trained when it is first asked for
            freeze(net, net[1:] if end == 'first' else net[:-1])
            x, labels = changed(change, per_class(voices.train, 1, seed=0))
            train(net, standard(x), labels)
            x, labels = changed(change, voices.test)
            reached[end] += accuracy(net, Examples(standard(x), labels)) / 2
    return reached


@check(4)
def check_4(answer):
    """Both ends are tuned for each change, and the choice is set beside that."""
    told = []
    for change, words in CHANGES.items():
        end = returned(answer(change), str, "'first' or 'last'")
        if end not in ('first', 'last'):
            raise Wrong(f"For {change!r} the function returned {end!r}; it is to return 'first' or 'last'.")
        reached = both_ends(change)
        other = 'last' if end == 'first' else 'first'
        if reached[end] < reached[other]:
            raise Wrong(f'{words[0].upper()}{words[1:]}: tuning only the {end} layer reaches '
                        f'{reached[end]:.2f}, the {other} {reached[other]:.2f}. Which layer could undo the '
                        'change by itself?')
        told.append(f'{change} {reached[end]:.2f} against {reached[other]:.2f}')
    return f'measured with one example of each vowel, the mean of two speakers: {", ".join(told)}'


# ---- 5: vowels that were not spoken ------------------------------------------------------------------------

@check(5)
def check_5(answer):
    """Scores and labels by hand: the value, and where its gradient is."""
    spoken = [7, 2, 5, 9]  # 9 is in no sound of this batch
    values = 2 * np.random.normal(size=(6, 10))
    labels = np.array([7, 2, 5, 5, 2, 7], dtype='int32')
    values.attach_grad()
    with autograd.record():
        loss = differentiable(answer(values, labels, spoken),
                              'one number as an mxnet array, so that it has a gradient',
                              'The function returned {} numbers; the loss is one, the mean over the batch.')
    places = np.array([spoken.index(int(label)) for label in labels])
    right = float(cross_entropy(values[:, spoken], places))
    masked = numpy.zeros(10)
    masked[spoken] = 1
    must_equal(float(loss), right, [
        (cross_entropy(values, labels),
         'This is the ordinary loss over all ten: each sound also tells the network that it is none of the '
         'vowels that were not spoken.'),
        (len(labels) * right, 'This is the sum over the batch; take the mean.'),
        (cross_entropy(values * np.array(masked, dtype='float32'), labels),
         'The scores of the others were set to 0. A score of 0 still takes its share in softmax: leave those '
         'columns out (or set them to a very negative number).'),
        (cross_entropy(values[:, sorted(spoken)], places),
         'The labels do not belong to these columns: give each vowel the place that it has among the columns '
         'that you kept.')],
               f'The loss is {float(loss):.4f}; the cross-entropy among the spoken vowels alone is '
               f'{right:.4f} here.')
    backward(loss, "stay with mxnet's np, no asnumpy() or float() on the way")
    others = [k for k in range(10) if k not in spoken]
    pull = numpy.abs(values.grad.asnumpy())
    if pull[:, others].max() > 1e-6 or pull[:, spoken].max() < 1e-6:
        raise Wrong('The number is right, but its gradient is not: it must move the scores of the spoken '
                    'vowels, and no others.')
    return 'the loss among the spoken vowels, and no gradient for the scores of the others'


# ---- 6: a source without men and children ------------------------------------------------------------------

@functools.cache
def women():
    """Women as a source task, and six children as its target, of whom nothing may be learned."""
    return load_vowels(people('woman', 20), people('woman', 2, 40), people('child', 6), each=(6, 1, 10))


def understood(x, labels):
    """Train a network on these features, and count how many sounds of six children it gets right."""
    mean, spread = x.mean(axis=0), x.std(axis=0)
    seed_all(0)
    net = listener()
    train(net, (x - mean) / spread, labels, updates=500, lr=.002)
    children = women().test
    return accuracy(net, Examples((children.x - mean) / spread, children.labels))


@functools.cache
def _women_alone():
    return understood(women().train.x, women().train.labels)


@check(6)
def check_6(answer):
    """A network is trained on what the answer makes of women's sounds, and tested on children."""
    voices = women().train
    x, labels = map(as_numpy, pair(answer(voices.x.copy(), voices.labels.copy(), warp), tuple,
                                   'features and labels, return x, labels', 'two, features and labels'))
    if x.ndim != 2 or x.shape[1] != BANDS or labels.ndim != 1:
        raise Wrong(f'The features have the shape {x.shape}, the labels {labels.shape}; wanted are (n, '
                    f'{BANDS}) and (n,).')
    if len(x) != len(labels):
        raise Wrong(f'There are {len(x)} examples, but {len(labels)} labels: if you add warped sounds, their '
                    'labels come along.')
    before, after = _women_alone(), understood(x, labels)
    if after < before - .1:
        raise Wrong(f'Trained on women alone the network gets {before:.2f} of the children right, trained on '
                    f'yours {after:.2f}: the peaks were moved the wrong way. A child\'s formants lie higher: '
                    'which alpha moves peaks up?')
    if after < before + .15:
        raise Wrong(f'Trained on women alone the network gets {before:.2f} of the children right, trained on '
                    f'yours {after:.2f}: make sounds whose formants lie as high as a child\'s.')
    return (f'without a single sound of a child, {after:.2f} of the children\'s vowels are right; from women '
            f'as they are, {before:.2f}')
