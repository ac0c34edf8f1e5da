"""The checks of exercises 8: right answers pass, likely wrong ones get the sentence that helps."""
from d2lhelpers import freeze, unfreeze
from d2lhelpers.exercises import e08, variants

import numpy
import pytest
from mxnet import init

# ---- 1: rows by word


def zeros(words, rows):
    return numpy.zeros((len(words), rows.shape[1]), rows.dtype)


def filled(words, source, rows, unknown):
    number = {word: i for i, word in enumerate(source)}
    return numpy.array([rows[number[word]] if word in number else unknown(rows) for word in words])


def by_number(words, source, rows):
    found = zeros(words, rows)
    found[:len(rows)] = rows[:len(words)]
    return found


def one_after_the_other(words, source, rows):
    found, known = zeros(words, rows), [rows[source.index(word)] for word in words if word in source]
    found[:len(known)] = known
    return found


def source_order(words, source, rows):
    found, known = zeros(words, rows), [rows[source.index(word)] for word in source if word in words]
    found[:len(known)] = known
    return found


def alphabetical(words, source, rows):
    return filled(sorted(words), source, rows, lambda rows: 0 * rows[0])


def changed(words, source, rows):
    rows[0] = 0
    return rows


def by_loops(words, source, rows):
    """Another style, with lists."""
    return numpy.stack([rows[source.index(word)] if word in source else numpy.zeros(rows.shape[1])
                        for word in words])


WRONG_1 = [
    (by_number, 'copied by number'), (one_after_the_other, 'one after the other'),
    (source_order, 'order of the source'), (alphabetical, 'alphabetical order'),
    (changed, 'changed the rows of the source'),
    (lambda words, source, rows: filled(words, source, rows, lambda rows: rows.mean(axis=0)),
     'Unknown ones are to have zeros'),
    (lambda words, source, rows: filled(words, source, rows,
                                        lambda rows: numpy.random.standard_normal(rows.shape[1])),
     'Unknown ones are to have zeros'),
    (lambda words, source, rows: rows[[source.index(word) for word in words if word in source]],
     'one row for every target word'),
    (lambda words, source, rows: zeros(words, rows), 'Row i of the result'),
    (lambda words, source, rows: None if words else 0, 'returned nothing'),
]


# ---- 2: the vector of a line

def summed(rows, weights, numbers, mask=True):
    weight = weights[numbers] * ((numbers > 0) if mask else 1)
    return (rows[numbers] * weight[:, :, None]).sum(axis=1)


def unit(total):
    return total / numpy.maximum(numpy.linalg.norm(total, axis=1, keepdims=True), 1e-9)


def words_alone(rows, weights, numbers):
    """Another style: line by line."""
    found = numpy.zeros((len(numbers), rows.shape[1]))
    for vector, line in zip(found, numbers, strict=True):
        for number in line[line > 0]:
            vector += weights[number] * rows[number]
        if vector.any():
            vector /= numpy.sqrt((vector ** 2).sum())
    return found


def first_words(rows, weights, numbers):
    """Reads a line only up to its first 0."""
    numbers = numbers * numpy.cumprod(numbers > 0, axis=1)
    return unit(summed(rows, weights, numbers))


WRONG_2 = [
    (lambda r, w, n: unit(summed(r, w, n, mask=False)), 'Number 0 is no word'),
    (lambda r, w, n: unit(summed(r, 0 * w + 1, n)), 'All words count the same'),
    (lambda r, w, n: unit(summed(r, 0 * w + 1, n, mask=False)), 'Neither are the words weighted'),
    (summed, 'This is the weighted sum'),
    (lambda r, w, n: summed(r, w, n) / numpy.maximum(1, (n > 0).sum(axis=1, keepdims=True)),
     'a mean over the words'),
    (lambda r, w, n: summed(r, w, n) / n.shape[1], 'padding included'),
    (lambda r, w, n: summed(r, w, n) / numpy.linalg.norm(summed(r, w, n), axis=1, keepdims=True),
     '0 was divided by 0'),
    (first_words, 'the sum of weight times row'),
    (lambda r, w, n: unit(summed(r, w, n[:, :6])), 'in another order, and with more padding'),
    (lambda r, w, n: unit(summed(r, w, n))[0], 'one vector for each line'),
]


