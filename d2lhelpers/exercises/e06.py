"""Checks of the exercises of lesson 6, faces. All work on drawn faces, in both profiles."""
import functools

import numpy
from mxnet import np
from mxnet.gluon import nn
from mxnet.gluon.data.vision import transforms

from .. import backbones
from ..datasets import per_class
from ..datasets.drawn.people import portraits
from ..evaluation import outputs
from . import drawn
from .checking import Wrong, check, quietly
from .judging import ARRAY, as_numpy, known_mistake, must_equal, number, pair, returned
from .networks import size


@functools.cache
def base():
    """The base network of the lesson, pretrained on drawn faces of other people.

    Returns
    -------
    Backbone
    """
    with quietly():
        return backbones.people()


@functools.cache
def people(part='test', each=4, count=19):
    """Drawn pictures of people whom the base network has never met.

    Parameters
    ----------
    part : {'train', 'validation', 'test'}
        Other pictures of the same people.
    each : int
        Pictures of each person.
    count : int
        How many people.

    Returns
    -------
    Pictures
    """
    return portraits('known', 6, count, part, each)


def ready(pictures):
    """Pictures as the base network wants them, with their labels.

    Parameters
    ----------
    pictures : Pictures

    Returns
    -------
    gluon.data.Dataset
    """
    return drawn.ready(pictures, ())


def _array(value, what, shape):
    """An answer as a NumPy array of this shape."""
    array = as_numpy(returned(value, ARRAY | list | tuple, what))
    if array.shape != shape:
        raise Wrong(f'The function returned an array of shape {array.shape}; {what} has the shape {shape}.')
    return array


# ---- 1: the size of a head ---------------------------------------------------------------------------------

_HEADS = ((128, 2, 2, 19, True), (128, 2, 2, 19, False), (512, 7, 7, 19, False), (256, 7, 7, 40, True))


def size_of_head(inputs, classes):
    """Weights and biases of the head 1024-256-classes, counted on layers that are built.

    Parameters
    ----------
    inputs, classes : int

    Returns
    -------
    int
    """
    return size(nn.Dense(1024, in_units=inputs), nn.Dense(256, in_units=1024),
                nn.Dense(classes, in_units=256))


@check(1)
def check_1(answer):
    """Four heads, counted."""
    for channels, height, width, classes, pooled in _HEADS:
        said = number(answer(channels, height, width, classes, pooled), 'a number of weights')
        inputs = channels if pooled else channels * height * width
        right = size_of_head(inputs, classes)
        other, mistake = (
            (channels * height * width, 'flattened. Pooling leaves one number for each channel.') if pooled
            else (channels, 'pooled. Flattened, every position of every channel is an input.'))
        must_equal(said, right, [
            (right - 1024 - 256 - classes, f'{said:,} are the weights alone. Each unit of a dense layer has '
                                           'a bias too.'),
            (size_of_head(other, classes), f'you counted as if it were {mistake}')],
                   f'{said:,} is not right. Layer by layer: (inputs + 1 bias) times units, for 1024, then '
                   f'256, then {classes} units.',
                   f'{channels} channels of {height} x {width} positions, {classes} people, '
                   f'{"pooled" if pooled else "flattened"}: ', rtol=0)
    return f'all four heads, from {size_of_head(128, 19):,} to {size_of_head(512 * 49, 19):,} weights'


# ---- 2: keep the features ----------------------------------------------------------------------------------

@check(2)
def check_2(answer):
    """Features of 30 pictures, which is no multiple of a usual batch, in an order that is not that of the
    labels.
    """
    pictures = people('train', 6, 5)
    pictures = pictures.pick(numpy.random.default_rng(1).permutation(len(pictures)))
    net, data = base().load(), ready(pictures)
    features, labels = pair(answer(net, data), tuple | list, 'two arrays, features and labels')
    right = outputs(net.features, data).asnumpy()
    found = as_numpy(features)
    if found.shape == (len(data), len(base().classes)):
        raise Wrong(f'These are {found.shape[1]} scores of the source task, not features: leave the head '
                    'out, use net.features.')
    if found.ndim == 2 and len(found) < len(data):
        raise Wrong(f'There are {len(data)} pictures, but {len(found)} rows of features: every picture is '
                    'needed, those of the last batch too.')
    features = _array(features, 'the array of features', right.shape)
    labels = _array(labels, 'the array of labels', (len(data),))
    scale = numpy.abs(right).mean()
    if numpy.abs(features - right).mean() < .01 * scale:
        if not numpy.array_equal(labels, pictures.labels):
            raise Wrong('The features are right, but the labels do not belong to them: keep both in the '
                        'order of the dataset.')
        return f'{len(data)} rows of {right.shape[1]} features, in order, as the network has them in use'
    nearest = numpy.abs(features[:, None] - right[None]).mean(axis=2)
    if nearest.min(axis=1).mean() < .01 * scale:
        raise Wrong('Each row is the features of some picture, but the order is not that of the dataset: do '
                    'not shuffle what is kept, or nobody knows later which row belongs to which picture.')
    raise Wrong('These are not the features that the network has in use. In training mode (inside '
                'autograd.record()) batch normalisation takes the statistics of the batch: compute them '
                'outside, or with outputs(net.features, data).')


