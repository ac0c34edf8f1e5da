"""Checks of the exercises of lesson 11, the rest of the map. All work on invented data, in both profiles."""
import numpy
import pandas
from sklearn.ensemble import GradientBoostingClassifier

from .checking import Wrong, check
from .design import fair
from .judging import as_numpy, must_equal, number, returned
from .reading import reading
from .variants import varied

# ---- 1: named from a description ---------------------------------------------------------------------------


def _log_likelihood(scores, table):
    yes = 1 / (1 + numpy.exp(-scores))
    return numpy.log(yes) @ table.T + numpy.log(1 - yes) @ (1 - table).T


@check(1)
def check_1(answer):
    """Descriptions with few and with many attributes, and pictures on which the mistakes give other names."""
    rng = numpy.random.default_rng(varied(11))
    table = numpy.array([[1, 0, 0, 0, 0], [1, 1, 1, 1, 1], [0, 1, 0, 1, 0], [0, 0, 0, 0, 1]], 'float32')
    shown = rng.integers(0, len(table), 60)
    scores = ((2 * table[shown] - 1) * rng.uniform(.4, 3, (60, 5))
              + rng.normal(0, .8, (60, 5))).astype('float32')
    said = as_numpy(returned(answer(scores.copy(), table.copy()), object, 'an array of whole numbers'))
    if said.shape != (60,):
        raise Wrong(f'Your array has the shape {said.shape}; it is to hold one number for each of the 60 '
                    'pictures.')
    fit = _log_likelihood(scores, table)
    yes = 1 / (1 + numpy.exp(-scores))
    must_equal(said, fit.argmax(axis=1), [
        (fit.argmin(axis=1), 'These are the descriptions that fit worst.'),
        ((yes @ table.T).argmax(axis=1),
         'You count only what a kind has. Then the kind with the longest description wins: what it has not '
         'must count too.'),
        ((numpy.log(yes) @ table.T).argmax(axis=1),
         'You count only what a kind has. With logarithms the kind with the shortest description wins: what '
         'it has not must count too.')],
        'Some pictures get another kind than the one whose description is the most probable: what a kind has '
        'counts by log p, what it has not by log (1 - p), where p = 1 / (1 + exp(-score)).')
    return f'{(said == shown).mean():.0%} of 60 pictures are named as they were drawn; by chance it were 25%'


# ---- 2: do groups agree? -----------------------------------------------------------------------------------

def _share_of_pairs(a, b):
    i, j = numpy.triu_indices(len(a), 1)
    return float(((a[i] == a[j]) == (b[i] == b[j])).mean())


@check(2)
def check_2(answer):
    """Groups with other numbers than the kinds, and more of them."""
    rng = numpy.random.default_rng(varied(12))
    kinds = rng.integers(0, 4, 40)
    kept = numpy.where(rng.random(40) < .75, (kinds + 1) % 4, rng.integers(0, 6, 40))
    for groups, what in (((kinds + 1) % 4, 'the same groups under other numbers'), (kept, 'other groups')):
        value = float(number(answer(groups.copy(), kinds.copy()), 'one number'))
        i, j = numpy.meshgrid(range(40), range(40))
        together, alike = groups[i] == groups[j], kinds[i] == kinds[j]
        must_equal(value, _share_of_pairs(groups, kinds), [
            ((groups == kinds).mean(), 'You compare the numbers of the groups with those of the kinds. But '
                                       'the numbers of groups mean nothing: compare pairs of pictures.'),
            ((together == alike).mean(), 'You also paired each picture with itself: these pairs always '
                                         'agree.'),
            (_share_of_pairs(groups, kinds) * 780, 'This is how many pairs agree: divide by how many there '
                                                   'are.'),
            ((together & alike).sum() / alike.sum(), 'You count only pairs of one kind. Two pictures of '
                                                     'different kinds in different groups agree too.')],
            'it is the share of all pairs that are together in both or apart in both.', f'For {what}: ')
    return f'{value:.2f} of the pairs agree; the groups have other numbers than the kinds, which is no matter'


# ---- 3: among five, among all ------------------------------------------------------------------------------

