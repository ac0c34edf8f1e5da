"""Checks of the exercises of lesson 4, multi-task learning. All work on the digits that scikit-learn ships,
16 x 16 pixels.
"""
import functools

import numpy
import pandas
from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn

from ..datasets import Examples, Pictures, grey
from ..datasets.digits import handwriting
from ..evaluation import accuracy, outputs
from ..freezing import freeze
from ..hardware import devices, seed_all
from ..training import cross_entropy
from .checking import Wrong, check, fit_quietly
from .design import fair
from .judging import ARRAY, as_numpy, backward, differentiable, must_equal, number, returned
from .networks import gradient_of, learning, moved, parameters, size, weights
from .reading import reading
from .variants import varied

CLOSE = 1e-4  # relative: what rounding may do


@functools.cache
def _digits():
    pictures, labels = handwriting()
    return grey(Pictures(pictures[..., None].repeat(3, axis=3), labels), side=16)


def some(first=0, n=600):
    """Handwritten digits as a `Examples`: grey, 16 x 16 pixels, labels 0 to 9.

    Parameters
    ----------
    first, n : int
        Which ones, of 1797.
    """
    return _digits().pick(numpy.arange(first, first + n))


def chain(*parts):
    """Parts of a network, one after the other."""
    net = nn.HybridSequential()
    net.add(*parts)
    return net


def start(*nets):
    """Random weights on all devices."""
    parameters(*nets).initialize(init.MSRAPrelu(slope=0), ctx=devices())


def trunk():
    """A small trunk: one convolution and one dense layer."""
    return chain(nn.Conv2D(8, 3, strides=2, padding=1, activation='relu'), nn.Dense(16, activation='tanh'))


def pair(seen=None):
    """A trunk and two nets that share it, ten classes each, with random weights.

    Parameters
    ----------
    seen : array, optional
        Pictures that pass once, so that all sizes are known.

    Returns
    -------
    shared, one, other : mxnet.gluon.Block
    """
    shared = trunk()
    one, other = chain(shared, nn.Dense(10)), chain(shared, nn.Dense(10))
    start(one, other)
    if seen is not None:
        one(seen), other(seen)
    return shared, one, other


def batch(other_labels, n=32):
    """A batch for two tasks: pictures, digits, other pictures, and for those what `other_labels` makes of
    their digits.
    """
    here = devices()[0]
    data = some(n=2 * n)
    x, y = np.array(data.x, ctx=here), data.labels
    return (x[:n], np.array(y[:n], dtype='int32', ctx=here),
            x[n:], np.array(other_labels(y[n:]), dtype='int32', ctx=here))


def gradients(net, x, y, part):
    """The gradient of the mean cross-entropy by all weights of a part, as one NumPy row."""
    with autograd.record():
        loss = cross_entropy(net(x), y)
    loss.backward()
    return gradient_of(part)


def _far(a, b):
    """How far a is from b, as a share of b."""
    return float(numpy.abs(numpy.subtract(a, b)).max() / max(numpy.abs(b).max(), 1e-12))


# ---- 1: a joint loss ---------------------------------------------------------------------------------------

def _mixed_up(found, right, nets, pictures, labels):
    """Which net met which pictures and labels?"""
    for value in found:
        for net, who in zip(nets, ('which', 'parity'), strict=True):
            for x, at in zip(pictures, 'xu', strict=True):
                for y, named in zip(labels, ('digit', 'odd'), strict=True):
                    loss = float(cross_entropy(net(x), y))
                    if min(abs(loss - each) for each in right) > CLOSE > abs(value - loss):
                        return (f'one of them is that of {who}({at}) with the labels {named}. The batch has '
                                'x and digit for which, u and odd for parity.')
    return 'they are to be cross_entropy(which(x), digit) and cross_entropy(parity(u), odd), no more.'


