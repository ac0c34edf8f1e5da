"""Checks of the exercises of lesson 8, words. All work on invented words and numbers, in both profiles."""
import functools
import itertools

import numpy
import pandas
from mxnet import gluon, init, np
from mxnet.gluon import nn

from ..hardware import devices
from ..training import cross_entropy
from .checking import Wrong, check, fit_quietly
from .design import fair
from .judging import ARRAY, as_numpy, known_mistake, must_equal, returned
from .networks import learning, moved, weights
from .reading import reading
from .variants import varied

SIZE = 8  # numbers of a vector


def invented(n, letters=5):
    """So many different words that nobody uses, in random order (NumPy's generator).

    Parameters
    ----------
    n : int
    letters : int

    Returns
    -------
    list of str
    """
    words = set()
    while len(words) < n:
        words.add(''.join(numpy.random.choice(list('aeioubdgklmnprst'), letters)))
    return [str(word) for word in numpy.random.permutation(sorted(words))]


# ---- 1: rows by word ---------------------------------------------------------------------------------------

@check(1)
def check_1(answer):
    """A target vocabulary in another order, with words that the source lacks; longer and shorter than it."""
    for theirs, common, new in ((30, 20, 6), (12, 12, 9)):
        words = invented(theirs + new)
        source, ours = words[:theirs], [*words[:common], *words[theirs:]]
        ours = [str(word) for word in numpy.random.permutation(ours)]
        rows = numpy.random.standard_normal((theirs, SIZE)).astype('float32')
        given = rows.copy()
        found = as_numpy(returned(answer(list(ours), list(source), given), ARRAY, 'the rows, a NumPy array'))
        if not numpy.array_equal(given, rows):
            raise Wrong('Your function has changed the rows of the source: make a new array.')
        if found.shape != (len(ours), SIZE):
            raise Wrong(f'There are {len(ours)} target words and {SIZE} numbers for each; your array has the '
                        f'shape {found.shape}: one row for every target word, known or not.')
        place = {word: i for i, word in enumerate(source)}
        known = numpy.array([word in place for word in ours])
        right = numpy.array([rows[place[word]] if word in place else 0 * rows[0] for word in ours])
        if numpy.allclose(found[known], right[known]) and not numpy.allclose(found, right):
            raise Wrong('Known words have their rows. Unknown ones are to have zeros: other numbers there '
                        'say something of a word of which nothing is known.')
        in_order, cut = right[known], min(len(ours), theirs)
        by_number = numpy.zeros_like(right)
        by_number[:cut] = rows[:cut]
        squeezed = numpy.zeros_like(right)
        squeezed[:len(in_order)] = in_order
        in_source_order = numpy.zeros_like(right)
        common_rows = [rows[i] for i, word in enumerate(source) if word in ours]
        in_source_order[:len(common_rows)] = common_rows
        must_equal(found, right, [
            (by_number, 'Rows were copied by number: row 0 of the source became row 0 of the target, though '
                        'other words stand there. Look up each word.'),
            (squeezed, 'The rows of the known words stand one after the other, the zeros at the end: each '
                       'row is to stand at the place of its own word.'),
            (in_source_order, 'The rows stand in the order of the source: go through the target words.'),
            (right[numpy.argsort(ours)], 'The rows are those of the words in alphabetical order: keep the '
                                         'order of the target vocabulary.')],
                   'Row i of the result is to be the row that the source has for target word i.', atol=1e-6)
    return 'every word has the row of the same word, and unknown words have zeros'


# ---- 2: the vector of a line -------------------------------------------------------------------------------

