"""Checks of the exercises of lesson 7, speech. All work on synthetic vowels."""
import functools

import numpy
import pandas
from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn

from ..datasets import Examples, per_class
from ..datasets.vowels import BANDS, band_centres, interpolation, load_vowels, microphone, people
from ..evaluation import accuracy, outputs
from ..freezing import freeze
from ..hardware import devices, seed_all
from ..progress import bar
from ..surgery import true_copy
from ..training import cross_entropy
from .checking import Wrong, check, fit_quietly
from .design import fair
from .judging import backward, differentiable, known_mistake, must_equal, number, returned
from .networks import learning, moved, same, weights
from .reading import reading
from .variants import varied


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
def _source(seed):
    seed_all(seed)
    net, voices = listener(), adults()[0]
    with bar(1, 'training the source network, once') as progress:
        train(net, standard(voices.train.x), voices.train.labels, updates=800, lr=.002)
        progress.update()
    return net


def source(seed=None):
    """A fresh copy of a network that knows adults; without a seed one that is another while marking."""
    return true_copy(_source(varied(0) if seed is None else seed))


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
    return outputs(_source(varied(0)), standard(x)).asnumpy()


def loss_of(values, labels):
    """Mean cross-entropy of scores, in nats."""
    return float(cross_entropy(np.array(values), np.array(labels)))


def _with_two_valleys(x, labels, deep, flat):
    """Made-up scores and a made-up warp: the loss has its lowest valley at one factor, and another valley at
    another one.
    """
    def stamped(x, alpha):
        return numpy.full_like(x, alpha)

    def made_up(x):
        near = [numpy.exp(-((x[:, 0] - alpha) / .1) ** 2) for alpha in (deep, flat)]
        values = numpy.zeros((len(x), 10))
        values[numpy.arange(len(x)), labels] = 3 * near[0] + 2 * near[1]
        return values
    return made_up, x, labels, _ALPHAS[::3], stamped


_ALPHAS = numpy.linspace(.7, 1.75, 36)


def _speakers():
    """What the answer is asked: three children and an adult, three sounds each; the factors in both orders,
    and with the best one at either end; then two made-up curves with two valleys.
    """
    for name in ('child 1', 'child 2', 'child 4', 'woman 60'):
        some = per_class(speaker(name).train, 1, seed=0).pick(numpy.array([0, 4, 7]))
        yield name, (scores, some.x, some.labels, _ALPHAS, warp)
    best = numpy.argmin([loss_of(scores(warp(some.x, alpha)), some.labels) for alpha in _ALPHAS])
    for words, alphas in (('the factors from the largest to the smallest', _ALPHAS[::-3]),
                          ('the best factor as the first of the list', _ALPHAS[best:]),
                          ('the best factor as the last of the list', _ALPHAS[:best + 1])):
        yield f'{name}, with {words},', (scores, some.x, some.labels, alphas, warp)
    for deep, flat in ((1.5, .9), (.9, 1.5)):
        yield 'a made-up speaker', _with_two_valleys(some.x, some.labels, deep, flat)