@check(1)
def check_1(answer):
    """A function from a batch to two named losses: both means, each of the right task, and the trunk learns
    from both.
    """
    x, digit, u, odd = batch(lambda y: y % 2)
    shared, which, parity = pair(x)
    loss = answer(which, parity)
    if not callable(loss):
        raise Wrong(f'The function returned a {type(loss).__name__}; it is to return another function, '
                    'loss(x, digit, u, odd), which fit calls with every batch.')
    with autograd.record():
        terms = loss(x, digit, u, odd)
        if not isinstance(terms, dict):
            raise Wrong(f'Your loss returned a {type(terms).__name__}; return a dict with a name for each '
                        'task, so that fit adds them up and keeps both in its history.')
        if len(terms) != 2 or 'loss' in terms:
            raise Wrong(f'Your loss returned the names {list(terms)}: there are two tasks, so two names, and '
                        'none of them may be loss, which is what fit calls the sum.')
        for name, term in terms.items():
            differentiable(term, f'a loss that has a gradient as {name!r}: the array that cross_entropy '
                                 'gives, without float()',
                           f'{name!r} holds {{}} numbers, one for each picture; take their mean, as '
                           'cross_entropy does.')
        total = sum(terms.values())
    right = [float(cross_entropy(which(x), digit)), float(cross_entropy(parity(u), odd))]
    found = [float(term) for term in terms.values()]
    if _far(sorted(found), sorted(right)) > CLOSE:
        for factor, words in ((32, 'sums over the 32 pictures, not means: a task with larger batches would '
                                   'count more. Use cross_entropy.'),
                              (.5, 'half of what they are: fit adds the two, so leave each as it is.')):
            if _far(sorted(found), sorted(factor * each for each in right)) < CLOSE:
                raise Wrong(f'Your losses are {words}')
        raise Wrong(f'The two losses of a batch are {right[0]:.3f} and {right[1]:.3f}, yours {found[0]:.3f} '
                    f'and {found[1]:.3f}: {_mixed_up(found, right, (which, parity), (x, u), (digit, odd))}')
    backward(total, 'nothing on the way may be detached, or made an ordinary number')
    both = gradient_of(shared)
    wanted = gradients(which, x, digit, shared) + gradients(parity, u, odd, shared)
    if _far(both, wanted) > 1e-3:
        raise Wrong('The losses are right, but the trunk does not learn from both: somewhere between trunk '
                    'and loss the gradient is cut off, by detach() for instance.')
    train, rest = some(), some(1000, 400)
    odd_data = Examples(train.x, train.labels % 2)
    fit_quietly(loss, train, odd_data, size=32, updates=150,
                trainer=gluon.Trainer(parameters(which, parity), 'adam', {'learning_rate': .01}))
    reached = accuracy(which, rest), accuracy(parity, Examples(rest.x, rest.labels % 2))
    return (f'both losses reach the trunk; trained together, {reached[0]:.0%} of new digits are right, and '
            f'{reached[1]:.0%} of odd or even')


# ---- 2: the gradient cosine --------------------------------------------------------------------------------

_LABELS = {'labels of the next digit': lambda y: (y + 1) % 10, 'odd or even': lambda y: y % 2,
           'the same labels': lambda y: y}


def _cosine(a, b):
    return float(a @ b / (numpy.linalg.norm(a) * numpy.linalg.norm(b)))


