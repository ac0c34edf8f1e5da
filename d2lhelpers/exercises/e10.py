"""Checks of the exercises of lesson 10, a task of one's own. All work on invented numbers, in both
profiles.
"""
import numpy
import pandas
from scipy import special

from .checking import Wrong, check
from .design import fair
from .judging import ARRAY, as_numpy, must_equal, number, returned
from .reading import reading

SIZE = 12  # numbers of a feature


# ---- 1: near-duplicates across a split ---------------------------------------------------------------------

def leaky(n=40, planted=(3, 17, 22)):
    """Features of a folder in which some test pictures were taken twice, and a split that does not know it.

    Parameters
    ----------
    n : int
        Pictures; the split gives every fourth to the test.
    planted : sequence of int
        Test pictures, counted within the test, whose twin is a training picture; numbers beyond the test are
        left out.

    Returns
    -------
    features : numpy.ndarray, shape (n, SIZE)
        Of different lengths: a twin in another light has larger or smaller numbers.
    train, test : numpy.ndarray of int
        Places, in random order.
    twins : numpy.ndarray of int
        Places of the test pictures with a twin among the training pictures.
    """
    features = numpy.random.standard_normal((n, SIZE))
    places = numpy.random.permutation(n)
    test, train = places[::4], numpy.delete(places, numpy.arange(0, n, 4))
    twins = test[[k for k in planted if k < len(test)]]
    for k, twin in enumerate(twins):
        near = features[twin] + .05 * numpy.random.standard_normal(SIZE)
        features[train[k]] = near * (.3, 3.)[k % 2]
    return features, train, test, twins


@check(1)
def check_1(answer):
    """Two leaky splits, one without a leak, and two test pictures that are twins of each other."""
    for planted in ((1, 4, 6), (0, 2, 3, 9), ()):
        features, train, test, twins = leaky(planted=planted)
        # of each other, which is no leak
        inside = [place for place in test if place not in twins][:2]
        features[inside[1]] = 1.5 * features[inside[0]]
        found = as_numpy(returned(answer(features.copy(), train.copy(), test.copy(), .97), ARRAY | list,
                                  'the places of the test pictures that are left, an array')).ravel()
        right = numpy.array([place for place in test if place not in twins])
        found, left, leak = set(found.tolist()), set(right.tolist()), set(twins.tolist())
        if found == left:
            continue
        if leak and found == leak:
            raise Wrong('These are the test pictures that have a twin; return those that are left without '
                        'them.')
        if found and found <= set(range(len(test))) and not found <= set(test.tolist()):
            raise Wrong('Places in the array test were returned (0, 1, 2, ...): return what stands there, '
                        'test[...], the places in features.')
        if found & set(train.tolist()):
            raise Wrong('There are training pictures in what you returned: the test is to lose its twins, '
                        'not the training part.')
        if found == left - set(inside) or found == left - {inside[1]}:
            raise Wrong('Two test pictures that are like each other were taken out. That is no leak: compare '
                        'each test picture with the training pictures alone.')
        if leak & found:
            raise Wrong(f'{len(leak & found)} of {len(leak)} test pictures with a twin are still there. A '
                        'twin may be brighter, with larger numbers: the cosine is the product of rows that '
                        'were brought to length 1.')
        raise Wrong('A test picture without any twin was taken out: only those go whose cosine with a '
                    'training picture is above the cut. The cosine is the product of rows that were brought '
                    'to length 1.')
    return 'no test picture has a near-duplicate among the training pictures, and no other was taken out'


# ---- 2: which network is better? ---------------------------------------------------------------------------

def two_networks(both, only_a, only_b, neither):
    """Which test pictures two networks got right, in random order.

    Parameters
    ----------
    both, only_a, only_b, neither : int
        How many pictures were right for whom.

    Returns
    -------
    a, b : numpy.ndarray of bool
    """
    a = numpy.repeat([True, True, False, False], (both, only_a, only_b, neither))
    b = numpy.repeat([True, False, True, False], (both, only_a, only_b, neither))
    order = numpy.random.permutation(len(a))
    return a[order], b[order]