@check(2)
def check_2(answer):
    """Every speaker of `_speakers`: the factor with the lowest loss."""
    found = []
    for name, (ask, x, labels, alphas, change) in _speakers():
        alpha = number(answer(ask, x.copy(), labels.copy(), alphas.copy(), change), 'one of the factors')
        tried = [ask(change(x, each)) for each in alphas]
        losses = [loss_of(each, labels) for each in tried]
        hits = [(each.argmax(axis=1) == labels).mean() for each in tried]
        best = alphas[numpy.argmin(losses)]
        found.append(best)
        if numpy.isclose(alpha, best):
            continue
        mistake = known_mistake(alpha, [
            (numpy.argmin(losses), 'This is the place of the factor in the list; return the factor itself.'),
            (min(losses), 'This is the lowest loss; return the factor that has it.'),
            (alphas[numpy.argmax(losses)], 'This is the factor with the highest loss; the lowest is wanted.'),
            (1 / best, 'This is one divided by the factor: return the alpha that was handed to warp.')],
                                rtol=1e-5)
        if mistake:
            raise Wrong(mistake)
        if not numpy.isclose(alphas, alpha).any():
            raise Wrong(f'{alpha:g} is none of the factors that were given.')
        chosen = int(numpy.isclose(alphas, alpha).argmax())
        beside = losses[max(chosen - 1, 0):chosen + 2]
        if 0 < chosen < len(alphas) - 1 and losses[chosen] == min(beside):
            raise Wrong(f'For {name} your factor has the loss {losses[chosen]:.3f}, lower than its two '
                        f'neighbours, but the lowest of all is {min(losses):.3f}: the curve has more than '
                        'one valley. Try all factors.')
        if {chosen, int(numpy.argmin(losses))} in ({0, 1}, {len(alphas) - 2, len(alphas) - 1}):
            raise Wrong(f'For {name} the best factor is at the end of the list, {best:.2f}, and yours is the '
                        'one beside it: try all factors, both ends included.')
        if hits[chosen] == max(hits):
            raise Wrong('By accuracy many factors tie, since there are only three sounds; yours is one of '
                        'them. The loss tells them apart.')
        raise Wrong(f'For {name} your factor has the loss {losses[chosen]:.3f}; the best, {min(losses):.3f}, '
                    'has another one. Try all factors.')
    return ('the lowest loss each time; the factors of four speakers are '
            f'{", ".join(format(each, ".2f") for each in found[:4])} (the last is an adult\'s)')


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
    trained = weights(net)
    answer(net)
    if not same(trained, weights(net)):
        raise Wrong('Your function itself has changed numbers of the network: it is to say what may train, '
                    'and neither train nor give new weights.')
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


@functools.cache
def tuned_end(change, end, name):
    """How good it is to tune only one layer after one of the `CHANGES`, with one example of each vowel.

    Parameters
    ----------
    change : str
    end : {'first', 'last'}
    name : str
        Of the speaker.

    Returns
    -------
    float
        Accuracy.
    """
    voices, net = speaker(name), source(0)  # not hidden: the answer cannot depend on it, the winner may
    seed_all(0)  # after the source, which is trained when it is first asked for
    freeze(net, net[1:] if end == 'first' else net[:-1])
    x, labels = changed(change, per_class(voices.train, 1, seed=0))
    train(net, standard(x), labels)
    x, labels = changed(change, voices.test)
    return accuracy(net, Examples(standard(x), labels))


@check(4)
def check_4(answer):
    """Both ends are tuned for each change, and the choice is set beside that. It takes some seconds once."""
    chosen, told = {}, []
    for change in CHANGES:
        chosen[change] = returned(answer(change), str, "'first' or 'last'")
        if chosen[change] not in ('first', 'last'):
            raise Wrong(f"For {change!r} the function returned {chosen[change]!r}; it is to return "
                        "'first' or 'last'.")
    with bar(4 * len(CHANGES), 'tuning both ends') as progress:
        for change, words in CHANGES.items():
            reached = dict.fromkeys(('first', 'last'), 0)
            for end in reached:
                for name in ('woman 60', 'woman 61'):
                    reached[end] += tuned_end(change, end, name) / 2
                    progress.update()
            end = chosen[change]
            other = 'last' if end == 'first' else 'first'
            if reached[end] < reached[other]:
                raise Wrong(f'{words[0].upper()}{words[1:]}: tuning only the {end} layer reaches '
                            f'{reached[end]:.2f}, the {other} {reached[other]:.2f}. Which layer could undo '
                            'the change by itself?')
            told.append(f'{change} {reached[end]:.2f} against {reached[other]:.2f}')
    return f'measured with one example of each vowel, the mean of two speakers: {", ".join(told)}'


# ---- 5: vowels that were not spoken ------------------------------------------------------------------------

