"""Checks of the exercises of lesson 1, fine-tuning. All work on the drawn world, see `drawn`."""
import functools
import math
import types

import numpy
import pandas
import sklearn.metrics
from mxnet import autograd, gluon, np, npx

from ..backbones import build
from ..datasets import batches, stratified
from ..evaluation import accuracy
from ..hardware import devices, on_cpu, seed_all
from ..messages import quietly
from ..surgery import new_head
from ..training import cross_entropy
from . import drawn
from .checking import Wrong, check, fit_quietly
from .design import fair
from .judging import ARRAY, as_numpy, must_equal, number, returned
from .networks import in_training, learning, moved, same, weights
from .reading import reading


@functools.cache
def _parts():
    """100 training pictures, validation and test pictures, ready for the network."""
    data = drawn.hotdog()
    return [drawn.ready(pictures) for pictures in (stratified(data.train, 100, seed=0), data.validation,
                                                   data.test)]


def fine_tuned():
    """The pretrained network with a new head for two classes, which learns ten times as fast."""
    net = new_head(drawn.source().load(), 2)
    net.output.collect_params().setattr('lr_mult', 10)
    return net


def scratch():
    """The same network with random weights."""
    return build(drawn.source().name, 2)


METHODS = {'fine-tuned': fine_tuned, 'scratch': scratch}


def train(make, lr, updates=20, seed=1):
    """Train a fresh network on 100 drawn pictures, 32 at a time: the same numbers at every call. It prints
    nothing.

    Parameters
    ----------
    make : callable
        Returns the network, for instance `fine_tuned`.
    lr : float
        Learning rate.
    updates, seed : int

    Returns
    -------
    net : mxnet.gluon.HybridBlock
    validation : float
        Accuracy on 200 other pictures.
    """
    pictures, validation, _ = _parts()
    seed_all(seed)
    net = make()
    net.hybridize(static_alloc=True)
    _fit(net, pictures, lr, updates)
    return net, accuracy(net, validation)


def _fit(net, data, lr, updates):
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': lr, 'momentum': .9, 'wd': .001})
    fit_quietly(lambda x, y: cross_entropy(net(x), y), data, size=32, updates=updates, trainer=trainer)


def _list(figures):
    return ', '.join(f'{figure:.3g}' for figure in figures)


# ---- 1: raise the learning rate ----------------------------------------------------------------------------

_MADE_UP = [  # rates, what they reach, scratch
    ((.001, .01, .1, 1), (.94, .9, .58, .5), .6),
    ((.0001, .001, .003, .01, .03, .1), (.55, .9, .95, .93, .94, .52), .7),
    ((.001, .003, .01, .03, .1), (.5, .98, .75, .68, .5), .7),  # the steepest fall is not the loss
    ((.001, .003, .01, .03), (.9, .95, .6, .55), .6),  # as good as scratch is not above it
    ((.001, .003, .01, .03, .1, .3), (.8, .95, .9, .6, .8, .5), .7),  # the gain comes back, and goes again
    ((.001, .003, .01, .03), (.75, .65, .95, .5), .7)]  # a dip before the best


@check(1)
def check_1(answer):
    """Made-up courses of accuracy, which cost no time, and one that is measured."""
    for rates, reached, reference in _MADE_UP:
        _lost_at(answer, rates, dict(zip(rates, reached, strict=True)).__getitem__, reference)
    lost = _lost_at(answer, (.0001, .001, .01, .1), functools.cache(lambda lr: train(fine_tuned, lr)[1]),
                    train(scratch, .01)[1])
    return f'measured on 100 pictures, the gain is lost at a learning rate of {lost:g}'


def _lost_at(answer, rates, train_at, reference):
    """What the answer says of one course of accuracy, if that is right."""
    tried = []

    def counted(lr):
        if lr not in rates:
            raise Wrong(f'Your function tried the learning rate {lr!r}, which is not in the list it was '
                        f'given ({_list(rates)}).')
        tried.append(lr)
        return train_at(lr)

    said = number(answer(counted, rates, reference), 'a learning rate, a number')
    # an MXNet array has rounded it
    said = next((lr for lr in rates if math.isclose(lr, said, rel_tol=1e-5)), said)
    if not tried:
        raise Wrong('Your function returned a rate without any training: call train_at(lr) for the rates in '
                    'the list. Measure, do not guess.')
    reached = [train_at(lr) for lr in rates]
    best = int(numpy.argmax(reached))
    lost = next(lr for lr, share in zip(rates[best:], reached[best:], strict=True) if share <= reference)
    if said == lost:
        return lost
    why = _why_not(said, lost, best, rates, reached, reference)
    raise Wrong(f'The rates {_list(rates)} gave the accuracies {_list(reached)}, and training from scratch '
                f'{reference:.3g}: the gain is lost at {lost:g}. Your function returned {said:g}, {why}.')