@check(2)
def check_2(answer):
    """Lines of different lengths, in two orders and two widths, and one without any known word."""
    rows = numpy.random.standard_normal((20, SIZE)).astype('float32')
    share = numpy.random.uniform(.1, 1, 20).astype('float32')
    numbers = numpy.array([[3, 7, 11, 0, 0, 0], [5, 0, 0, 0, 0, 0], [2, 2, 9, 14, 19, 1], [0, 4, 0, 8, 0, 6],
                           [0, 0, 0, 0, 0, 0]])

    def ask(numbers):
        found = as_numpy(returned(answer(rows.copy(), share.copy(), numbers.copy()), ARRAY,
                                  'the vectors of the lines, a NumPy array'))
        if found.shape != (len(numbers), SIZE):
            raise Wrong(f'{len(numbers)} lines and vectors of {SIZE} numbers; your array has the shape '
                        f'{found.shape}: one vector for each line.')
        return found

    found, right = ask(numbers), _line_vectors(rows, share, numbers)
    if not numpy.isfinite(found[-1]).all():
        raise Wrong('The last line has no known word at all, and its vector is no number: 0 was divided by '
                    '0. Let it be zeros (divide by the length, but at least by a tiny number).')
    unmasked = _line_vectors(rows, share, numbers, mask=False)
    plain = _line_vectors(rows, numpy.ones_like(share), numbers)
    total = _line_vectors(rows, share, numbers, unit=False)
    count = numpy.maximum(1, (numbers > 0).sum(axis=1, keepdims=True))
    must_equal(found, right, [
        (unmasked, 'Number 0 is no word, but its row was added in: whatever stands in row 0, it is not to '
                   'count.'),
        (_line_vectors(rows, numpy.ones_like(share), numbers, mask=False),
         'Neither are the words weighted, nor is number 0 left out.'),
        (plain, 'All words count the same: multiply each row by the weight of its word.'),
        (total, 'This is the weighted sum; bring each vector to length 1.'),
        (total / count, 'This is a mean over the words; bring each vector to length 1 instead.'),
        (total / numbers.shape[1], 'This is a mean over the width of the table, padding included: bring each '
                                   'vector to length 1 instead.')],
               'Each vector is to be the sum of weight times row over the words of the line, divided by its '
               'length.', atol=1e-5)
    turned = ask(numpy.column_stack([numpy.zeros((len(numbers), 3), int), numbers[:, ::-1]]))
    if not numpy.allclose(turned, found, atol=1e-5):
        raise Wrong('The same words in another order, and with more padding, give another vector: only which '
                    'words there are is to count.')
    return 'padding, order and unknown words change nothing, and weights do'


def _line_vectors(rows, share, numbers, mask=True, unit=True):
    weight = share[numbers] * ((numbers > 0) if mask else 1)
    total = (rows[numbers] * weight[:, :, None]).sum(axis=1)
    return total / numpy.maximum(numpy.linalg.norm(total, axis=1, keepdims=True), 1e-9) if unit else total


# ---- 3: PPMI -----------------------------------------------------------------------------------------------

@check(3)
def check_3(answer):
    """Independent words, words that never meet, a word that meets nobody, and everything counted twice."""
    independent = numpy.outer([1., 2, 3, 4], [1, 2, 3, 4])
    counts = numpy.array([[0., 9, 1, 0, 0], [9, 2, 3, 1, 0], [1, 3, 0, 8, 0], [0, 1, 8, 4, 0],
                          [0, 0, 0, 0, 0]])

    def ask(table):
        with numpy.errstate(all='ignore'):
            found = as_numpy(returned(answer(table.copy()), ARRAY, 'the matrix, a NumPy array'))
        if found.shape != table.shape:
            raise Wrong(f'The counts have the shape {table.shape}, your matrix has {found.shape}.')
        return found

    found = ask(counts)
    if not numpy.isfinite(found).all():
        raise Wrong('Words that never met have a value that is no finite number: the logarithm of 0. Write 0 '
                    'there. (One word here met nobody at all.)')
    pmi = _pmi(counts)
    right = numpy.maximum(pmi, 0)
    conditional = counts / numpy.maximum(counts.sum(axis=1, keepdims=True), 1)
    must_equal(found, right, [
        (pmi, 'Right before the last step: where words avoid each other, the value is negative; write 0.'),
        (right / numpy.log(2), 'This is the logarithm to base 2; take the natural one.'),
        (numpy.exp(pmi) * (counts > 0),
         'This is how many times more often than by chance; take the logarithm.'),
        (numpy.log1p(counts), 'These are logarithms of the counts: compare with chance.'),
        (conditional,
         'This is how likely a neighbour is, given the word: divide by how likely it is anyway.'),
        (numpy.maximum(_pmi(counts) + numpy.log(counts.sum()), 0) * (counts > 0),
         'Shares and counts are mixed up: the counts of words are to be divided by all meetings, too.')],
               'The value of two words is the logarithm of P(w, c) / (P(w) P(c)), and at least 0.', atol=1e-6)
    if not numpy.allclose(ask(independent), 0, atol=1e-6):
        raise Wrong('Words that meet as often as by chance are to get 0.')
    if not numpy.allclose(ask(10 * counts), right, atol=1e-6):
        raise Wrong('Ten times as much text of the same kind gives other values: work with shares.')
    return 'independent words get 0, nothing is negative or infinite, and ten times the text changes nothing'