_HANDICAP = (0, 1, 2, 3, 4)
_INVENTED = {'pictures of kinds that were seen': (.88, .84, .74, .52, .24),
             'pictures of new kinds': (.02, .14, .38, .55, .62)}


def handicapped():
    """An invented study: all 24 kinds may be named, and the scores of the kinds that were seen in training
    are lowered by a handicap.

    Returns
    -------
    pandas.DataFrame
        Columns ``arm`` (which pictures), ``handicap``, ``right``; three rows for each.
    """
    return pandas.DataFrame([{'arm': arm, 'handicap': handicap, 'right': right + luck}
                             for arm, rights in _INVENTED.items()
                             for handicap, right in zip(_HANDICAP, rights, strict=True)
                             for luck in (-.01, 0, .01)])


@check(3)
def check_3(answer):
    """Both lines, from left to right."""
    seen, new = _INVENTED.values()
    reading(answer(), {
        'A': f'with a handicap of {_HANDICAP[2]} {new[2]:.2f} of the new kinds are right: the descriptions '
             'do tell them apart.',
        'B': '',
        'C': f'what is gained on new kinds is lost on the others: {seen[0]:.2f} falls to {seen[-1]:.2f}.',
        'D': f'with no handicap {new[0]:.2f} of the new kinds are right; among the new ones alone nothing '
             'competes with them. The two figures answer two questions.'}, {
        1: 'that the one line falls says nothing yet of the new kinds.',
        2: '',
        3: 'no network was trained anew between left and right.'})
    return 'the network leans to what it has met, and a handicap buys new kinds at the price of the old ones'


# ---- 4: a study of features without labels -----------------------------------------------------------------

_LABELLED = 800


@check(4)
def check_4(answer):
    """Three kinds of features, with few and many labels, from equally many source pictures."""
    plan = answer()
    told = fair(plan, {'arm': ('self-taught', 'random', 'supervised'), 'labels': (2, 20)},
                {'source pictures': ('pictures',), 'features': ('features',)})
    if plan['arms'][0]['pictures'] > _LABELLED:
        raise Wrong(f'Of the source {_LABELLED} pictures have labels, not {plan["arms"][0]["pictures"]}: '
                    'give every arm as many as the supervised one can have.')
    return told


# ---- 5: grafting -------------------------------------------------------------------------------------------

def _customers(n, region, rng):
    x = rng.normal(0, 1, (n, 4))
    return x, (x[:, 0] + (x[:, 1] if region == 'north' else -x[:, 2]) > 0).astype(int)


def _stumps(model):
    return [tree.tree_.threshold.copy() for tree in model.estimators_[:, 0]]


@check(5)
def check_5(answer):
    """The first trees must be those of the source, the others must know our customers alone."""
    rng = numpy.random.default_rng(varied(15))
    north, (x, labels), (new, truth) = (_customers(n, region, rng) for n, region in
                                        ((400, 'north'), (150, 'south'), (400, 'south')))
    model = GradientBoostingClassifier(n_estimators=15, max_depth=2, random_state=0).fit(*north)
    before, borrowed = _stumps(model), model.score(new, truth)
    found = returned(answer(model, x.copy(), labels.copy(), 25), GradientBoostingClassifier,
                     'the model with its new trees')
    trees = len(found.estimators_)
    if trees == 15:
        raise Wrong('The model has its 15 trees of before and no other: raise n_estimators, and fit.')
    kept = all(numpy.array_equal(*two) for two in zip(before, _stumps(found), strict=False))
    if not kept:
        raise Wrong('The first trees are no longer those of the source: without warm_start=True, fit begins '
                    'from nothing.')
    if trees != 40:
        raise Wrong(f'The model has {trees} trees; it is to have its 15 and 25 more, 40. n_estimators is the '
                    'number of all trees.')
    right = found.score(new, truth)
    if right < borrowed + .05:
        raise Wrong(f'The new trees do not help: {right:.2f} of new customers right, {borrowed:.2f} before. '
                    'Let them learn from x and labels as they came.')
    return f'{borrowed:.2f} of new customers are right with the borrowed trees, {right:.2f} after grafting'