def _why_not(said, lost, best, rates, reached, reference):
    """Which mistake leads to this rate."""
    if said not in rates:
        if said in reached:
            return 'which is an accuracy: return the rate that has it'
        return 'which is not one of the rates' + (f' (is it a place in the list? rates[{said:g}] is the rate)'
                                                  if said in range(len(rates)) else '')
    place = rates.index(said)
    if place == best:
        return 'the best rate: go on upwards from there'
    if place < best:
        return (f'which is below the best rate, {rates[best]:g}'
                + (': there accuracy is low since the rate is too low'
                   if max(reached[:place + 1]) <= reference else '')
                + '. Look only above the best one')
    if reached[place] > reference:
        return 'where it is less than the best, but still more than from scratch'
    if reached[rates.index(lost)] == reference and all(share >= reference for share in reached[best:place]):
        return (f'but at {lost:g} it is exactly that of scratch, so it is not above it either: compare with '
                '<=, not with <')
    if any(share > reference for share in reached[rates.index(lost):place]):
        return ('where it is lost for the last time, after it came back in between: go upwards from the best '
                'rate, and stop at the first one that is not above scratch')
    return 'but it was lost before that: stop at the first rate above the best one that is not above scratch'


# ---- 2: tune both ------------------------------------------------------------------------------------------

# validation, test
_TABLE = {('fine-tuned', .003): (.90, .93), ('fine-tuned', .01): (.92, .91), ('fine-tuned', .03): (.70, .69),
          ('scratch', .003): (.55, .56), ('scratch', .01): (.62, .66), ('scratch', .03): (.64, .60)}


@check(2)
def check_2(answer):
    """How the answer goes about it: on made-up figures, where the wrong ways end elsewhere than the right
    one, then with networks.
    """
    def look_up(method, lr):
        return types.SimpleNamespace(), *_TABLE[method, lr]

    def measure(method, lr):
        net, validation = train(METHODS[method], lr)
        return net, validation, accuracy(net, _parts()[2])

    _compare(answer, look_up, (.003, .01, .03))
    said = _compare(answer, measure, (.003, .01))
    return ('both were tuned alike, and test accuracy is '
            + ', '.join(f'{said[method]:.3f} {method}' for method in METHODS))


def _compare(answer, run, rates):
    """What the answer says of one comparison, if it came about rightly."""
    runs, tested = {}, []

    def train_one(method, lr):
        if method not in METHODS or lr not in rates:
            raise Wrong(f'Your function called train({method!r}, {lr!r}); methods are '
                        f'{" and ".join(map(repr, METHODS))}, rates {_list(rates)}.')
        if (method, lr) not in runs:
            runs[method, lr] = run(method, lr)
        return runs[method, lr][:2]

    def test_one(net):
        found = next((which for which, (known, *_) in runs.items() if known is net), None)
        if found is None:
            raise Wrong('Your function tested something that train did not return: train returns a network '
                        'and its validation accuracy; hand test the network.')
        if found[0] in [method for method, _ in tested]:
            raise Wrong(f'Your function looked at the test pictures twice for {found[0]!r}. Choose by '
                        'validation accuracy, and test only the network that you have chosen: what is chosen '
                        'by test accuracy looks better than it is.')
        tested.append(found)
        return runs[found][2]

    said = returned(answer(train_one, test_one, rates), dict,
                    "a dict such as {'fine-tuned': .9, 'scratch': .8}")
    tried = {method: [lr for known, lr in runs if known == method] for method in METHODS}
    for method in METHODS:
        if len(tried[method]) < len(rates):
            raise Wrong(f'Your function tried {len(tried[method])} of {len(rates)} learning rates for '
                        f'{method!r}: try all for both methods, or the one with more tries has the better '
                        'chance.')
    best = {method: max(runs[method, lr][1] for lr in rates) for method in METHODS}
    # several where they tie
    winners = {method: [lr for lr in rates if runs[method, lr][1] == best[method]] for method in METHODS}
    for method, lr in tested:
        if lr not in winners[method]:
            other = next(each for each in METHODS if each != method)
            hint = (f' {lr:g} is best for {other!r}; each method needs a rate of its own.'
                    if lr in winners[other] else '')
            raise Wrong(f'For {method!r} your function tested the network of rate {lr:g}, though '
                        f'{winners[method][0]:g} is better on validation pictures.{hint}')
    right = {method: runs[method, lr][2] for method, lr in tested}
    if set(said) != set(METHODS):
        raise Wrong(f'The dict that your function returned has the keys {list(said)}; it is to have the keys '
                    f'{list(METHODS)}.')
    for method in METHODS:
        number(said[method], f'a number for {method!r}, its test accuracy')
        if method not in right or not numpy.isclose(float(said[method]), right[method], atol=.002):
            was = ('the accuracy on validation pictures' if said[method] == best[method]
                   else f'{said[method]!r}')
            raise Wrong(f'For {method!r} your function returned {was}; it is to return what test says of the '
                        'chosen network. The validation pictures have done the choosing, so they flatter the '
                        'network.')
    return said