_CASES = [  # both, only a, only b, neither; what can be said; what to tell whoever says something else
    ((5, 3, 0, 0), None, 'Of 8 test pictures all are right for a, and 5 for b. They differ on three; a coin '
                         'falls three times to one side in one of four trials. Nothing can be told: return '
                         'None.'),
    ((80, 11, 9, 100), None, 'a is right on 91 of 200 pictures and b on 89. They differ on 20, which fell 11 '
                             'to 9: that is luck. Return None.'),
    ((500, 180, 20, 100), 'a', "On 800 pictures a is ahead on 180 and b on 20: that is no luck, return 'a'."),
    ((500, 20, 180, 100), 'b', "On 800 pictures b is ahead on 180 and a on 20: that is no luck, return 'b'."),
    ((150, 14, 0, 36), 'a', 'Here a is right wherever b is, and on 14 of 200 pictures more. Two intervals, '
                            'one for each network, overlap; but both saw the same pictures: count only those '
                            "on which they differ. Return 'a'."),
    ((60, 12, 4, 30), None, 'They differ on 16 pictures, which fell 12 to 4. A coin falls as unevenly, to '
                            'the one side or to the other, in one of 13 trials, more often than in 5 of 100: '
                            'return None.'),
    ((60, 15, 5, 30), 'a', 'They differ on 20 pictures, which fell 15 to 5. A coin does that, to either '
                           "side, in 4 of 100 trials; 95 % certainty asks for less than 5: return 'a'."),
    ((8, 0, 0, 0), None, 'Both are right on all pictures, so neither is better: return None.')]


@check(2)
def check_2(answer):
    """Eight pictures, a draw, two clear cases, one that is clear only in pairs, two near the limit, and no
    difference at all.
    """
    for counts, right, sentence in _CASES:
        a, b = two_networks(*counts)
        if (said := answer(a.copy(), b.copy())) != right or isinstance(said, ARRAY):
            if not (said is None or isinstance(said, str) and said in ('a', 'b')):
                raise Wrong(f"The function returned {said!r}; it is to return 'a', 'b' or None.")
            raise Wrong(sentence)
    return 'eight pictures are refused, and where the networks differ often enough the better one is named'


# ---- 3: a threshold ----------------------------------------------------------------------------------------

def unsure(n, honest=1.):
    """Probabilities of three classes, the surer the more often right, and labels.

    Parameters
    ----------
    n : int
    honest : float
        Labels are drawn by the probabilities to this power: below 1 the answers are too sure.

    Returns
    -------
    probabilities : numpy.ndarray, shape (n, 3)
    labels : numpy.ndarray of int, shape (n,)
    """
    p = special.softmax(2.5 * numpy.random.standard_normal((n, 3)), axis=1)
    return p, numpy.array([numpy.random.choice(3, p=row / row.sum()) for row in p ** honest])


def _lowest(p, labels, right):
    """The lowest highest probability from which on so many answers are right."""
    sure = p.max(axis=1)
    for limit in numpy.sort(sure):
        if (p.argmax(axis=1) == labels)[sure >= limit].mean() >= right:
            return limit
    return None


@check(3)
def check_3(answer):
    """Twice with the same pictures held back and other test pictures; then for another share."""
    held, test, other = unsure(300), unsure(200, .6), unsure(200, .7)

    def ask(test, right):
        found = returned(answer(tuple(map(numpy.copy, held)), tuple(map(numpy.copy, test)), right),
                         tuple | list, 'threshold, accuracy')
        if len(found) != 2:
            raise Wrong(f'The function returned {len(found)} things; it is to return two, the threshold and '
                        'the accuracy of the answers given.')
        return [float(number(each, 'two numbers')) for each in found]

    threshold, share = ask(test, .85)
    if ask(other, .85)[0] != threshold:
        raise Wrong('With another test the threshold was another one: it was chosen on the test. Choose it '
                    'on what was held back, and read the test only for the accuracy.')
    on_held = (held[0].argmax(axis=1) == held[1])[held[0].max(axis=1) >= threshold]
    right = _lowest(*held, .85)
    if not len(on_held) or on_held.mean() < .85:
        raise Wrong(f'Above a threshold of {threshold:.3f} less than 85 % of the answers on the pictures '
                    'held back are right: it is to be at least so many.')
    given = test[0].max(axis=1) >= threshold
    if abs(threshold - right) > .02:
        raise Wrong(f'A threshold of {threshold:.3f} leaves more unanswered than needed: from {right:.3f} on '
                    '85 % of the answers on the pictures held back are right. Take the lowest one.')
    correct = test[0].argmax(axis=1) == test[1]
    must_equal(share, correct[given].mean(), [
        (correct.mean(), 'That is the accuracy on all test pictures: count only those that are answered, '
                         'whose highest probability is not below the threshold.'),
        (on_held.mean(), 'That is the accuracy on the pictures held back, where the threshold was chosen: it '
                         'flatters. Measure on the test.'),
        ((correct & given).mean(), 'These are the right answers among all test pictures: divide by the '
                                   'number of answers given.')],
               'Return the share of right ones among the test pictures that are answered.', atol=.005)
    if ask(test, .95)[0] <= threshold:
        raise Wrong('For 95 % right answers the threshold is to be higher than for 85 %.')
    return f'above {threshold:.2f}, chosen without the test, {share:.0%} of the test answers are right'