def _pmi(counts):
    """Pointwise mutual information; 0 where there is none."""
    total, times = counts.sum(), counts.sum(axis=1)
    chance = numpy.outer(times, times) / total
    there = counts > 0
    return numpy.log(numpy.where(there, counts, 1) / numpy.where(there, chance, 1)) * there


# ---- 4: freeze, then fine-tune -----------------------------------------------------------------------------

class LineNet(nn.HybridBlock):
    """A table of word vectors under a head: as in the lesson, without weights of words."""

    def __init__(self, words, classes=3):
        super().__init__()
        self.features, self.output = nn.HybridSequential(), nn.Dense(classes, in_units=SIZE)
        self.features.add(nn.Embedding(words, SIZE))

    def hybrid_forward(self, F, x):
        return self.output(self.features(x).sum(axis=1))


WORDS, SEEN = 40, 25  # of the vocabulary; those with smaller numbers stand in the labelled lines


def labelled():
    """Invented lines of four words, as numbers from 0 to `SEEN` - 1, with one of three labels.

    Returns
    -------
    mxnet.gluon.data.ArrayDataset
    """
    x = numpy.random.randint(0, SEEN, (48, 4))
    return gluon.data.ArrayDataset(x.astype('float32'), (x[:, 0] % 3).astype('int32'))


@check(4)
def check_4(answer):
    """Which weights move, and when: the learner's function is handed one that trains."""
    net, data, path = LineNet(WORDS), labelled(), []
    net.initialize(init.Normal(.3), ctx=devices())
    net.hybridize(static_alloc=True)
    net(np.array(data[:2][0]))
    start = weights(net.features)[0], weights(net.output)

    def learn(given):
        if given is not net:
            raise Wrong('learn was called with another network: hand it net.')
        before = weights(net.features)[0], weights(net.output)
        if not learning(net):
            raise Wrong('When learn was called, everything was frozen: the head must always learn.')
        fit_quietly(lambda x, y: cross_entropy(net(x), y), data, size=16, updates=20,
                    trainer=gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .5}))
        path.append((before, (weights(net.features)[0], weights(net.output))))

    answer(net, learn)
    if len(path) != 2:
        raise Wrong(f'learn was called {len(path)} time{"s" * (len(path) != 1)}; call it twice: once with a '
                    'frozen table, once with one that learns.')
    (first_before, first), (second_before, second) = path
    _untouched_between(start, first_before, first, second_before, (weights(net.features)[0],
                                                                   weights(net.output)), second)
    if not numpy.array_equal(first_before[0], first[0]):
        raise Wrong('The table moved while the head learned for the first time: freeze net.features before '
                    'the first call.')
    if not all(moved(first_before[1], first[1])) or not all(moved(second_before[1], second[1])):
        raise Wrong('The head did not learn both times: freeze net.features alone, not the network.')
    rows = (second_before[0] != second[0]).any(axis=1)
    if not rows.any():
        raise Wrong('The table never learned: unfreeze it before the second call.')
    return (f'first the head alone, then {rows.sum()} rows of the table too; the other {(~rows).sum()} words '
            'are in no labelled line, and their rows stayed where they were')