# ---- 3: freeze the features --------------------------------------------------------------------------------

@check(3)
def check_3(answer):
    """Does the backbone stay as it is, in every respect, while the head learns, and does the source model?"""
    source = _used_source()
    x, y = _first(32)
    before, trainable = source.features(x), learning(source)
    net = returned(answer(source, 5), gluon.Block, 'a network')
    if net is source:
        raise Wrong('Your function returned the source model itself, not a network of its own: begin with '
                    'true_copy(source_net).')
    if not hasattr(net, 'features') or not hasattr(net, 'output'):
        raise Wrong('The network that your function returned has no features and output: begin with '
                    'true_copy(source_net).')
    if set(map(id, net.collect_params().values())) & set(map(id, source.collect_params().values())):
        raise Wrong('Your network and the source model share layers: what trains or freezes one of them does '
                    'so to the other, for net.features = source_net.features makes no copy. Begin with '
                    'true_copy(source_net).')
    if learning(source) != trainable or not _alike(in_training(source.features, x),
                                                   in_training(_used_source().features, x)):
        raise Wrong('The source model is no longer what it was: freeze your copy of it, not the original.')
    try:
        scores = net(x)
    except RuntimeError as error:
        if 'has not been initialized' not in str(error):
            raise
        raise Wrong('The new head has no weights yet: net.output.initialize(ctx=devices()) gives it random '
                    'ones.') from None
    if scores.shape != (32, 5):
        raise Wrong(f'For 32 pictures and 5 classes the network gives an array of shape {scores.shape}; it '
                    'is to be (32, 5): give it a new head with as many outputs as there are classes.')
    if not _alike(net.features(x), before):
        raise Wrong('The backbone does not give the features of the source model: begin with a true copy of '
                    'it, not with a network built anew.')
    if not learning(net.output):
        raise Wrong('The head is frozen too, so nothing can learn: freeze only net.features.')
    backbone, head = weights(net.features), weights(net.output)
    drift = float(np.abs(in_training(net.features, x) - before).max())
    _fit(net, gluon.data.ArrayDataset(x, y), .01, updates=5)
    changed = [name for name, differs in zip(net.features.collect_params(),
                                             moved(backbone, weights(net.features)), strict=True)
               if differs and 'running' not in name]
    if changed:
        raise Wrong(f'After five updates {len(changed)} arrays of weights in the backbone have changed: they '
                    'are not frozen. Use freeze(net, net.features).')
    statistics = '' if _alike(net.features(x), before) else ', and its stored statistics have moved'
    if drift > 1e-4 or statistics:
        raise Wrong('The weights of the backbone stand still, but in training it gives other features than '
                    f'in use (one differs by {drift:.1f}): its batch normalisation still takes mean and '
                    f'spread from each batch{statistics}. freeze(net, net.features) stops that too.')
    if same(weights(net.output), head):
        raise Wrong('The backbone stands still, but so does the head: five updates have not changed it.')
    return 'the head learned, and the backbone stood still: the same features before, while and after'


def _used_source():
    """The source model anew; it has run hybridized, so that a net which keeps its old graph is found out."""
    net = drawn.source().load()
    net.hybridize(static_alloc=True)
    net(_first(32)[0])
    return net