# ---- 3: a stratified split ---------------------------------------------------------------------------------

@check(3)
def check_3(answer):
    """Labels in disorder, people with unequal numbers of pictures."""
    labels = numpy.random.default_rng(3).permutation(numpy.repeat(numpy.arange(19), [10] * 17 + [6, 14]))
    splits = []
    for seed in (0, 1, 0):
        value = pair(answer(labels.copy(), 2, seed), tuple | list,
                     'two lists of places, train and validation', 'two lists of places: train, validation')
        train, validation = (as_numpy(part).astype(int).ravel() for part in value)
        both = sorted(set(train) & set(validation))
        if both:
            raise Wrong(f'Picture {both[0]} is in both parts (and {len(both) - 1} others): then the '
                        'validation accuracy is not that of new pictures.')
        lost = sorted(set(range(len(labels))) - set(train) - set(validation))
        if lost:
            raise Wrong(f'Picture {lost[0]} is in neither part (and {len(lost) - 1} others): every picture '
                        'belongs to one of them.')
        if len(train) + len(validation) != len(labels):
            raise Wrong('Some pictures stand twice in one part: draw without replacement.')
        counts = numpy.bincount(labels[validation], minlength=19)
        if (counts == 0).any():
            raise Wrong(f'{(counts == 0).sum()} of 19 people have no validation picture at all, person '
                        f'{int(counts.argmin())} for instance: draw from each person, not from all pictures '
                        'together.')
        if (counts != 2).any():
            raise Wrong(f'Person {int(numpy.argmax(counts != 2))} has {counts[counts != 2][0]} validation '
                        'pictures; everybody is to have 2.')
        splits.append(sorted(validation))
    if splits[0] != splits[2]:
        raise Wrong('The same seed gave two different splits: draw from numpy.random.default_rng(seed) '
                    'alone.')
    if splits[0] == splits[1]:
        raise Wrong('Another seed gave the same split: draw at random, so that a split can be repeated with '
                    'others.')
    return 'two validation pictures of everybody, nothing lost, nothing twice, another split for another seed'


# ---- 4: a threshold ----------------------------------------------------------------------------------------

@check(4)
def check_4(answer):
    """Made-up confidences, some of them equal, and one case in which nobody may come in."""
    rng = numpy.random.default_rng(4)
    for outside, allowed in ((rng.random(200), .05), (rng.random(37), .1),
                             (numpy.round(rng.random(300), 1), .25), (rng.random(50), 0)):
        limit = number(answer(outside.copy(), allowed), 'a threshold, a number')
        if numpy.isnan(limit):
            raise Wrong('Your threshold is nan, so nobody is above it: look at which numbers your function '
                        'divides or averages.')
        share = (outside > limit).mean()
        case = f'{len(outside)} strangers\' pictures, at most {allowed:.0%} of which may pass'
        if share > allowed + 1e-9:
            if numpy.isclose((outside > limit).mean(), 1 - allowed, atol=.02):
                raise Wrong(f'{case}: with your threshold {limit:.3f} all but {allowed:.0%} pass. You have '
                            'taken the wrong end of the list.')
            raise Wrong(f'{case}: with your threshold {limit:.3f} {share:.1%} pass (those whose confidence '
                        'is above it).')
        lower = numpy.unique(outside)
        lower = lower[lower < min(limit, outside.max())]
        if len(lower) and limit > lower[-1] and (outside > lower[-1]).mean() <= allowed + 1e-9:
            raise Wrong(f'{case}: your threshold {limit:.3f} is stricter than it need be, so it sends '
                        f'members away for nothing: {(outside > lower[-1]).mean():.1%} would pass at '
                        f'{lower[-1]:.3f}.')
    return 'as many strangers as allowed come in, and not one more, in four cases'


# ---- 5: the same preprocessing everywhere ------------------------------------------------------------------