# ---- 4: an export ------------------------------------------------------------------------------------------

def exports():
    """A network in use, and what several programs made of it.

    Returns
    -------
    ours : callable
        Takes pictures, uint8, shape (n, 8, 8, 3); returns scores, shape (n, 3).
    theirs : dict of str to tuple of (callable, bool, str)
        By what is wrong: the export, whether it may pass, and what to tell whoever judges it otherwise.
    """
    weights = numpy.random.standard_normal((8 * 8 * 3, 3)) / 8

    def network(x):
        return (x.reshape(-1, 8 * 8 * 3) @ weights).astype('float32')

    def ready(pictures):
        return (pictures / 255 - .45) / .22

    def ours(pictures):
        return network(ready(pictures))

    def slightly(pictures):
        return ours(pictures) * .8

    def after_the_first(pictures):
        found = ours(pictures)
        found[1:] = network(pictures[1:] / 255)
        return found

    return ours, {
        'rounding': (lambda x: ours(x) + numpy.float32(2e-6), True,
                     'This export differs by two millionths, which is rounding: let it pass. Compare with a '
                     'tolerance, numpy.allclose or a largest difference.'),
        'just rounding': (lambda x: ours(x) + numpy.float32(5e-5), True,
                          'This export differs by .00005, which the question lets pass.'),
        'scale': (lambda x: network(x / 255), False,
                  'This export forgot to bring the colours to the scale of training, and it passed.'),
        'colours': (lambda x: ours(x[..., ::-1]), False,
                    'This export gets blue first, and it passed: compare on pictures in colour.'),
        'same class': (slightly, False,
                       'This export names the same classes with other scores, so that it is sure of other '
                       'things, and it passed: compare scores, not classes alone.'),
        'the first': (after_the_first, False,
                      'This export is right on the first picture alone, and it passed: compare on all.'),
        'no number': (lambda x: ours(x) * numpy.nan, False,
                      'This export gives no numbers (nan), and it passed. A difference with nan is nan, '
                      'which is not above any limit: ask what is below.'),
        'order': (lambda x: ours(x)[:, ::-1], False,
                  'This export has its classes in another order, and it passed.'),
        'no rounding': (lambda x: ours(x) + numpy.float32(1e-3), False,
                        'This export differs by a thousandth, ten times what may pass, and it passed.')}


@check(4)
def check_4(answer):
    """Good exports and bad ones, in one go."""
    ours, theirs = exports()
    pictures = numpy.random.randint(0, 256, (20, 8, 8, 3)).astype('uint8')
    for export, good, sentence in theirs.values():
        said = answer(ours, export, pictures.copy())
        if not isinstance(said, bool | numpy.bool_):
            returned(said, bool, 'True or False')
        if bool(said) != good:
            raise Wrong(sentence)
    return 'rounding passes; forgotten scale, colours, order and others are caught'


# ---- 5: what the folder says -------------------------------------------------------------------------------

def handed():
    """What ``network.json`` says of a network, and scores of it.

    Returns
    -------
    settings : dict
        ``classes``, ``temperature`` and ``threshold``.
    scores : numpy.ndarray, shape (pictures, classes)
    """
    scores = numpy.array([[4., 0, 0], [1.2, .4, .1], [0, 0, 9], [2.4, 2.2, 0], [0, 3.2, 0], [0, 2, 0],
                          [.3, .1, .2]])
    return {'classes': ['cat', 'dog', 'fox'], 'temperature': 2., 'threshold': .6}, scores