def _first(n):
    """The first n training pictures and labels, as arrays on the first device."""
    examples = [_parts()[0][i] for i in range(n)]
    return (np.stack([x for x, _ in examples]).as_in_ctx(devices()[0]),
            np.array([label for _, label in examples], dtype='int32').as_in_ctx(devices()[0]))


def _alike(a, b):
    """Equal but for rounding: compiled anew, a network may add in another order."""
    return float(np.abs(a - b).max()) < 1e-4


# ---- 4: use the row of the hotdog --------------------------------------------------------------------------

@check(4)
def check_4(answer):
    """How well the scores rank hotdogs before other things; and again with the rows of the head in another
    order.
    """
    pictures = np.stack([x for x, _ in _parts()[1]])
    hotdog = drawn.hotdog().validation.labels == drawn.hotdog().classes.index('hotdog')
    net, names = drawn.source().load(), list(drawn.source().classes)
    share = _ranked(answer, net, names, pictures, hotdog,
                    f'Is it the right row? names[{names.index("hotdog")}] is the hotdog.')
    order = numpy.random.permutation(len(names))
    for each in net.output.collect_params().values():
        each.set_data(each.data()[np.array(order)])
    _ranked(answer, net, [names[i] for i in order], pictures, hotdog,
            'The source model has its classes in another order now: ask the list of names which row is the '
            'hotdog, and type no number.')
    return f'untrained, it puts the hotdog first in {share:.1%} of the pairs of a hotdog and another picture'


def _ranked(answer, net, names, pictures, hotdog, hint):
    """Share of the pairs (a hotdog, another thing) in which the hotdog has the higher score."""
    before = weights(net)
    scores = returned(answer(net, names, pictures), ARRAY | list, f'an array of {len(pictures)} scores')
    if not same(weights(net), before):
        raise Wrong('The weights of the source model have changed. This exercise is about what it knows '
                    'without any training.')
    scores = as_numpy(scores)
    if scores.shape != (len(pictures),):
        all_rows = (' You return the scores of all classes: take the column of the hotdog.'
                    if scores.shape == (len(pictures), len(names)) else '')
        raise Wrong(f'Your function returned an array of shape {scores.shape}; it is to be '
                    f'({len(pictures)},), one score for each picture.{all_rows}')
    share = sklearn.metrics.roc_auc_score(hotdog, scores)
    if share > .97:
        return share
    if len(numpy.unique(scores)) <= 2:
        raise Wrong(f'Your function returned only {len(numpy.unique(scores))} different numbers, answers '
                    'rather than scores: ties cannot be ranked. Return how high the score of the hotdog is.')
    hint = 'Higher is to mean more like a hotdog: is the sign turned round?' if share < .03 else hint
    raise Wrong(f'A hotdog scores higher than another picture in {share:.0%} of the pairs (50% is chance). '
                f'{hint}')


# ---- 5: plan a comparison ----------------------------------------------------------------------------------

PLANNED = {'arm': ('pretrained', 'scratch'), 'head': (1, 10)}  # what the study of exercise 5 compares


@check(5)
def check_5(answer):
    """Is the plan fair, and can it tell the weights from the fast head?"""
    size = fair(answer(), PLANNED, {'pictures': ('pictures',), 'updates': ('updates',)})
    return f'{size}, and the weights can be told from the fast head'


# ---- 6: one hotdog in twenty -------------------------------------------------------------------------------

_CASES = {  # the classes of some pictures, and the answers of a classifier
    'one hotdog of two and 18 others of 18 are right': ([0, 0] + [1] * 18, [0, 1] + [1] * 18),
    'of 20 pictures one is a hotdog, and the answer is always "no"': ([0] + [1] * 19, [1] * 20),
    'both hotdogs and 9 others of 18 are right': ([0, 0] + [1] * 18, [0, 0] + [0] * 9 + [1] * 9),
    'there are three classes, of 2, 4 and 8 pictures': ([0] * 2 + [1] * 4 + [2] * 8,
                                                        [0, 1] + [1] * 4 + [2] * 2 + [0] * 6),
    'there are no pictures of class 1, but some answers are 1': ([0] * 4 + [2] * 4,
                                                                 [0, 0, 0, 1] + [2, 2, 1, 1]),
}


