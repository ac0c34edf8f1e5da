"""Checks of the exercises of lesson 6, faces. All work on drawn faces, in both profiles."""
import functools

import numpy
from mxnet import autograd, np
from mxnet.gluon.data.vision import transforms

from .. import backbones
from ..datasets import per_class
from ..datasets.drawn.people import portraits
from ..evaluation import outputs
from . import drawn
from .checking import Wrong, check, quietly
from .design import fair
from .judging import ARRAY, as_numpy, known_mistake, number, pair, returned
from .reading import reading
from .variants import varied


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
    return portraits('known', varied(6), count, part, each)


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


# ---- 1: what the curves say --------------------------------------------------------------------------------

STOPS = 6  # the epoch after which no accuracy of the invented training changes


def curves():
    """An invented training of twenty epochs.

    Returns
    -------
    dict of str to dict of str to tuple
        For ``'loss'`` and ``'accuracy'`` the lines of training and validation: epochs and values.
    """
    epochs = numpy.arange(1, 21)
    until = numpy.minimum(epochs, STOPS) - 1
    values = {'loss': {'training': 2.4 * .68 ** (epochs - 1) + .01,
                       'validation': 2.1 * .8 ** (epochs - 1) + .3},
              'accuracy': {'training': .5 + .1 * until, 'validation': .4 + .1 * until}}
    return {what: {part: (epochs, line) for part, line in lines.items()} for what, lines in values.items()}


@check(1)
def check_1(answer):
    """A validation loss that falls while the validation accuracy stands still."""
    loss, right = (curves()[what]['validation'][1] for what in ('loss', 'accuracy'))
    then, now = f'epoch {STOPS}', f'epoch {len(loss)}'
    reading(answer(), {
        'A': f'from {then} to {now} the validation loss fell from {loss[STOPS - 1]:.2f} to {loss[-1]:.2f}, '
             'and not one more picture was right. What has not happened in all these epochs need not happen '
             'in the next ones.',
        'B': 'a net that learns its pictures by heart at the cost of new ones has a validation loss that '
             f'rises. Here it falls to the end, and after {then} no new picture is lost.',
        'C': '',
        'D': f'after {then} the validation loss falls from {loss[STOPS - 1]:.2f} to {loss[-1]:.2f}: other '
             'probabilities come out for new pictures, though the same name stays the highest. Who puts a '
             'threshold on them will notice.'}, {
        1: 'a falling loss alone could also come from more right answers. It is the standing accuracy beside '
           'it that tells.',
        2: '',
        3: 'the training pictures say how well they were learned, and nothing of new ones.'})
    return (f'after {then} the accuracy stays at {right[-1]:.2f}, while the loss falls from '
            f'{loss[STOPS - 1]:.2f} to {loss[-1]:.2f}')


# ---- 2: keep the features ----------------------------------------------------------------------------------

@check(2)
def check_2(answer):
    """Features of 30 pictures, which is no multiple of a usual batch, in an order that is not that of the
    labels.
    """
    pictures = people('train', 6, 5)
    pictures = pictures.pick(numpy.random.default_rng(varied(1)).permutation(len(pictures)))
    net, data = base().load(), ready(pictures)
    in_training = []  # whether the backbone was asked in training mode, each time
    net.features.register_forward_pre_hook(lambda *_: in_training.append(autograd.is_training()))
    features, labels = pair(answer(net, data), tuple | list, 'two arrays, features and labels')
    right = outputs(net.features, data).asnumpy()
    found, second = as_numpy(features), as_numpy(labels)
    if second.shape == right.shape and found.shape == (len(data),):
        raise Wrong('Labels came first, features second: return features, labels.')
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
    if any(in_training):
        raise Wrong('These are not the features that the network has in use: the backbone was called in '
                    'training mode (inside autograd.record()), and then batch normalisation takes the '
                    'statistics of the batch. Compute them outside, or with outputs(net.features, data).')
    raise Wrong('These are not the features that the network has in use: they are to be what net.features '
                'gives for each x of data, as it comes.')


# ---- 3: a stratified split ---------------------------------------------------------------------------------