# ---- 3: PPMI

def ratio(counts):
    times = counts.sum(axis=1)
    return counts * counts.sum() / numpy.maximum(numpy.outer(times, times), 1e-12)


def logarithm(values):
    return numpy.log(numpy.where(values > 0, values, 1))


def by_scalars(counts):
    """Another style: number by number."""
    found, total = numpy.zeros(counts.shape), counts.sum()
    for i, row in enumerate(counts):
        for j, n in enumerate(row):
            if n:
                found[i, j] = max(0, numpy.log((n / total) / (row.sum() / total * counts[j].sum() / total)))
    return found


WRONG_3 = [
    (lambda counts: numpy.log(ratio(counts)), 'the logarithm of 0'),
    (lambda counts: logarithm(ratio(counts)), 'Right before the last step'),
    (lambda counts: numpy.maximum(0, logarithm(ratio(counts))) / numpy.log(2), 'base 2'),
    (ratio, 'take the logarithm'),
    (lambda counts: counts / numpy.maximum(1, counts.sum(axis=1, keepdims=True)), 'given the word'),
    (lambda counts: numpy.log1p(counts), 'compare with chance'),
    (lambda counts: numpy.maximum(0, logarithm(ratio(counts) * counts.sum())), 'Shares and counts'),
    (lambda counts: numpy.maximum(0, logarithm(ratio(counts + .5))), 'The value of two words'),
]


# ---- 4: freeze, then fine-tune

def the_other_way_round(net, learn):
    learn(net)
    freeze(net, net.features)
    learn(net)


def never_frozen(net, learn):
    learn(net)
    learn(net)


def always_frozen(net, learn):
    freeze(net, net.features)
    learn(net)
    learn(net)


def head_frozen(net, learn):
    freeze(net, net.features)
    learn(net)
    unfreeze(net, net.features)
    freeze(net, net.output)
    learn(net)


def a_new_table(net, learn):
    freeze(net, net.features)
    learn(net)
    net.features.initialize(init.Normal(.1), force_reinit=True)
    unfreeze(net, net.features)
    learn(net)


def all_frozen(net, learn):
    freeze(net, net)
    learn(net)


def by_grad_req(net, learn):
    """Another style: a table has no statistics, so this is enough."""
    for request in ('null', 'write'):
        net.features.collect_params().setattr('grad_req', request)
        learn(net)


WRONG_4 = [
    (the_other_way_round, 'freeze net.features before the first call'),
    (never_frozen, 'freeze net.features before the first call'),
    (always_frozen, 'unfreeze it before the second call'), (head_frozen, 'The head did not learn both times'),
    (a_new_table, 'outside of learn'), (all_frozen, 'everything was frozen'),
    (lambda net, learn: learn(net), 'call it twice'),
    (lambda net, learn: learn(net.output), 'another network'),
]


# ---- 5: a word that no table knows

def from_pieces(*lengths):
    def vector(word, words, rows):
        pieces = {word[i:i + n] for n in lengths for i in range(len(word) - n + 1)}
        found = [rows[[i for i, known in enumerate(words) if piece in known]] for piece in pieces]
        means = [each.mean(axis=0) for each in found if len(each)]
        return numpy.mean(means, axis=0) if means else numpy.zeros(rows.shape[1])
    return vector


def of_the_stem(word, words, rows):
    """Knows the endings of this language, and nothing of a stem with a letter too many."""
    stem = next((word.removesuffix(ending) for ending in ('s', 'ing', 'ed', 'able', 'ment', 'ness', 'ally')
                 if word.endswith(ending)), word)
    near = [rows[i] for i, known in enumerate(words) if known.startswith(stem)]
    return numpy.mean(near, axis=0) if near else numpy.zeros(rows.shape[1])


def by_known_words(word, words, rows):
    """Another style: a mean of known words, weighted by how many pieces they share."""
    def pieces(word):
        return {word[i:i + n] for n in range(3, 7) for i in range(len(word) - n + 1)}
    shared = numpy.array([len(pieces(word) & pieces(known)) for known in words])
    return shared @ rows / max(1, shared.sum())