@check(6)
def check_6(answer):
    """Against scikit-learn, on made-up answers that tell wrong formulas apart, and on random ones."""
    cases = {about: (numpy.array(truth), numpy.array(answers)) for about, (truth, answers) in _CASES.items()}
    cases['500 answers are random, of ten classes'] = numpy.random.randint(0, 10, (2, 500))
    for about, (truth, answers) in cases.items():
        said = number(answer(truth.copy(), answers.copy()), 'a number')
        recalls = sklearn.metrics.recall_score(truth, answers, labels=numpy.unique(truth), average=None)
        precisions = sklearn.metrics.precision_score(truth, answers, labels=numpy.unique(truth), average=None,
                                                     zero_division=0)
        empty = ' A class without pictures has no share: leave it out of the mean.'
        must_equal(said, recalls.mean(), [
            (numpy.nan, empty),
            (100 * recalls.mean(), ' That is in percent: return a share, a number from 0 to 1.'),
            ((truth == answers).mean(), ' That is plain accuracy: large classes count for more.'),
            (precisions.mean(), ' You took the share of right ones among the pictures that were *answered* '
                                'so; take it among those that *are* so.'),
            (recalls.sum() / (max(truth.max(), answers.max()) + 1), empty),
            (recalls[0], ' That is the share of one class alone: take the mean over all classes.')], '',
                   f'Where {about}, the shares of right answers in the classes are {_list(recalls)}, with '
                   f'the mean {recalls.mean():.3f}; your function returned {said:.3f}.', 1e-6, 1e-6)
    return 'every class counts the same, however many pictures it has'


# ---- 7: two networks that fail -----------------------------------------------------------------------------

def _striped(n, seed, light, noise):
    """Pictures of some brightness with a weak stripe, across or down, as a network takes them; on the CPU,
    for on a GPU batch normalisation learns its averages whatever the loop asks for.
    """
    generator = numpy.random.default_rng(seed)
    labels = numpy.arange(n) % 2
    stripes = numpy.zeros((2, 1, 12, 12))
    stripes[0, :, 5:7], stripes[1, :, :, 5:7] = 1, 1
    x = light + .5 * stripes[labels] + generator.normal(0, noise, (n, 3, 12, 12))
    return gluon.data.ArrayDataset(np.array(x, dtype='float32', ctx=npx.cpu()),
                                   np.array(labels, dtype='int32', ctx=npx.cpu()))


def _watched(pictures, new, asks, seed):
    """Train a small network whose first layer is a batch normalisation of the picture, and look at it every
    five updates: rows of (line, updates, right).
    """
    seed_all(seed)
    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.BatchNorm(in_channels=3, scale=False, center=False),
            gluon.nn.Conv2D(8, 3, activation='relu', in_channels=3), gluon.nn.Dense(2, in_units=8 * 100))
    net.initialize(ctx=npx.cpu())
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .05, 'momentum': .9})
    (x, y), rows = pictures[:], []
    for updates in range(0, 31, 5):
        shares = {'as in training': float((as_numpy(in_training(net, x)).argmax(axis=1) == y).mean()),
                  'in use': accuracy(net, pictures), 'in use, new pictures': accuracy(net, new)}
        rows += [{'line': line, 'updates': updates, 'right': share} for line, share in shares.items()]
        with quietly():
            five = batches(pictures, size=16, updates=5)
        for batch, labels in five:
            if asks:  # then the backward pass reaches the first layer, and its averages move
                batch.attach_grad()
            with autograd.record():
                loss = cross_entropy(net(batch), labels)
            loss.backward()
            trainer.step(1)
    return rows


def two_networks(seed=0):
    """The courses of training that exercise 7 shows, one run each.

    Returns
    -------
    dict of str to pandas.DataFrame
        By the name of the network; with the columns ``line``, ``updates`` and ``right``, a share of pictures.
    """
    tasks = {'left': (32, 2, 2., True), 'right': (128, 20, .3, False)}
    with on_cpu():
        return {name: pandas.DataFrame(_watched(_striped(n, seed, *look), _striped(200, 100 + seed, *look),
                                                asks, seed)) for name, (n, *look, asks) in tasks.items()}


@check(7)
def check_7(answer):
    """One of the networks learns by heart, the other one is not in use what it was in training."""
    reading(answer(), {
        'A': 'If the one on the right had learned its pictures by heart, it would be right on them in use '
             'too; follow its line "in use".',
        'B': '',
        'C': 'Both are right on nearly all of their pictures as they stand in training, so both have learned '
             'something; a rate at which training fails would show there first.',
        'D': 'It is the other way round. In use, the one on the left is right on the pictures that it has '
             'learned from, and the one on the right is not.'}, {
        1: 'That is so, and it is why we ask; but more than one of the readings would explain it.',
        2: 'That is so, and it excludes that training failed; but it looks the same in both networks, so it '
           'cannot tell one from the other.',
        3: '',
        4: 'On the right that line never rises at all; on the left it does not say why it stopped.'})
    return ('one has learned by heart; the other one, on the very pictures that it has learned from, is not '
            'in use what it was in training')