def share_right(x):
    """How well somebody's preprocessing works: nearest means of features that were computed rightly.

    Parameters
    ----------
    x : mxnet.np.ndarray, shape (76, 3, 64, 64)
        The pictures of `people`, preprocessed.

    Returns
    -------
    float
    """
    net = base().load()
    learned = outputs(net.features, ready(people('train', 6))).asnumpy()
    means = learned.reshape(19, 6, -1).mean(axis=1)
    new = outputs(net.features, x).asnumpy()
    return float((numpy.square(new[:, None] - means[None]).sum(axis=2).argmin(axis=1)
                  == people().labels).mean())


@check(5)
def check_5(answer):
    """19 x 4 raw pictures: what comes out, and what the recogniser makes of it."""
    pictures = people()
    raw = numpy.stack([picture.asnumpy() for picture, _ in pictures])
    right = np.stack([x for x, _ in ready(pictures)])
    x = returned(answer(raw.copy()), ARRAY, 'an array of pictures for the network')
    if x.shape == raw.shape:
        raise Wrong(f'The shape is still {x.shape}: the network wants the channels before height and width, '
                    f'{right.shape}.')
    if x.shape != right.shape:
        raise Wrong(f'The shape is {x.shape}, but the network wants {right.shape}.')
    x = np.array(x, dtype='float32')
    if float(np.abs(x - right).max()) < .02:
        return (f'with your preprocessing {share_right(x):.0%} of the pictures are recognised; if the '
                f'division by 255 is forgotten, {share_right(slip(raw)):.0%}')
    channels = np.array(raw.transpose(0, 3, 1, 2), dtype='float32')
    mistake = known_mistake(x, [
        (channels, 'Colours still go from 0 to 255, but the base was trained on normalized ones.'),
        (channels / 255, 'Colours go from 0 to 1, but the mean is not subtracted yet, nor divided by the '
                         'deviation.'),
        (right[:, ::-1], 'Red and blue are swapped: these pictures have red first, as the base wants it.'),
        (255 * right, 'Divide by 255 first: mean and deviation are those of colours from 0 to 1.'),
        (slip(raw), 'Mean and deviation belong to colours from 0 to 1: here they are applied to 0 to 255.'),
        (right.transpose(0, 1, 3, 2), 'Height and width are swapped: the faces lie on their sides. Use '
                                      'transpose(0, 3, 1, 2).')], rtol=.02, atol=.02)
    raise Wrong((mistake or 'These are not the numbers the base was trained on: divide by 255, subtract the '
                            'mean of each channel, divide by its deviation.')
                + f' With this {share_right(x):.0%} of the pictures are recognised, with the right '
                  f'preprocessing {share_right(right):.0%}.')


def slip(raw):
    """The preprocessing that forgets to divide by 255.

    Parameters
    ----------
    raw : numpy.ndarray of uint8, shape (n, 64, 64, 3)

    Returns
    -------
    mxnet.np.ndarray, shape (n, 3, 64, 64)
    """
    forgot = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    return forgot(np.array(raw.transpose(0, 3, 1, 2), dtype='float32'))


# ---- 6: one picture of each --------------------------------------------------------------------------------

def one_each():
    """Features of one picture of each of 19 people, and of 76 other pictures with their labels.

    Returns
    -------
    tuple of numpy.ndarray
        Shapes (19, 128), (76, 128), (76,).
    """
    features = base().load().features
    known = outputs(features, ready(per_class(people('train', 6), 1, seed=0))).asnumpy()
    return known, outputs(features, ready(people())).asnumpy(), people().labels


@check(6)
def check_6(answer):
    """Made-up features, in which near is near, then faces."""
    rng = numpy.random.default_rng(6)
    places = 10 * rng.standard_normal((7, 20))
    who = rng.integers(0, 7, 30)
    known, new, labels = one_each()
    for features, pictures, truth in ((places, places[who] + rng.standard_normal((30, 20)), who),
                                      (known, new, labels)):
        said = _array(answer(features.copy(), pictures.copy()),
                      'the array with the number of a person for each new picture', (len(pictures),))
        if not numpy.array_equal(said, numpy.round(said)) or said.min() < 0 or said.max() >= len(features):
            raise Wrong(f'People are numbered from 0 to {len(features) - 1}, but the function returned '
                        f'{said[0]:g}: return the number of the nearest one, not the distance.')
        right = float((said == truth).mean())
        chance = 1 / len(features)
        if right < chance / 2:
            raise Wrong(f'Only {right:.0%} are right, fewer than by guessing: the function names who is '
                        'farthest instead of who is nearest.')
        if right < .5:
            raise Wrong(f'{right:.0%} of {len(pictures)} pictures are right: name, for each new picture, the '
                        'person whose features are nearest to its own.')
    return (f'from one picture of each, {right:.0%} of {len(labels)} new pictures are recognised (guessing: '
            f'{chance:.0%})')