@check(2)
def check_2(answer):
    """The cosine of two gradients, on the trunk alone."""
    found = {}
    for name, labels in _LABELS.items():
        x, y, u, v = batch(labels)
        shared, one, other = pair(x)
        a, b = gradients(one, x, y, shared), gradients(other, u, v, shared)
        if name == 'the same labels':  # one task, one batch: the two gradients are the same
            other, u, v, b = one, x, y, a
        value = number(answer(one, other, shared, (x, y, u, v)), 'one number')
        right = _cosine(a, b)
        whole = _cosine(gradients(one, x, y, one), gradients(other, u, v, other))
        weight = numpy.concatenate([numpy.full(each.data(each.list_ctx()[0]).size, 'weight' in each.name)
                                    for each in shared.collect_params().values()])
        where = f'With {name} the cosine on the trunk is {right:.3f}, yours is {value:.3f}:'
        must_equal(value, right, [
            (1, f'With {name} your cosine is {value:.3f}, as of a gradient with itself; it is {right:.3f}. '
                'grad() hands out the array that the next backward() overwrites: copy the first gradient '
                'before you ask for the second.'),
            (whole, f'{where} take the parameters of the shared part only, without the heads.'),
            (a @ b, f'With {name} yours is {value:.3f}, the plain product of the two gradients; divide it by '
                    'both lengths, so that it lies between -1 and 1.'),
            (1 - right, f'{where} that is 1 minus the cosine, a distance; return the cosine.'),
            (numpy.arccos(numpy.clip(right, -1, 1)), f'{where} that is the angle; return its cosine.'),
            *((a @ b / length ** 2, f'{where} the product was divided by the square of one length; divide it '
                                    'by the one length and by the other.')
              for length in (numpy.linalg.norm(a), numpy.linalg.norm(b))),
            *((a @ b / length, f'{where} the product was divided by one length only; divide it by both.')
              for length in (numpy.linalg.norm(a), numpy.linalg.norm(b))),
            (_cosine(a[weight], b[weight]), f'{where} you left the biases out; all parameters of the trunk '
                                            'belong to the gradient.')],
                   f'{where} one backward() for each task, all weights of the trunk in one row, product '
                   'divided by both lengths.', rtol=0, atol=1e-4)
        found[name] = value
    return 'the cosine is ' + ', '.join(f'{value:.2f} with {name}' for name, value in found.items())


# ---- 3: PCGrad ---------------------------------------------------------------------------------------------

@check(3)
def check_3(answer):
    """Project conflicting gradients; leave the others as they are."""
    def ask(a, b):
        before = [numpy.array(each) for each in (a, b)]
        given = [np.array(each) for each in (a, b)]
        value = returned(answer(*given), ARRAY, 'one gradient, as an array')
        if any(_far(now.asnumpy(), then) > CLOSE for now, then in zip(given, before, strict=True)):
            raise Wrong('Your function changed the gradients it was given: compute new ones.')
        value = as_numpy(value)
        if value.shape != before[0].shape:
            raise Wrong(f'From two gradients of {len(a)} numbers your function made an array of shape '
                        f'{value.shape}: it is to be one gradient of the same length.')
        return value

    agree = numpy.array([1., 2, 0]), numpy.array([2., 1, 1])
    if _far(ask(*agree), agree[0] + agree[1]) > CLOSE:
        raise Wrong('These two gradients do not point against each other (their product is positive), so '
                    f'PCGrad leaves them alone and returns their sum, {(agree[0] + agree[1]).tolist()}; '
                    f'yours is {ask(*agree).round(3).tolist()}.')
    generator = numpy.random.default_rng(varied(0))
    for _ in range(20):
        a, b = generator.standard_normal((2, 6)) * (1, 3, 1, .5, 2, 1)
        b = b - (a @ b + abs(a @ b) + .5) / (a @ a) * a  # now they conflict
        wanted = a - (a @ b) / (b @ b) * b + b - (a @ b) / (a @ a) * a
        found = ask(a, b)
        if _far(found, wanted) > 1e-3:
            half = b + a - (a @ b) / (b @ b) * b, a + b - (a @ b) / (a @ a) * a
            if min(_far(found, each) for each in half) < 1e-3:
                raise Wrong('Only one of the two gradients was projected: take out of each the part that '
                            'points against the other, and make both projections on the gradients as they '
                            'came (against a changed one nothing points any more).')
            if _far(found, wanted / 2) < 1e-3:
                raise Wrong('Where they conflict yours is half of what it is to be: add the two projected '
                            'gradients, and take no mean.')
            if _far(found, (a @ b) / (b @ b) * b + (a @ b) / (a @ a) * a) < 1e-3:
                raise Wrong('You return the parts that point against the other gradient; they are what is '
                            'to be taken out of a and b.')
            if _far(found, a + b) < 1e-3:
                raise Wrong('Where the gradients conflict (their product is negative) your function returns '
                            'the plain sum: that is the case in which something is to be done.')
            raise Wrong('Where they conflict, take (a·b / b·b) b out of a, and (a·b / a·a) a out of b: the '
                        'divisor is the squared length of the one that you project on.')
    return ('agreeing gradients are added, conflicting ones lose what points against the other: no task is '
            'pushed back')