def _untouched_between(*states):
    """Has nothing but learn changed a weight? States come in pairs that must be equal."""
    for (table, head), (later_table, later_head) in zip(states[::2], states[1::2], strict=True):
        if not numpy.array_equal(table, later_table) or any(moved(head, later_head)):
            raise Wrong('Weights changed outside of learn: start nothing anew, only freeze and unfreeze.')


# ---- 5: a word that no table knows -------------------------------------------------------------------------

_STEMS = ('norm', 'drift', 'plank', 'mosel', 'trog', 'brim', 'lund', 'kepal', 'stor', 'gilt', 'dabo', 'runek')
_ENDINGS = ('', 's', 'ing', 'ed', 'able', 'ment', 'ness', 'ally')


@functools.cache
def language():
    """An invented language: a word is a stem with an ending, its vector mostly that of the stem.

    Returns
    -------
    words : list of str
        Those that have a row.
    rows : numpy.ndarray, shape (words, 8)
        Of length 1.
    hidden : dict of str to numpy.ndarray
        Words that have none in the table, and what their vectors would be.
    """
    rng = numpy.random.default_rng(8)
    # Hidden data are the same language, turned round: no cosine changes, so that what is right stays right
    turn = numpy.linalg.qr(numpy.random.default_rng(varied(8)).standard_normal((SIZE, SIZE)))[0]
    stems, endings = (dict(zip(parts, size * rng.standard_normal((len(parts), SIZE)), strict=True))
                      for parts, size in ((_STEMS, 1), (_ENDINGS, .5)))
    every = {stem + ending: stems[stem] + endings[ending] + .1 * rng.standard_normal(SIZE)
             for stem, ending in itertools.product(_STEMS, _ENDINGS)}
    every = {word: vector / numpy.linalg.norm(vector) @ turn for word, vector in every.items()}
    out = [stem + _ENDINGS[(2 * i) % 7 + 1] for i, stem in enumerate(_STEMS)]
    words = [word for word in every if word not in out]
    return words, numpy.array([every[word] for word in words]), {word: every[word] for word in out}


def nearness(answer):
    """How near the vectors of the hidden words are to the true ones, and to those of other hidden words.

    Parameters
    ----------
    answer : callable
        As in exercise 5.

    Returns
    -------
    own, others : float
        Mean cosines.
    """
    words, rows, hidden = language()
    found = numpy.array([_vector(answer(word, list(words), rows.copy())) for word in hidden])
    cosines = found / numpy.maximum(numpy.linalg.norm(found, axis=1, keepdims=True), 1e-9) @ numpy.array(
        list(hidden.values())).T
    n = len(hidden)
    return float(cosines.trace() / n), float((cosines.sum() - cosines.trace()) / (n * (n - 1)))


def _vector(value):
    value = as_numpy(returned(value, ARRAY, 'a vector, a NumPy array'))
    if value.shape != (SIZE,):
        raise Wrong(f'A vector here has {SIZE} numbers; your array has the shape {value.shape}.')
    if not numpy.isfinite(value).all():
        raise Wrong('The vector is no finite number: was something divided by 0? Where no piece of the word '
                    'is known, return zeros.')
    return value


@check(5)
def check_5(answer):
    """Hidden words of an invented language, one of them misspelt, and one of which nothing is known."""
    words, rows, hidden = language()
    if (_vector(answer('qqqqqq', list(words), rows.copy())) != 0).any():
        raise Wrong("No piece of 'qqqqqq' stands in any known word, so nothing is known of it: return zeros.")
    first = numpy.array([answer(word, list(words), rows.copy()) for word in hidden])
    mistake = known_mistake(first, [
        (numpy.zeros_like(first), 'Every unknown word gets zeros: use the pieces that it shares with known '
                                  'words.'),
        (numpy.repeat(rows.mean(axis=0)[None], len(first), 0),
         'Every unknown word gets the mean of all words: use only those that share a piece with it.')])
    if mistake:
        raise Wrong(mistake)
    own, others = nearness(answer)
    if own < .7 or own - others < .6:
        raise Wrong(f'The cosine with the true vector is {own:.2f} in the mean, with those of other hidden '
                    f'words {others:.2f}: they are to be at least .70, and .60 lower. Single letters and '
                    'pairs stand in almost every word; pieces of three to six letters tell more.')
    word = next(word for word in hidden if word.startswith('mosel'))
    misspelt = _vector(answer(word.replace('mosel', 'moselx'), list(words), rows.copy()))
    if misspelt @ hidden[word] < .5 * numpy.linalg.norm(misspelt) or not misspelt.any():
        raise Wrong(f'With one letter more, {word.replace("mosel", "moselx")!r}, nothing is left of the '
                    'word: take all pieces of three to six letters, wherever they stand.')
    return f'the cosine with the true vector is {own:.2f} in the mean, with those of other words {others:.2f}'


