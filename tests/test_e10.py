"""The checks of exercises 10: right answers pass, likely wrong ones get the sentence that helps."""
import numpy
import pytest
from scipy import special, stats

# ---- 1: near-duplicates across a split


def cosines(features, train, test):
    unit = features / numpy.linalg.norm(features, axis=1, keepdims=True)
    return unit[test] @ unit[train].T


def keep(features, train, test, cut):
    return test[cosines(features, train, test).max(axis=1) <= cut]


def without_length(features, train, test, cut):
    return test[(features[test] @ features[train].T).max(axis=1) <= cut]


def within_the_test(features, train, test, cut):
    near = cosines(features, test, test)
    numpy.fill_diagonal(near, -1)
    return test[(near.max(axis=1) <= cut) & (cosines(features, train, test).max(axis=1) <= cut)]


def by_loops(features, train, test, cut):
    """Another style, a list."""
    def cosine(i, j):
        return features[i] @ features[j] / numpy.sqrt(features[i] @ features[i] * (features[j] @ features[j]))
    return [i for i in test if all(cosine(i, j) <= cut for j in train)]


WRONG_1 = [
    (lambda f, train, test, cut: test[cosines(f, train, test).max(axis=1) > cut],
     'have a twin; return those'),
    (lambda f, train, test, cut: numpy.flatnonzero(cosines(f, train, test).max(axis=1) <= cut),
     'Places in the array test'),
    (lambda f, train, test, cut: train[cosines(f, train, test).max(axis=0) <= cut],
     'There are training pictures'),
    (within_the_test, 'That is no leak'), (without_length, 'brought to length 1'),
    (lambda f, train, test, cut: test, 'still there'),
    (lambda f, train, test, cut: keep(f, train, test, .3), 'without any twin was taken out'),
    (lambda f, train, test, cut: None, 'returned nothing')]


# ---- 2: which network is better?

def paired(a, b):
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    if only_a == only_b or stats.binomtest(only_a, only_a + only_b).pvalue >= .05:
        return None
    return 'a' if only_a > only_b else 'b'


def by_means(a, b):
    return 'a' if a.mean() > b.mean() else 'b'


def at(limit, side='two-sided'):
    """Another limit, or one side alone."""
    def judge(a, b):
        counts = [('a', int((a & ~b).sum())), ('b', int((b & ~a).sum()))]
        better, most = max(counts, key=lambda each: each[1])
        total = counts[0][1] + counts[1][1]
        return better if total and stats.binomtest(most, total, alternative=side).pvalue < limit else None
    return judge


def two_intervals(a, b):
    """Better where the 95 % intervals of the two do not touch."""
    one, other = (stats.binomtest(int(x.sum()), len(x)).proportion_ci(method='wilson') for x in (a, b))
    return 'a' if one.low > other.high else 'b' if other.low > one.high else None


WRONG_2 = [
    (by_means, 'Nothing can be told'), (two_intervals, 'Two intervals, one for each network'),
    (lambda a, b: None if len(a) < 100 else by_means(a, b), 'that is luck'),
    (at(.05, 'greater'), 'in one of 13 trials'), (at(.1), 'in one of 13 trials'),
    (at(.01), '4 of 100 trials'),
    (lambda a, b: None, "return 'a'"), (lambda a, b: paired(b, a), "return 'a'"),
    (lambda a, b: a.mean() > b.mean(), "it is to return 'a', 'b' or None")]


# ---- 3: a threshold

def of_answers(part, threshold):
    p, labels = part
    return (p.argmax(axis=1) == labels)[p.max(axis=1) >= threshold].mean()


def lowest(part, right):
    return next(limit for limit in numpy.sort(part[0].max(axis=1)) if of_answers(part, limit) >= right)


def threshold(held, test, right):
    limit = lowest(held, right)
    return limit, of_answers(test, limit)


def both_parts(held, test, right):
    limit = lowest([numpy.concatenate(two) for two in zip(held, test, strict=True)], right)
    return limit, of_answers(test, limit)


def all_of_the_test(held, test, right):
    return lowest(held, right), of_answers(test, 0)


def divided_by_all(held, test, right):
    limit = lowest(held, right)
    return limit, of_answers(test, limit) * (test[0].max(axis=1) >= limit).mean()


WRONG_3 = [
    (lambda held, test, right: threshold(test, test, right), 'chosen on the test'),
    (both_parts, 'chosen on the test'),
    (lambda held, test, right: (.97, of_answers(test, .97)), 'more unanswered than needed'),
    (lambda held, test, right: (.4, of_answers(test, .4)), 'at least so many'),
    (lambda held, test, right: (lowest(held, right), of_answers(held, lowest(held, right))), 'it flatters'),
    (all_of_the_test, 'count only those that are answered'),
    (divided_by_all, 'divide by the number of answers given'),
    (lambda held, test, right: threshold(held, test, .85), 'is to be higher'),
    (lambda held, test, right: lowest(held, right), 'it is to return')]


# ---- 4: an export

def same(ours, theirs, pictures, limit=1e-4):
    return bool((numpy.abs(ours(pictures) - theirs(pictures)) <= limit).all())