@check(3)
def check_3(answer):
    """Labels in disorder, ten pictures of everybody; two for validation, then three."""
    labels = numpy.random.default_rng(varied(3)).permutation(numpy.repeat(numpy.arange(19), 10))
    splits = []
    for each, seed in ((2, 0), (2, 1), (2, 0), (3, 0)):
        value = pair(answer(labels.copy(), each, seed), tuple | list,
                     'two lists of places, train and validation', 'two lists of places: train, validation')
        train, validation = (as_numpy(part).ravel() for part in value)
        if any(part.dtype == bool for part in (train, validation)):
            raise Wrong('Your function returned True and False for each picture; numpy.flatnonzero makes the '
                        'places out of that.')
        train, validation = train.astype(int), validation.astype(int)
        if len(train) + len(validation) == len(labels) and max(*train, *validation) < 19:
            raise Wrong('Your function returned who is in the pictures; it is to return the places at which '
                        'the pictures stand, from 0 to 189. Split numpy.arange(len(labels)).')
        both = sorted(set(train) & set(validation))
        if both:
            raise Wrong(f'Picture {both[0]} is in both parts (and {len(both) - 1} others): then the '
                        'validation accuracy is not that of new pictures.')
        lost = sorted(set(range(len(labels))) - set(train) - set(validation))
        if lost and len(set(validation)) < len(validation):
            raise Wrong('Some pictures stand twice in the validation part, and others are in neither: draw '
                        'without replacement.')
        if lost:
            raise Wrong(f'Picture {lost[0]} is in neither part (and {len(lost) - 1} others): every picture '
                        'belongs to one of them.')
        if len(train) + len(validation) != len(labels):
            raise Wrong('Some pictures stand twice in one part: draw without replacement.')
        counts = numpy.bincount(labels[validation], minlength=19)
        if (counts == 10 - each).all():
            raise Wrong(f'Of everybody {each} pictures are in the first part and {10 - each} in the second: '
                        'the first is to be train, the second validation.')
        if (counts == 0).any():
            raise Wrong(f'{(counts == 0).sum()} of 19 people have no validation picture at all, person '
                        f'{int(counts.argmin())} for instance: draw from each person, not from all pictures '
                        'together.')
        if (counts != each).any():
            raise Wrong(f'Person {int(numpy.argmax(counts != each))} has {counts[counts != each][0]} '
                        f'validation pictures; everybody is to have {each}, as the function was told.')
        splits.append(sorted(validation))
    if splits[0] != splits[2]:
        raise Wrong('The same seed gave two different splits: let all randomness come from seed, by '
                    'numpy.random.default_rng(seed) or random_state=seed.')
    if splits[0] == splits[1]:
        raise Wrong('Another seed gave the same split: draw at random, so that a split can be repeated with '
                    'others.')
    return ('as many validation pictures of everybody as asked for, nothing lost, nothing twice, another '
            'split for another seed')


# ---- 4: a threshold ----------------------------------------------------------------------------------------