# ---- 6: a study of two texts -------------------------------------------------------------------------------

_NEAR_TEXT = 300_000  # words


@check(6)
def check_6(answer):
    """Two texts, frozen and fine-tuned, with as much text, as many labelled lines, as many updates."""
    plan = answer()
    told = fair(plan, {'arm': ('near', 'far'), 'table': ('frozen', 'fine-tuned')},
                {'updates': ('updates',), 'labelled lines': ('lines',), 'words of text': ('text',)})
    if plan['arms'][0]['text'] > _NEAR_TEXT:
        raise Wrong(f'Of the near text there are {_NEAR_TEXT:,} words, not {plan["arms"][0]["text"]:,}: cut '
                    'both texts to what the shorter one has.')
    return told


# ---- 7: weights that help, and harm ------------------------------------------------------------------------

_EACH, _SEEDS = (5, 20, 100), (-.01, 0, .01)
_INVENTED = {'topic': {'SIF weights': (.52, .6, .64), 'plain mean': (.46, .55, .61)},
             'politeness': {'SIF weights': (.55, .58, .6), 'plain mean': (.58, .65, .7)}}


def two_tasks():
    """An invented study: one table of vectors, two tasks on the same letters of customers, two ways to weigh
    words.

    Returns
    -------
    dict of str to pandas.DataFrame
        For ``'topic'`` and ``'politeness'``: columns arm, each, seed, accuracy.
    """
    return {which: pandas.DataFrame([(arm, each, seed, value + shift) for arm, line in lines.items()
                                     for each, value in zip(_EACH, line, strict=True)
                                     for seed, shift in enumerate(_SEEDS)],
                                    columns=['arm', 'each', 'seed', 'accuracy'])
            for which, lines in _INVENTED.items()}


def deciding_words():
    """Of the same invented study: the words that decide, and their place by frequency in the text.

    Returns
    -------
    pandas.DataFrame
    """
    return pandas.DataFrame({
        'topic': ['invoice (2,104)', 'battery (3,870)', 'courier (5,512)', 'warranty (6,049)'],
        'politeness': ['please (61)', 'now (38)', 'you (9)', 'must (77)']})


@check(7)
def check_7(answer):
    """Both panels, and the words below them."""
    topic, polite = _INVENTED['topic'], _INVENTED['politeness']
    few, many = _EACH[0], _EACH[-1]
    reading(answer(), {
        'A': f'on politeness the plain mean is ahead at every size: {polite["plain mean"][-1]:.2f} against '
             f'{polite["SIF weights"][-1]:.2f} with {many} letters.',
        'B': f'the table is the same, and on topics the weights bring it from {topic["plain mean"][0]:.2f} '
             f'to {topic["SIF weights"][0]:.2f} with {few} letters. What differs is the question.',
        'C': '',
        'D': f'on politeness the lead of the plain mean grows, from '
             f'{polite["plain mean"][0] - polite["SIF weights"][0]:.2f} to '
             f'{polite["plain mean"][-1] - polite["SIF weights"][-1]:.2f}.'}, {
        1: 'both panels rise, so that cannot tell the two tasks apart.',
        2: 'how hard a task is does not say which words decide it.',
        3: ''})
    return ('SIF mutes frequent words; that helps where rare ones decide, and harms where frequent ones do')