# ---- 4: how large does it get? -----------------------------------------------------------------------------

def layers(classes):
    """The layers of a column, the last its head: a smaller one than the lesson's."""
    return [chain(nn.Conv2D(6, 3, strides=2, padding=1, activation='relu'), nn.Flatten()),
            nn.Dense(20, activation='relu'), nn.Dense(classes)]


def adapters():
    """What joins an earlier column to a new one: after its first layer, and after its second."""
    return [nn.Dense(5, activation='relu'), nn.Dense(5, activation='relu')]


class Column(nn.Block):
    """The lesson's column, with any adapters: a net for one task that listens to the columns of earlier
    tasks.
    """

    def __init__(self, layers, *earlier, adapters=adapters):
        super().__init__()
        if any(len(column.layers) != len(layers) for column in earlier):
            raise ValueError('columns need equally many layers')
        self.layers, self.earlier = chain(*layers), nn.Sequential()
        self.earlier.add(*earlier)
        self.adapters = chain(*[chain(*adapters()) for _ in earlier])

    def outputs(self, x):
        """What each layer gives, from the bottom to the top."""
        old = [column.outputs(x) for column in self.earlier]
        found = [self.layers[0](x)]
        for i, layer in enumerate(self.layers[1:]):
            side = [adapt[i](column[i]) for adapt, column in zip(self.adapters, old, strict=True)]
            found.append(layer(np.concatenate([found[-1], *side], axis=1)))
        return found

    def forward(self, x):
        """Scores of the column's own task, shape (batch, classes)."""
        return self.outputs(x)[-1]


def grown(tasks, classes=10):
    """A progressive net for so many tasks, with random weights: its columns."""
    columns = []
    for _ in range(tasks):
        net = Column(layers(classes), *columns)
        start(net.layers, net.adapters)
        net(_one_picture())
        columns.append(net)
    return columns


def _one_picture():
    return np.array(some(n=1).x, ctx=devices()[0])


@check(4)
def check_4(answer):
    """The number of parameters, column by column; compared with nets that are really built."""
    for tasks in (1, 2, 3, 5):
        predicted = number(answer(tasks), 'a whole number')
        if predicted != int(predicted):
            raise Wrong(f'With {tasks} tasks you predicted {predicted:,} parameters: it is to be a whole '
                        'number.')
        predicted = int(predicted)
        built, single, double = size(grown(tasks)[-1]), size(grown(1)[0]), size(grown(2)[1])
        alone, pairs = tasks * single, tasks * (tasks - 1) // 2
        extra = double - 2 * single  # adapters between two columns, and what they add to the layers above
        must_equal(predicted, built, [
            *((built - dense - conv, words) for dense, conv, words in (
                (30 * tasks + 10 * pairs, 6 * tasks, 'the biases are missing, one for each output.'),
                (0, 6 * tasks, 'the convolution has a bias for each of its 6 channels too.'),
                (10 * pairs, 0, 'the adapters have biases too, one for each output.'))),
            (alone, 'the adapters are missing, and so are the weights with which the layers above take in '
                    'what they give.'),
            # with two tasks this and the next are the same number
            (alone + 2 * pairs * extra, 'each pair of columns was counted twice: only the newer one '
                                        'listens.'),
            (alone + tasks * extra, 'adapters join every pair of columns, not one for each column.'),
            (alone + (tasks - 1) * extra, 'a new column has adapters to all earlier columns, not only to the '
                                          'last one.'),
            (alone + pairs * (extra - 5 * 20 - 5 * 10), 'the adapters are there, but each layer that takes '
                                                        'in 5 more numbers has 5 more weights for every '
                                                        'output.')],
                   'begin with one column, then with two, and count layer by layer.',
                   f'With {tasks} tasks the net has {built:,} parameters, you predicted {predicted:,}: ',
                   rtol=0)
    return ('the prediction is exact for one, two, three and five tasks: '
            + ', '.join(f'{answer(tasks):,}' for tasks in (1, 2, 3, 5)))


# ---- 5: a column for a third task --------------------------------------------------------------------------