@check(5)
def check_5(answer):
    """Sure and unsure pictures; a temperature of 2, of 1 and of one half; a threshold of 0."""
    settings, scores = handed()
    for temperature, threshold in ((2., .6), (1., .6), (.5, .9), (2., 0.)):
        told = {**settings, 'temperature': temperature, 'threshold': threshold}
        found = returned(answer(dict(told), scores.copy()), list | tuple,
                         'a list, an answer for each picture')
        p, plain = special.softmax(scores / temperature, axis=1), special.softmax(scores, axis=1)
        right = _named(p, told, p.max(axis=1) >= threshold)
        found = [None if each is None else str(each) for each in found]
        if found == right:
            continue
        if len(found) != len(scores):
            raise Wrong(f'There are {len(scores)} pictures and {len(found)} answers: one for each, None '
                        'where it does not know.')
        if None not in found and None in right:
            raise Wrong('Every picture got a class: below the threshold the answer is None.')
        if found == _named(p, told, plain.max(axis=1) >= threshold):
            raise Wrong(f'The temperature, {temperature:g}, is left aside: divide the scores by it before '
                        'softmax.')
        if found == _named(p, told, scores.max(axis=1) >= threshold):
            raise Wrong('The threshold was held against the scores. It is one of probabilities: softmax '
                        'first.')
        if found == _named(p, told, p.max(axis=1) < threshold):
            raise Wrong('It is the other way round: None where the highest probability is *below* the '
                        'threshold.')
        raise Wrong('Each answer is to be the name of the likeliest class, or None where its probability '
                    '(softmax of the scores divided by the temperature) is below the threshold.')
    return 'temperature before softmax, the threshold after it, and the names in their order'


def _named(p, settings, answered):
    return [settings['classes'][k] if yes else None
            for k, yes in zip(p.argmax(axis=1), answered, strict=True)]


# ---- 6: a study of strategies ------------------------------------------------------------------------------

@check(6)
def check_6(answer):
    """Three strategies on two targets, with as many labels, updates and rates."""
    plan = answer()
    told = fair(plan, {'arm': ('frozen', 'fine-tuned', 'scratch'), 'target': ('near', 'far')},
                {'updates': ('head first', 'updates'), 'labelled pictures': ('pictures',)})
    for arm in plan['arms']:
        if arm['arm'] == 'frozen' and arm['updates']:
            raise Wrong(f"The arm {arm} moves its backbone: frozen, all its updates are 'head first', and "
                        "its 'updates' are 0.")
        if arm['arm'] != 'frozen' and not arm['updates']:
            raise Wrong(f"The arm {arm} trains its head alone, as the frozen one does: its 'updates' are to "
                        'be above 0.')
    return told


# ---- 7: two tests ------------------------------------------------------------------------------------------

_PICTURES, _SHIFTS = (20, 80, 320), (-.01, 0, .01)
_INVENTED = {'where it learned': {'frozen': (.7, .76, .79), 'fine-tuned': (.69, .8, .88)},
             'where it is used': {'frozen': (.62, .66, .68), 'fine-tuned': (.55, .59, .64)}}


def two_tests():
    """An invented study: two strategies, judged on two tests.

    Returns
    -------
    dict of str to pandas.DataFrame
        For each test: columns arm, pictures, seed, accuracy.
    """
    return {where: pandas.DataFrame([(arm, n, seed, value + shift) for arm, line in lines.items()
                                     for n, value in zip(_PICTURES, line, strict=True)
                                     for seed, shift in enumerate(_SHIFTS)],
                                    columns=['arm', 'pictures', 'seed', 'accuracy'])
            for where, lines in _INVENTED.items()}


@check(7)
def check_7(answer):
    """Both panels."""
    here, there = _INVENTED['where it learned'], _INVENTED['where it is used']
    reading(answer(), {
        'A': f'where it is used, fine-tuned is behind at every size: {there["fine-tuned"][-1]:.2f} against '
             f'{there["frozen"][-1]:.2f} with {_PICTURES[-1]} pictures.',
        'B': f'where it learned, fine-tuned is ahead from {_PICTURES[1]} pictures on: '
             f'{here["fine-tuned"][1]:.2f} against {here["frozen"][1]:.2f}.',
        'C': '',
        'D': f'both lines rise in both panels, the frozen one too: from {there["frozen"][0]:.2f} to '
             f'{there["frozen"][-1]:.2f} where it is used.'}, {
        1: 'a lower accuracy of both says that the pictures are harder there, and does not say whom to '
           'take.',
        2: '',
        3: 'that is so in one panel alone, and the question is about both.'})
    return 'a strategy is chosen by a test from where it will be used'