@check(4)
def check_4(answer):
    """Made-up confidences, some of them equal, and one case in which nobody may come in. Where the share is
    no whole number of pictures, either neighbour will do.
    """
    rng = numpy.random.default_rng(varied(4))
    for outside, allowed in ((rng.random(200), .05), (rng.random(37), .1),
                             (numpy.round(rng.random(300), 1), .25), (rng.random(50), 0)):
        n = len(outside)
        limit = number(answer(outside.copy(), allowed), 'a threshold, a number')
        if numpy.isnan(limit):
            raise Wrong('Your threshold is nan, so nobody is above it: look at which numbers your function '
                        'divides or averages.')
        passed, may = (outside > limit).sum(), allowed * n
        case = f"{n} strangers' pictures, at most {allowed:.0%} of which may pass"
        if limit > 1:
            raise Wrong(f'{case}: your threshold is {limit:g}, and no confidence is above 1, so nobody ever '
                        'comes in. If it is a place in the list, or a number of pictures, return the '
                        'confidence that stands there.')
        if passed > numpy.ceil(may - 1e-9):
            if numpy.isclose(passed / n, 1 - allowed, atol=.02):
                raise Wrong(f'{case}: with your threshold {limit:.3f} all but {allowed:.0%} pass. You have '
                            'taken the wrong end of the list.')
            raise Wrong(f'{case}: with your threshold {limit:.3f} {passed} pass (those whose confidence is '
                        f'above it), {passed / n:.1%}.')
        # the next lower confidence as a threshold, if it is another one in effect
        lower = max((value for value in outside if (outside > value).sum() > passed), default=None)
        if lower is not None and (outside > lower).sum() <= may + 1e-9:
            more = (outside > lower).sum()
            raise Wrong(f'{case}: with your threshold {limit:.3f} {passed} pass, with {lower:.3f} it would '
                        f'be {more}, and that is allowed. Stricter than need be, it sends members away for '
                        'nothing.' + (' A picture passes only above the threshold: so the threshold itself '
                                      'is the first that may not pass.' if more == passed + 1 else ''))
    return 'as many strangers as allowed come in, in four cases'


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
    kind, x = str(x.dtype), np.array(x, dtype='float32')
    if float(np.abs(x - right).max()) < .02:
        if kind != 'float32':
            raise Wrong(f"The numbers are right, but they are {kind}, and the network's are float32: end "
                        "with .astype('float32').")
        return (f'with your preprocessing {share_right(x):.0%} of the pictures are recognised; if the '
                f'division by 255 is forgotten, {share_right(slip(raw)):.0%}')
    channels = np.array(raw.transpose(0, 3, 1, 2), dtype='float32')
    scaled = channels / 255
    mean, deviation = (np.array(three).reshape(3, 1, 1) for three in drawn.COLOURS)
    of_these = 'by the mean and the deviation of {}, but the base was trained with fixed ones: the same ' \
               'picture is to give the same numbers, whatever stands beside it or in it.'
    mistake = known_mistake(x, [
        (channels, 'Colours still go from 0 to 255, but the base was trained on normalized ones.'),
        (scaled, 'Colours go from 0 to 1, but the mean is not subtracted yet, nor divided by the '
                         'deviation.'),
        (scaled - mean, 'The mean is subtracted, but nothing is divided by the deviation.'),
        (scaled / deviation, 'The colours are divided by the deviation, but the mean is not subtracted.'),
        (scaled / deviation - mean, 'Subtract the mean first, then divide by the deviation.'),
        ((scaled - deviation) / mean, 'Mean and deviation are swapped.'),
        (2 * scaled - 1, 'Colours go from -1 to 1, as some other networks want them.'),
        (right[:, ::-1], 'Red and blue are swapped: these pictures have red first, as the base wants it.'),
        ((scaled[:, ::-1] - mean) / deviation, 'Red and blue are swapped before mean and deviation are '
                                               'used: these pictures have red first.'),
        ((np.array(raw.reshape(channels.shape), dtype='float32') / 255 - mean) / deviation,
         'reshape keeps the numbers in their order, so the channels are mixed up; transpose(0, 3, 1, 2) '
         'moves them.'),
        *(((scaled - scaled.mean(axis=axes, keepdims=True)) / scaled.std(axis=axes, keepdims=True),
           f'Colours were normalized {of_these.format(whose)}')
          for axes, whose in (((0, 2, 3), 'these pictures'), ((1, 2, 3), 'each picture'),
                              ((2, 3), 'each channel of each picture'))),
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
    forgot = transforms.Normalize(*drawn.COLOURS)
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
    """Made-up features of very unequal length, then faces."""
    rng = numpy.random.default_rng(varied(6))
    places = 10 * rng.standard_normal((7, 20)) * numpy.geomspace(1, 30, 7)[:, None]
    who = rng.integers(0, 7, 30)
    known, new, labels = one_each()
    for features, pictures, truth in ((places, places[who] + rng.standard_normal((30, 20)), who),
                                      (known, new, labels)):
        said = _array(answer(features.copy(), pictures.copy()),
                      'the array with the number of a person for each new picture', (len(pictures),))
        if not numpy.array_equal(said, numpy.round(said)) or said.min() < 0 or said.max() >= len(features):
            raise Wrong(f'People are numbered from 0 to {len(features) - 1}, but the function returned '
                        f'{said[0]:g}: return the number of the nearest one, not the distance.')
        if not (said == truth).all() and (said == (pictures @ features.T).argmax(axis=1)).all():
            raise Wrong('Your function names the person with the largest product, so a person with long '
                        'features is named too often: take the smallest distance, or divide by the lengths '
                        '(then the largest cosine is the nearest).')
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


# ---- 7: a study of featurisers -----------------------------------------------------------------------------

@check(7)
def check_7(answer):
    """Three featurisers with one and six pictures of each person, on the same splits, with equal updates."""
    plan = answer()
    told = fair(plan, {'arm': ('HOG', 'frozen', 'fine-tuned'), 'each': (1, 6)}, {'updates': ('updates',)})
    if plan.get('split') != 'same':
        raise Wrong('With a new split for each arm, one of them may get the easier pictures, and that luck '
                    "is taken for the method: for every seed, the 'same' split for all arms."
                    if plan.get('split') == 'new' else
                    f"split is {plan.get('split')!r}; it can be 'same' or 'new'.")
    return told