@functools.cache
def _two_tasks():
    """Weights of two columns that have learned which digit it is, and whether it is odd."""
    seed_all(varied(0))
    data = some()
    first, second = grown(2)
    for net, task in ((first, data), (second, Examples(data.x, data.labels % 2))):
        freeze(net, net.earlier)
        fit_quietly(lambda x, y, net=net: cross_entropy(net(x), y), task, size=32, updates=120,
                    trainer=gluon.Trainer(net.collect_params(), 'adam', {'learning_rate': .01}))
    return weights(second)


def two_columns():
    """Two columns, fresh at each call: the first has learned which digit it is, the second, which listens to
    it, whether it is odd.

    Returns
    -------
    first, second : Column
    """
    first, second = grown(2)
    for each, value in zip(second.collect_params().values(), _two_tasks(), strict=True):
        each.set_data(np.array(value))
    return first, second


def holes(digits):
    """The third task: how many holes has a digit, as it is usually written?"""
    return numpy.array([1, 0, 0, 0, 0, 0, 1, 0, 2, 1])[digits]


@check(5)
def check_5(answer):
    """A third column: of the right size, listening to both, and the old ones stand still when it learns."""
    data, rest = some(), some(1000, 400)
    first, second = two_columns()
    seed_all(varied(0))  # the first call of two_columns trains them
    before = [outputs(column, rest.x).asnumpy() for column in (first, second)]
    learned = weights(second)
    net = returned(answer(first, second), nn.Block, 'the new column')
    if net is first or net is second:
        raise Wrong('The function returned an old column: build a new one, Column(layers(10), ...), for the '
                    'third task.')
    if not isinstance(net, Column):
        raise Wrong(f'The function returned a {type(net).__name__}; it is to return a Column, which listens '
                    'to other columns.')
    old = parameters(first, second).values()
    common = [each.name for each in parameters(net.layers, net.adapters).values()
              if any(each is other for other in old)]
    if common:
        raise Wrong(f'{len(common)} parameters of the new column, {common[0]} among them, are those of an '
                    'old one: what the new task learns would change the old tasks. layers(10) makes new '
                    'layers.')
    try:
        net(_one_picture())
    except RuntimeError as error:
        if 'has not been initialized' not in str(error):
            raise
        raise Wrong('The new column has no weights yet: start its layers and its adapters (but not the old '
                    'columns).') from error
    if any(moved(learned, weights(second))):
        raise Wrong('When your function returned, the old columns had other weights than before, so they '
                    'have forgotten something: give random weights to net.layers and net.adapters only, and '
                    'train nothing.')
    earlier = list(net.earlier)
    if len(earlier) != 2:
        raise Wrong(f'The new column listens to {len(earlier)} of the columns; it is to listen to both: '
                    'Column(layers(10), first, second).')
    if earlier[0] is second and earlier[1] is first:
        raise Wrong('The new column listens to both, but in the other order than the third column of '
                    'exercise 4: Column(layers(10), first, second).')
    if earlier[0] is not first or earlier[1] is not second:
        raise Wrong('The new column listens to other columns than the two that the function was handed, or '
                    'to one of them twice: Column(layers(10), first, second).')
    wanted, found = size(grown(3)[-1]), size(net)
    if found != wanted:
        raise Wrong(f'The net has {found:,} parameters, exercise 4 predicts {wanted:,} for three tasks: use '
                    'layers(10) and the usual adapters.')
    if learning(net.earlier):
        raise Wrong('The old columns can still learn, so task 3 would change what they answer: freeze(net, '
                    'net.earlier) before you return the net.')
    at_start = weights(net.layers, net.adapters)
    fit_quietly(lambda x, y: cross_entropy(net(x), y), Examples(data.x, holes(data.labels)), size=32,
                updates=150,
                trainer=gluon.Trainer(net.collect_params(), 'adam', {'learning_rate': .01}))
    still = moved(at_start, weights(net.layers, net.adapters)).count(False)
    if still:
        raise Wrong(f'{still} of the {len(at_start)} weights and biases of the new column did not move when '
                    'it learned: freeze the old columns only.')
    if any(moved(before, [outputs(column, rest.x).asnumpy() for column in (first, second)])):
        raise Wrong('After training the third task the old columns give other answers than before.')
    share = accuracy(net, Examples(rest.x, holes(rest.labels)))
    return (f'{found:,} parameters as predicted, {share:.0%} of new pictures right on the third task, and '
            'tasks 1 and 2 answer as before, bit by bit')