# ---- 8: what to try first ----------------------------------------------------------------------------------

_METHODS = ('frozen', 'upper layers', 'fine-tuned', 'scratch')
# by world and number of pictures: what each method reaches on validation pictures. On test pictures another
# one is best, as luck would have it.
_BOXES = {('similar', 50): (.90, .85, .80, .55), ('different', 50): (.40, .62, .60, .58),
          ('similar', 800): (.93, .94, .96, .80), ('different', 800): (.60, .70, .85, .88)}
_LUCK = (0, .06, 0, -.2)
_SPREAD = {'similar': .05, 'different': .35}  # of the frozen one: its best single row leads everywhere
_ASKED = [('similar', 50), ('different', 60), ('different', 2000), ('similar', 700), ('different', 260),
          ('similar', 260), ('different', 150)]  # 260 is 5.2 times 50, and a third of 800
_KINDS = {'similar': 'similar', 'different': 'different'}
_MISTAKES = [
    ({'far': lambda a, b: abs(a - b)},
     'It seems to take the number of pictures that is nearest by difference. Compare by ratio: from 50 to '
     '100 is as far as from 400 to 800'),
    ({'figure': 'test'}, 'It seems to choose on test pictures, which makes the chosen one look better than '
                         'it is: take the column validation'),
    ({'of': 'max'}, 'It seems to take the best single row: take the mean over targets and seeds'),
    ({'far': None}, 'It seems to take all numbers of pictures together: take the nearest one alone'),
    ({'kinds': {'similar': 'different', 'different': 'similar'}},
     "It seems to take the targets of the other kind: the column world is 'similar' where similar is True"),
    ({'kinds': {}}, 'It seems to take similar and different targets together: take those of the right kind')]


def _measured():
    """Rows as a study has them, in any order: two targets of each kind, two seeds."""
    rows = [{'world': world, 'target': f'{world} {target}', 'pictures': n, 'seed': seed, 'arm': arm,
             'validation': share + (_SPREAD[world] if arm == 'frozen' else .01) * (1 if seed else -1),
             'test': share + luck}
            for (world, n), shares in _BOXES.items() for target in (1, 2) for seed in (0, 1)
            for arm, share, luck in zip(_METHODS, shares, _LUCK, strict=True)]
    return pandas.DataFrame(rows).sample(frac=1, random_state=0, ignore_index=True)


def _first_choices(rows, figure='validation', far=lambda a, b: abs(math.log(a / b)), of='mean', kinds=_KINDS):
    """The methods to try first, by a rule: the right one, or one with a mistake in it."""
    chosen = []
    for world, pictures in _ASKED:
        box = rows[rows['world'] == kinds[world]] if kinds else rows
        if far:
            box = box[box['pictures'] == min(rows['pictures'].unique(), key=lambda n: far(n, pictures))]
        chosen.append(box.groupby('arm')[figure].agg(of).idxmax())
    return chosen


@check(8)
def check_8(answer):
    """Made-up rows, and boxes in which each likely mistake leads to another method."""
    rows = _measured()
    said = [returned(answer(rows.copy(), world == 'similar', pictures), str,
                     f'the name of a method, such as {_METHODS[0]!r}') for world, pictures in _ASKED]
    unknown = next((method for method in said if method not in _METHODS), None)
    if unknown is not None:
        raise Wrong(f'Your function returned {unknown!r}, which is no method: the column arm has '
                    f'{", ".join(map(repr, _METHODS))}.')
    right = _first_choices(rows)
    if said != right:
        why = next((f' {sentence}.' for mistake, sentence in _MISTAKES
                    if said == _first_choices(rows, **mistake)), '')
        (world, pictures), mine, best = next(case for case in zip(_ASKED, said, right, strict=True)
                                             if case[1] != case[2])
        raise Wrong(f'For {pictures} pictures and a {world} target your function returned {mine!r}; by the '
                    f'rows it is {best!r}.{why}')
    return 'the nearest box by ratio, chosen on validation pictures, over all targets and seeds'