WRONG_5 = [
    (lambda word, words, rows: numpy.zeros(rows.shape[1]), 'Every unknown word gets zeros'),
    (lambda word, words, rows: rows.mean(axis=0) * (word[0] != 'q'), 'the mean of all words'),
    (lambda word, words, rows: rows.mean(axis=0), 'nothing is known of it'),
    (lambda word, words, rows: from_pieces(1)(word, words, rows) * (word[0] != 'q'),
     'Single letters and pairs'),
    (of_the_stem, 'nothing is left of the word'),
    (lambda word, words, rows: rows, 'your array has the shape'),
    (lambda word, words, rows: rows[[word[:4] in known for known in words]].mean(axis=0) * numpy.nan,
     'no finite number'),
]


def test_the_hidden_language_is_the_same_one_turned_round(monkeypatch):
    seen = e08.language()[1]
    monkeypatch.setattr(variants, '_hidden', 7)
    hidden = e08.language.__wrapped__()[1]
    assert abs(seen - hidden).max() > .1  # nobody knows the numbers by heart
    assert numpy.allclose(seen @ seen.T, hidden @ hidden.T)  # and what is near stays near


# ---- 6: a study of two texts

def plan(arms=('near', 'far'), tables=('frozen', 'fine-tuned'), text=None, lines=20, updates=None,
         lrs=(.1, .3, 1, 3), seeds=(1, 2, 3), choose_by='validation'):
    return lambda: {
        'arms': [{'arm': arm, 'table': table, 'updates': (updates or {}).get(table, 300), 'lines': lines,
                  'text': (text or {}).get(arm, 300_000)} for arm in arms for table in tables],
        'grid': [{'lr': lr} for lr in lrs], 'seeds': list(seeds), 'choose_by': choose_by}


WRONG_6 = [
    (plan(text={'far': 2_000_000}), 'words of text: 2000000 with'),
    (plan(text={'near': 2_000_000, 'far': 2_000_000}), 'there are 300,000 words, not 2,000,000'),
    (plan(updates={'fine-tuned': 900}), 'updates: 900'),
    (plan(tables=('frozen',)), "table = 'fine-tuned'"), (plan(arms=('near', 'middle')), "'middle'"),
    (plan(choose_by='test'), 'test accuracy'), (plan(seeds=(1,)), '1 seed'),
]


# ---- 7: weights that help, and harm

def told(*answer):
    return lambda: answer


WRONG_7 = [
    (told('A', 3), 'the plain mean is ahead at every size'), (told('B', 3), 'What differs is the question'),
    (told('D', 3), 'the lead of the plain mean grows'), (told('C', 1), 'both panels rise'),
    (told('C', 2), 'does not say which words decide'), (lambda: 'C', 'returned'),
]

WRONG = {number: globals()[f'WRONG_{number}'] for number in range(1, 8)}


@pytest.mark.parametrize('number', WRONG)
def test_the_solution_is_right(said, solutions, number):
    assert said(number, solutions[number]).startswith(f'Exercise {number}: right: ')


@pytest.mark.parametrize(('number', 'answer', 'sentence'),
                         [(number, *each) for number, wrong in WRONG.items() for each in wrong])
def test_a_wrong_answer_gets_the_sentence_that_helps(said, number, answer, sentence):
    told = said(number, answer)
    assert told.startswith(f'Exercise {number}: not yet.') and sentence in told


@pytest.mark.parametrize(('number', 'answer'), [
    (1, by_loops), (2, words_alone), (3, by_scalars), (4, by_grad_req), (5, by_known_words),
    (5, from_pieces(3, 4, 5)), (6, plan()), (6, plan(text={'near': 100, 'far': 100}, seeds=range(5))),
    (7, lambda: ['c', '3'])])
def test_other_ways_that_are_as_good_are_right_too(said, number, answer):
    assert said(number, answer).startswith(f'Exercise {number}: right: ')


def test_what_the_figure_shows_is_what_the_check_judges():
    tasks = e08.two_tasks()
    means = {name: table.groupby('arm')['accuracy'].mean() for name, table in tasks.items()}
    assert means['topic']['SIF weights'] > means['topic']['plain mean']
    assert means['politeness']['SIF weights'] < means['politeness']['plain mean']