def same_class(ours, theirs, pictures):
    return bool((ours(pictures).argmax(axis=1) == theirs(pictures).argmax(axis=1)).all())


WRONG_4 = [
    (lambda ours, theirs, x: True, 'forgot to bring the colours'),
    (lambda ours, theirs, x: same(ours, theirs, x, .5), 'ten times what may pass'),
    (lambda ours, theirs, x: same(ours, theirs, x, 1e-5), 'which the question lets pass'),
    (lambda ours, theirs, x: bool((ours(x) == theirs(x)).all()), 'let it pass'),
    (same_class, 'compare scores, not classes'),
    (lambda ours, theirs, x: same(ours, theirs, x[:1]), 'compare on all'),
    (lambda ours, theirs, x: not (numpy.abs(ours(x) - theirs(x)) > 1e-4).any(), 'is nan'),
    (lambda ours, theirs, x: same(ours, theirs, x.mean(axis=3, keepdims=True).repeat(3, axis=3)),
     'pictures in colour'),
    (lambda ours, theirs, x: numpy.abs(ours(x) - theirs(x)).max(), 'True or False')]


# ---- 5: what the folder says

def in_words(told, scores, p=None, sure=None):
    p = special.softmax(scores / told['temperature'], axis=1) if p is None else p
    sure = p.max(axis=1) if sure is None else sure
    return [told['classes'][k] if s >= told['threshold'] else None
            for k, s in zip(p.argmax(axis=1), sure, strict=True)]


WRONG_5 = [
    (lambda told, x: in_words(told, x, special.softmax(x, axis=1)), 'temperature, 2, is left aside'),
    (lambda told, x: in_words(told, x, sure=x.max(axis=1)), 'softmax first'),
    (lambda told, x: [told['classes'][k] for k in x.argmax(axis=1)], 'Every picture got a class'),
    (lambda told, x: [None if each else told['classes'][k] for each, k in
                      zip(in_words(told, x), x.argmax(axis=1), strict=True)], 'other way round'),
    (lambda told, x: in_words(told, x)[:-1], 'one for each'),
    (lambda told, x: in_words({**told, 'classes': told['classes'][::-1]}, x), 'name of the likeliest class'),
    (lambda told, x: None, 'returned nothing')]


# ---- 6: a study of strategies

def plan(**changes):
    first = {'frozen': 100, 'fine-tuned': 50, 'scratch': 0}
    arms = [{'arm': arm, 'target': target, 'head first': first[arm], 'updates': 100 - first[arm],
             'pictures': 10} for arm in first for target in ('near', 'far')]
    return {'arms': arms, 'grid': [{'lr': lr} for lr in (.003, .01, .03)], 'seeds': [1, 2, 3],
            'choose_by': 'validation', **changes}


def arms(**changes):
    """The plan's arms, other where they are scratch."""
    return [{**arm, **(changes if arm['arm'] == 'scratch' else {})} for arm in plan()['arms']]


WRONG_6 = [
    (lambda: plan(arms=arms(updates=200)), 'updates: 200'),
    (lambda: plan(arms=arms(pictures=50)), 'labelled pictures: 50'),
    (lambda: plan(arms=plan()['arms'][:-1]), 'There is no arm'),
    (lambda: plan(arms=[{**arm, 'head first': 100, 'updates': 0} for arm in plan()['arms']]),
     'trains its head alone'),
    (lambda: plan(arms=[{**arm, 'head first': 0, 'updates': 100} for arm in plan()['arms']]),
     'moves its backbone'),
    (lambda: plan(choose_by='test'), 'luckiest on the test'), (lambda: plan(seeds=[1]), 'Take three or more')]


# ---- 7: two tests

WRONG_7 = [(lambda: ('A', 2), 'behind at every size'), (lambda: ('B', 2), 'ahead from 80'),
           (lambda: ('D', 2), 'the frozen one too'), (lambda: ('C', 1), 'does not say whom to take'),
           (lambda: ('C', 3), 'in one panel alone')]


RIGHT = [(1, keep), (1, by_loops), (2, paired), (3, threshold), (4, same), (5, in_words), (6, plan),
         (7, lambda: ('C', 2))]


@pytest.mark.parametrize('number, answer', RIGHT)
def test_right_answers_pass(said, number, answer):
    assert f'Exercise {number}: right: ' in said(number, lambda *given: answer(*given))


@pytest.mark.parametrize('number', range(1, 8))
def test_the_solution_passes(said, solutions, number):
    assert f'Exercise {number}: right: ' in said(number, solutions[number])


@pytest.mark.parametrize('number, answer, sentence', [
    (number, *wrong) for number, wrongs in enumerate(
        (WRONG_1, WRONG_2, WRONG_3, WRONG_4, WRONG_5, WRONG_6, WRONG_7), start=1) for wrong in wrongs])
def test_wrong_answers_get_the_sentence_that_helps(said, number, answer, sentence):
    told = said(number, lambda *given: answer(*given))
    assert 'not yet' in told and sentence in told