# ---- 6: what a figure says of harm -------------------------------------------------------------------------

_RATES = (.001, .003, .01, .03)
_INVENTED = {'alone': ((.58, .60, .62), (.67, .69, .71), (.72, .74, .76), (.69, .72, .73)),
             'with a second task': ((.63, .65, .66), (.70, .72, .74), (.71, .74, .75), (.52, .58, .63))}


def by_rate():
    """An invented study: a main task alone and with a second one, at four learning rates, three seeds each.

    Returns
    -------
    pandas.DataFrame
        Columns arm, lr, seed, validation.
    """
    return pandas.DataFrame([(arm, lr, seed, value) for arm, rows in _INVENTED.items()
                             for lr, values in zip(_RATES, rows, strict=True)
                             for seed, value in enumerate(values)],
                            columns=['arm', 'lr', 'seed', 'validation'])


@check(6)
def check_6(answer):
    """A second task, seen at the same rate, on the whole, or at each arm's own rate."""
    mean = by_rate().groupby(['arm', 'lr']).validation.mean().unstack('arm')
    gap = 100 * (mean['with a second task'] - mean['alone'])
    own = 100 * (mean['with a second task'].max() - mean['alone'].max())
    spread = 100 * by_rate().groupby(['arm', 'lr']).validation.std().loc[:, mean['alone'].idxmax()].mean()
    low, high = mean.index[0], mean.index[-1]
    reading(answer(), {
        'A': f'that is read at rate {high:g} alone ({gap[high]:+.0f} points), at which nobody would train '
             f'both tasks: at {low:g} the same figure says {gap[low]:+.0f}. Look for the rate that each line '
             'would choose.',
        'B': f'that is read at rate {low:g} alone ({gap[low]:+.0f} points), at which neither line is at its '
             'best: more updates, or a higher rate, would do for the one line what the second task does. '
             'Look for the rate that each line would choose.',
        'C': '',
        'D': f'a mean over the rates ({gap.mean():+.1f} points here) depends on which rates somebody put on '
             'the list: without the highest it would have the other sign. Nobody trains at all of them.'}, {
        1: f'the same rate need not suit both. By that reason the answer would be {gap[low]:+.0f} points at '
           f'{low:g} and {gap[high]:+.0f} at {high:g}, and both would be called fair.',
        2: '',
        3: 'where lines cross depends on the rates, too. That they cross says that the rate matters, not '
           'which way of training is better.'})
    return (f'each at its own best rate they are {own:+.1f} points apart, with a spread of {spread:.1f} over '
            'the seeds: no harm is shown, and no help')


# ---- 7: a study of forgetting ------------------------------------------------------------------------------

@check(7)
def check_7(answer):
    """Fine-tuning, joint training and rehearsal on two pairs of tasks, with equal updates on each task."""
    plan = answer()
    told = fair(plan, {'arm': ('fine-tuned', 'joint', 'rehearsal'),
                       'pair': ('0-4, then 5-9', 'upright, then turned')},
                {'updates on task A': ('A before', 'A with B'), 'updates on task B': ('B',)})
    for arm in plan['arms']:
        before, along = arm['A before'], arm['A with B']
        if arm['arm'] == 'fine-tuned' and along:
            raise Wrong(f'The arm {arm} sees task A while it learns B, so that is rehearsal. Fine-tuned, '
                        "its 'A with B' is 0.")
        if arm['arm'] == 'joint' and before:
            raise Wrong(f"The arm {arm} begins with task A alone; joint training learns both from the start: "
                        "its 'A before' is 0.")
        if arm['arm'] == 'rehearsal' and not (before and along):
            raise Wrong(f'The arm {arm} is no rehearsal, which learns A first and goes on seeing it: its '
                        "'A before' and its 'A with B' are both above 0.")
    return told