@check(5)
def check_5(answer):
    """Scores and labels by hand: the value, and where its gradient is."""
    spoken = [4, 1, 8, 0, 3]  # 8 is in no sound of this batch; all labels are places in this list, too
    values = 2 * np.random.normal(size=(6, 10))
    labels = np.array([4, 1, 0, 3, 1, 4], dtype='int32')
    values.attach_grad()
    with autograd.record():
        loss = differentiable(answer(values, labels, spoken),
                              'one number as an mxnet array, so that it has a gradient',
                              'The function returned {} numbers; the loss is one, the mean over the batch.')
    places = np.array([spoken.index(int(label)) for label in labels])
    right = float(cross_entropy(values[:, spoken], places))
    masked = numpy.zeros(10)
    masked[spoken] = 1
    met = sorted({int(label) for label in labels})
    not_renumbered = ('The columns are those of the spoken vowels, but the labels still are numbers of '
                      'vowels: give each label the place that its vowel has among these columns.')
    must_equal(float(loss), right, [
        (cross_entropy(values, labels),
         'This is the ordinary loss over all ten: each sound also tells the network that it is none of the '
         'vowels that were not spoken.'),
        (len(labels) * right, 'This is the sum over the batch; take the mean.'),
        (cross_entropy(values * np.array(masked, dtype='float32'), labels),
         'The scores of the others were set to 0. A score of 0 still takes its share in softmax: leave those '
         'columns out (or set them to a very negative number).'),
        (cross_entropy(values[:, spoken], labels), not_renumbered),
        (cross_entropy(values[:, sorted(spoken)], labels), not_renumbered),
        (cross_entropy(values[:, met], np.array([met.index(int(label)) for label in labels])),
         'Only the vowels of this batch were kept. A vowel that was spoken, and is not in this batch, '
         'counts too: keep all columns of spoken.'),
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


# ---- 6: a study of two ends --------------------------------------------------------------------------------

@check(6)
def check_6(answer):
    """Two ends, each with the source's layer and with a new one, with equal updates and sounds."""
    return fair(answer(), {'arm': ('first', 'last'), 'start': ('source', 'new')},
                {'updates': ('updates',), 'sounds of each vowel': ('sounds',)})


# ---- 7: what the child never said --------------------------------------------------------------------------

_EACH, _SEEDS = (1, 5, 20), (-.02, .01, .01)
_INVENTED = {'untouched': {'spoken': (.62, .62, .62), 'never spoken': (.61, .61, .61)},
             'everything tuned': {'spoken': (.77, .9, .95), 'never spoken': (.46, .37, .31)},
             'warp': {'spoken': (.78, .83, .84), 'never spoken': (.76, .82, .83)}}


def halves():
    """An invented study: three ways to adapt to a child who said five of ten vowels.

    Returns
    -------
    dict of str to pandas.DataFrame
        For ``'spoken'`` and ``'never spoken'`` vowels: columns arm, each, seed, accuracy.
    """
    return {which: pandas.DataFrame([(arm, each, seed, value + shift) for arm, lines in _INVENTED.items()
                                     for each, value in zip(_EACH, lines[which], strict=True)
                                     for seed, shift in enumerate(_SEEDS)],
                                    columns=['arm', 'each', 'seed', 'accuracy'])
            for which in ('spoken', 'never spoken')}


@check(7)
def check_7(answer):
    """Spoken and never spoken vowels beside each other."""
    few, many = _EACH[0], _EACH[-1]
    never = {arm: lines['never spoken'] for arm, lines in _INVENTED.items()}
    tuned, warped, before = (never[arm] for arm in ('everything tuned', 'warp', 'untouched'))
    reading(answer(), {
        'A': 'that is the panel of the vowels it was trained on. The child will say the others too, and '
             f'there it falls to {tuned[-1]:.2f}, while the untouched network has {before[-1]:.2f}.',
        'B': '',
        'C': f'the warp has heard none of them either, and with {few} sound of each spoken vowel it rises '
             f'from {before[0]:.2f} to {warped[0]:.2f} there.',
        'D': f'in the figure it is the other way round: from {few} to {many} sounds of each spoken vowel, '
             f'the others fall from {tuned[0]:.2f} to {tuned[-1]:.2f}. More sounds of five vowels say '
             'nothing of the other five.'}, {
        1: 'on the vowels that were trained, learning them by heart and understanding the throat look the '
           'same. The others tell the two apart.',
        2: '',
        3: 'that may be why, but the figure does not show it: it shows accuracies. A way with few numbers '
           'can forget, too; the last layer alone did in section 7.6.'})
    return (f'on vowels never spoken the warp goes from {before[-1]:.2f} to {warped[-1]:.2f}, and tuning '
            f'everything to {tuned[-1]:.2f}')
