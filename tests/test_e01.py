"""The checks of lesson 1's exercises: right answers (those of the solution notebook), and wrong ones that
somebody might well give.
"""
import itertools

from d2lhelpers import backbones, freeze, new_head, outputs, seed_all, true_copy
from d2lhelpers.exercises import drawn, e01

import numpy
import pytest
import sklearn.metrics
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

METHODS = ('fine-tuned', 'scratch')


def test_the_solutions_are_right_in_any_order_and_repeatedly(said, solutions):
    first = {number: said(number, solutions[number]) for number in (6, 3, 7, 8, 5, 4, 2, 1)}
    for number, sentence in first.items():
        assert f'Exercise {number}: right: ' in sentence
    seed_all(7)
    with autograd.record():  # as a learner's last cell may have left it
        assert {number: said(number, solutions[number])
                for number in (3, 4, 5, 6, 7, 8)} == {number: first[number] for number in (3, 4, 5, 6, 7, 8)}


def test_nothing_an_answer_does_reaches_the_next_check(said, solutions):
    def spoil(source_net, *_):
        for parameter in source_net.collect_params().values():
            parameter.set_data(parameter.data() * 0)
        freeze(source_net, source_net.features)
        return new_head(true_copy(source_net), 5)

    assert 'not yet' in said(3, spoil) and 'not yet' in said(4, spoil)
    assert 'right' in said(3, solutions[3]) and 'right' in said(4, solutions[4])
    data = drawn.hotdog()
    assert numpy.bincount(data.test.labels).tolist() == [200, 200]


# ---- 1 -----------------------------------------------------------------------------------------------------

def the_best(train_at, rates, scratch):
    return max(rates, key=train_at)


def first_not_above_scratch(train_at, rates, scratch):
    return next(lr for lr in rates if train_at(lr) <= scratch)


def the_first_fall(train_at, rates, scratch):
    return next(high for low, high in zip(rates, rates[1:], strict=False) if train_at(high) < train_at(low))


def the_highest(train_at, rates, scratch):
    return min(reversed(rates), key=train_at)


def the_accuracy(train_at, rates, scratch):
    return min(train_at(lr) for lr in rates)


def guessed(train_at, rates, scratch):
    return .1


def from_a_list_of_its_own(train_at, rates, scratch):
    return next(lr for lr in (.01, .02, .05) if train_at(lr) <= scratch)


def below_scratch(train_at, rates, scratch):
    reached = [train_at(lr) for lr in rates]
    best = reached.index(max(reached))
    return next(lr for lr, share in zip(rates[best:], reached[best:], strict=True) if share < scratch)


def from_the_top(train_at, rates, scratch):
    lost = rates[-1]
    for lr in reversed(rates):
        if train_at(lr) > scratch:
            return lost
        lost = lr


def up_to_the_first_loss(train_at, rates, scratch):
    won = False
    for lr in rates:
        if won and train_at(lr) <= scratch:
            return lr
        won = won or train_at(lr) > scratch


def the_steepest_fall(train_at, rates, scratch):
    reached = [train_at(lr) for lr in rates]
    return rates[max(range(1, len(rates)), key=lambda i: reached[i - 1] - reached[i])]


def the_place(train_at, rates, scratch):
    return rates.index(below_scratch(train_at, rates, scratch))


def forgot_return(train_at, rates, scratch):
    max(rates, key=train_at)


# ---- 2 -----------------------------------------------------------------------------------------------------

def chosen_by_test(train, test, rates):
    return {method: max(test(train(method, lr)[0]) for lr in rates) for method in METHODS}


def one_rate_for_both(train, test, rates):
    nets = {(method, lr): train(method, lr) for method in METHODS for lr in rates}
    best = max(rates, key=lambda lr: nets['fine-tuned', lr][1])
    return {method: test(nets[method, best][0]) for method in METHODS}


def only_one_tuned(train, test, rates):
    best = max(rates, key=lambda lr: train('fine-tuned', lr)[1])
    return {method: test(train(method, best)[0]) for method in METHODS}


def validation_reported(train, test, rates):
    return {method: max(train(method, lr)[1] for lr in rates) for method in METHODS}


def worst_chosen(train, test, rates):
    return {method: test(min((train(method, lr) for lr in rates), key=lambda pair: pair[1])[0])
            for method in METHODS}


def pair_tested(train, test, rates):
    return {method: test(max((train(method, lr) for lr in rates), key=lambda pair: pair[1]))
            for method in METHODS}


def other_names(train, test, rates):
    return {name: test(max((train(method, lr) for lr in rates), key=lambda pair: pair[1])[0])
            for name, method in zip(('ft', 'scratch'), METHODS, strict=True)}


def a_list(train, test, rates):
    return [test(max((train(method, lr) for lr in rates), key=lambda pair: pair[1])[0]) for method in METHODS]


# ---- 3 -----------------------------------------------------------------------------------------------------

def half_frozen(source_net, classes):
    net = new_head(true_copy(source_net), classes)
    net.features.collect_params().setattr('grad_req', 'null')
    return net


def rate_zero(source_net, classes):
    net = new_head(true_copy(source_net), classes)
    net.features.collect_params().setattr('lr_mult', 0)
    return net


def shared(source_net, classes):
    net = backbones.build(drawn.source().name, classes)
    net.features = source_net.features
    freeze(net, net.features)
    return net


def the_source_itself(source_net, classes):
    freeze(source_net, source_net.features)
    return new_head(source_net, classes)


def the_original_frozen(source_net, classes):
    freeze(source_net, source_net.features)
    return new_head(true_copy(source_net), classes)


def not_frozen(source_net, classes):
    return new_head(true_copy(source_net), classes)


def all_frozen(source_net, classes):
    net = new_head(true_copy(source_net), classes)
    freeze(net, net)
    return net


def built_anew(source_net, classes):
    net = backbones.build(drawn.source().name, classes)
    freeze(net, net.features)
    return net


def old_head(source_net, classes):
    net = true_copy(source_net)
    freeze(net, net.features)
    return net


def head_without_weights(source_net, classes):
    net = true_copy(source_net)
    net.output = gluon.nn.Dense(classes, in_units=net.output.weight.shape[1])
    freeze(net, net.features)
    return net


# ---- 4 -----------------------------------------------------------------------------------------------------

def a_typed_number(source_net, names, pictures):
    return outputs(source_net, pictures)[:, drawn.source().classes.index('hotdog')]


def another_row(source_net, names, pictures):
    return outputs(source_net, pictures)[:, 713 % len(names)]


def the_answer(source_net, names, pictures):
    return outputs(source_net, pictures).argmax(axis=1) == names.index('hotdog')


def all_rows(source_net, names, pictures):
    return outputs(source_net, pictures)


def turned_round(source_net, names, pictures):
    return -outputs(source_net, pictures)[:, names.index('hotdog')]


def the_weights(source_net, names, pictures):
    return source_net.output.weight.data()[names.index('hotdog')]


def probability(source_net, names, pictures):
    return npx.softmax(outputs(source_net, pictures))[:, names.index('hotdog')].asnumpy().tolist()


# ---- 5 -----------------------------------------------------------------------------------------------------

RATES = {'pretrained': [{'lr': .001}, {'lr': .003}, {'lr': .01}],
         'scratch': [{'lr': .01}, {'lr': .03}, {'lr': .1}]}


def plan(**changed):
    """A fair plan, with some of its parts changed."""
    arms = [{'arm': arm, 'head': head, 'pictures': 100, 'updates': 20} for arm in RATES for head in (1, 10)]
    return {'arms': arms, 'grid': RATES, 'seeds': [1, 2, 3], 'choose_by': 'validation', **changed}


def with_arm(i, **changed):
    """The fair plan, with one of its arms changed."""
    arms = plan()['arms']
    arms[i] = {**arms[i], **changed}
    return plan(arms=arms)


def as_the_lesson_has_it():
    arms = plan()['arms']
    return plan(arms=[arms[1], arms[2]])


def without_the_fast_head():
    return plan(arms=plan()['arms'][:1] + plan()['arms'][2:])


# ---- 6 -----------------------------------------------------------------------------------------------------

def plain_accuracy(truth, answers):
    return (truth == answers).mean()


def of_those_answered_so(truth, answers):
    return numpy.mean([(truth[answers == k] == k).mean() if (answers == k).any() else 0
                       for k in numpy.unique(truth)])


def two_classes_only(truth, answers):
    return ((answers[truth == 0] == 0).mean() + (answers[truth == 1] == 1).mean()) / 2


def hotdogs_found(truth, answers):
    return (answers[truth == 0] == 0).mean()


def empty_classes_count(truth, answers):
    classes = range(max(truth.max(), answers.max()) + 1)
    return sum((answers[truth == k] == k).mean() for k in classes if (truth == k).any()) / len(classes)


@numpy.errstate(all='ignore')
def empty_classes_are_nan(truth, answers):
    return numpy.mean([(answers[truth == k] == k).sum() / (truth == k).sum() for k in range(truth.max() + 1)])


def box(rows, similar, pictures, far):
    kind = rows[rows['world'] == ('similar' if similar else 'different')]
    return kind[kind['pictures'] == min(kind['pictures'], key=lambda n: far(n, pictures))]


def ratio(a, b):
    return max(a, b) / min(a, b)


def by_difference(rows, similar, pictures):
    return box(rows, similar, pictures, lambda a, b: abs(a - b)).groupby('arm')['validation'].mean().idxmax()


def chosen_on_test(rows, similar, pictures):
    return box(rows, similar, pictures, ratio).groupby('arm')['test'].mean().idxmax()


def best_row(rows, similar, pictures):
    near = box(rows, similar, pictures, ratio)
    return near.loc[near['validation'].idxmax(), 'arm']


def all_sizes(rows, similar, pictures):
    kind = rows[rows['world'] == ('similar' if similar else 'different')]
    return kind.groupby('arm')['validation'].mean().idxmax()


def other_kind(rows, similar, pictures):
    return one_loop(rows, not similar, pictures)


def both_kinds(rows, similar, pictures):
    near = rows[rows['pictures'] == min(rows['pictures'], key=lambda n: ratio(n, pictures))]
    return near.groupby('arm')['validation'].mean().idxmax()


def one_of_its_own(rows, similar, pictures):
    return 'frozen' if similar else 'scratch'


def one_loop(rows, similar, pictures):
    """In plain Python."""
    shares = {}
    for row in box(rows, similar, pictures, ratio).to_dict('records'):
        shares.setdefault(row['arm'], []).append(row['validation'])
    return max(shares, key=lambda arm: sum(shares[arm]) / len(shares[arm]))


def sorted_means(rows, similar, pictures):
    """In numbers of NumPy, and by the table's own order."""
    means = rows.groupby(['world', 'pictures', 'arm'], as_index=False)['validation'].mean()
    means['far'] = numpy.abs(numpy.log2(means['pictures'] / pictures))
    kind = means[(means['world'] == 'similar') == similar]
    return kind.sort_values(['far', 'validation'], ascending=[True, False])['arm'].iloc[0]


def in_percent(truth, answers):
    return 100 * numpy.mean([(answers[truth == k] == k).mean() for k in numpy.unique(truth)])


@pytest.mark.parametrize('number, answer, sentence', [
    (8, by_difference, "For 260 pictures and a different target your function returned 'upper layers'; by "
                       "the rows it is 'scratch'. It seems to take the number of pictures that is nearest by "
                       'difference.'),
    (8, chosen_on_test, 'It seems to choose on test pictures'), (8, best_row, 'the best single row'),
    (8, all_sizes, 'It seems to take all numbers of pictures together'),
    (8, other_kind, 'It seems to take the targets of the other kind'),
    (8, both_kinds, 'It seems to take similar and different targets together'),
    (8, one_of_its_own, "For 60 pictures and a different target your function returned 'scratch'; by the "
                        "rows it is 'upper layers'."),
    (8, lambda rows, similar, pictures: 'everything', "'everything', which is no method: the column arm has"),
    (8, lambda rows, similar, pictures: .9, 'the name of a method, such as'),
    (1, below_scratch, 'but at 0.01 it is exactly that of scratch, so it is not above it either: compare '
                       'with <='),
    (1, from_the_top, 'returned 0.3, where it is lost for the last time, after it came back in between'),
    (1, up_to_the_first_loss, 'returned 0.003, which is below the best rate, 0.01. Look only above'),
    (1, the_steepest_fall, 'returned 0.01, where it is less than the best, but still more than from scratch'),
    (1, the_place, 'returned 2, which is not one of the rates (is it a place in the list? rates[2]'),
    (1, the_best, 'Your function returned 0.001, the best rate: go on upwards from there.'),
    (1, first_not_above_scratch, 'returned 0.0001, which is below the best rate, 0.003: there accuracy '
                                 'is low since the rate is too low. Look only above'),
    (1, the_first_fall, 'returned 0.01, where it is less than the best, but still more than from scratch.'),
    (1, the_highest, 'returned 1, but it was lost before that: stop at the first'),
    (1, the_accuracy, 'returned 0.5, which is an accuracy: return the rate that has it'),
    (1, guessed, 'returned a rate without any training: call train_at(lr)'),
    (1, from_a_list_of_its_own, 'tried the learning rate 0.02, which is not in the list it was given'),
    (1, forgot_return, 'The function returned nothing; it is to return a learning rate'),
    (2, chosen_by_test, "looked at the test pictures twice for 'fine-tuned'. Choose by validation accuracy"),
    (2, one_rate_for_both, "For 'scratch' your function tested the network of rate 0.01, though 0.03 is "
                           "better on validation pictures. "
                           "0.01 is best for 'fine-tuned'; each method needs a rate of its own."),
    (2, only_one_tuned, "tried 1 of 3 learning rates for 'scratch': try all for both methods"),
    (2, validation_reported, "For 'fine-tuned' your function returned the accuracy on validation pictures; "
                             "it is to return what test says"),
    (2, worst_chosen, "tested the network of rate 0.03, though 0.01 is better on validation pictures."),
    (2, pair_tested, 'tested something that train did not return: train returns a network and its validation '
                     'accuracy'),
    (2, other_names, "has the keys ['ft', 'scratch']; it is to have the keys ['fine-tuned', 'scratch']"),
    (2, a_list, 'returned an object of type list; it is to return a dict'),
    (3, half_frozen, 'The weights of the backbone stand still, but in training it gives other features than '
                     'in use'),
    (3, rate_zero, 'takes mean and spread from each batch, and its stored statistics have moved. freeze(net, '
                   'net.features) stops that too.'),
    (3, shared, 'share layers: what trains or freezes one of them does so to the other'),
    (3, the_source_itself, 'returned the source model itself'),
    (3, the_original_frozen, 'freeze your copy of it, not the original'),
    (3, not_frozen, 'have changed: they are not frozen. Use freeze(net, net.features).'),
    (3, all_frozen, 'The head is frozen too, so nothing can learn'),
    (3, built_anew, 'does not give the features of the source model: begin with a true copy'),
    (3, old_head, 'gives an array of shape (32, 33); it is to be (32, 5)'),
    (3, head_without_weights, 'The new head has no weights yet: net.output.initialize'),
    (4, a_typed_number, 'has its classes in another order now: ask the list of names'),
    (4, another_row, 'Is it the right row? names[23] is the hotdog.'),
    (4, the_answer, 'returned only 2 different numbers, answers rather than scores'),
    (4, all_rows, 'returned an array of shape (200, 33); it is to be (200,), one score for each picture. You '
                  'return the scores of all classes'),
    (4, turned_round, 'is the sign turned round?'),
    (4, the_weights, 'returned an array of shape (128,); it is to be (200,)'),
    (5, as_the_lesson_has_it, "No two arms of the plan differ in one thing alone, so nobody can tell which "
                              "of arm and head made the difference"),
    (5, without_the_fast_head, "There is no arm with arm = 'pretrained', head = 10. So nobody can tell what "
                               "head = 10 does to 'pretrained'"),
    (5, lambda: with_arm(3, updates=200), "updates: 200 with arm = 'scratch', head = 10, but 20 with arm = "
                                          "'pretrained', head = 1"),
    (5, lambda: with_arm(0, pictures=50), 'give all arms the same'),
    (5, lambda: with_arm(0, updates=None), "has None for updates: that is to be a whole number"),
    (5, lambda: with_arm(0, head=1, arm='fine-tuned'), "has 'fine-tuned' as 'arm'; that can be pretrained "
                                                       "and scratch"),
    (5, lambda: plan(arms=[*plan()['arms'], plan()['arms'][0]]), 'that arm stands in the plan 2 times'),
    (5, lambda: plan(arms=['pretrained', 'scratch']), "'pretrained' is none"),
    (5, lambda: plan(arms=[{'arm': 'pretrained', 'head': 1}]), 'each arm is to have arm, head, pictures and '
                                                               'updates'),
    (5, lambda: plan(grid={**RATES, 'scratch': RATES['scratch'][:1]}),
     "'pretrained' may choose among 3 settings, 'scratch' among 1"),
    (5, lambda: plan(grid=[{'lr': .01}]), '1 setting to choose from: what suits one arm may be wrong'),
    (5, lambda: plan(grid=[.01, .03, .1]), "0.01, for 'pretrained', is no setting: each is a dict with lr"),
    (5, lambda: plan(grid=[{'lr': .01}, {'lr': .011}, {'lr': .012}]), 'the best one may well lie outside'),
    (5, lambda: plan(grid=[{'lr': .01}, {'lr': .01}, {'lr': .1}]), 'the same try twice is one try'),
    (5, lambda: plan(grid=[{'lr': 0}, {'lr': .01}, {'lr': .1}]), 'lr is to be a number above 0'),
    (5, lambda: plan(grid={'pretrained': RATES['pretrained']}), "no settings for 'scratch'"),
    (5, lambda: plan(seeds=[1]), '1 seed: nobody can tell a difference from luck'),
    (5, lambda: plan(seeds=[1, 1, 2]), 'it gives the same run again'),
    (5, lambda: plan(seeds=5), 'a list of their numbers'),
    (5, lambda: plan(choose_by='test'), 'its test accuracy flatters'),
    (5, lambda: plan(choose_by='training'), 'learns its pictures by heart best'),
    (5, lambda: plan(choose_by='luck'), "choose_by is 'luck'; it can be"),
    (5, lambda: {'arms': plan()['arms']}, 'The plan has no grid, seeds and choose_by'),
    (5, lambda: print(end=''), 'returned nothing; it is to return a dict'),
    (6, plain_accuracy, 'your function returned 0.950. That is plain accuracy: large classes count for '
                        'more.'),
    (6, of_those_answered_so, 'You took the share of right ones among the pictures that were *answered* so'),
    (6, two_classes_only, 'Where there are three classes, of 2, 4 and 8 pictures, the shares of right '
                          'answers in the classes are 0.5, 1, 0.25'),
    (6, hotdogs_found, 'That is the share of one class alone'),
    (6, empty_classes_count, 'A class without pictures has no share: leave it out of the mean.'),
    (6, empty_classes_are_nan, 'A class without pictures has no share: leave it out of the mean.'),
    (6, in_percent, 'your function returned 75.000. That is in percent: return a share, a number from 0 to '
                    '1.'),
    (7, lambda: ('A', 3), 'it would be right on them in use too'),
    (7, lambda: ('C', 2), 'a rate at which training fails would show there first'),
    (7, lambda: ('D', 3), 'It is the other way round.'),
    (7, lambda: ('B', 1), 'right, but not because of reason 1: That is so, and it is why we ask'),
    (7, lambda: ('B', 2), 'it looks the same in both networks'),
    (7, lambda: ('B', 4), 'it does not say why it stopped'),
    (7, lambda: 'B', 'it is to return a letter and a number'),
], ids=lambda value: getattr(value, '__name__', ''))
def test_wrong_answers(said, number, answer, sentence):
    printed = said(number, answer)
    assert f'Exercise {number}: not yet. ' in printed and sentence in printed


def upwards(train_at, rates, scratch):
    reached = 0
    for lr in rates:
        accuracy = train_at(lr)
        if accuracy > reached:
            reached, lost = accuracy, None
        elif lost is None and accuracy <= scratch:
            lost = lr
    return lost


def by_table(train, test, rates):
    best = {}
    for method, lr in itertools.product(METHODS, rates):
        net, share = train(method, lr)
        if method not in best or share > best[method][0]:
            best[method] = share, net
    return {method: np.array(test(net)) for method, (_, net) in best.items()}


def head_as_in_the_lesson(source_net, classes):
    net = true_copy(source_net)
    net.output = nn.Dense(classes, in_units=source_net.output.weight.shape[1])
    net.output.initialize(init.Xavier())
    freeze(net, net.features)
    return net


def frozen_first(source_net, classes):
    net = true_copy(source_net)
    freeze(net, net.features)
    return new_head(net, classes)


def by_hand(source_net, names, pictures):
    features = source_net.features(pictures)
    row = list(names).index('hotdog')
    return np.dot(features, source_net.output.weight.data()[row])


def one_grid_for_all():
    return plan(grid=[{'lr': lr} for lr in (.003, .01, .03, .1)], seeds=range(100, 105))


def in_tuples():
    return plan(arms=tuple(plan()['arms'][::-1]), seeds=(7, 8, 9),
                grid={arm: tuple({'lr': 10. ** -k} for k in (1, 2, 3)) for arm in RATES})


def by_scikit_learn(truth, answers):
    return sklearn.metrics.recall_score(truth, answers, labels=numpy.unique(truth), average='macro',
                                        zero_division=0)


def by_counting(truth, answers):
    shares = {}
    for true, answer in zip(truth.tolist(), answers.tolist(), strict=True):
        shares.setdefault(true, []).append(true == answer)
    return sum(sum(right) / len(right) for right in shares.values()) / len(shares)


@pytest.mark.parametrize('number, answer', [
    (1, upwards), (2, by_table), (3, head_as_in_the_lesson), (3, frozen_first), (4, probability),
    (4, by_hand), (5, plan), (5, one_grid_for_all), (5, in_tuples), (6, by_scikit_learn), (6, by_counting),
    (7, lambda: ['b', 3]), (7, lambda: (' B', '3')), (8, one_loop),
    (8, sorted_means)], ids=lambda value: getattr(value, '__name__', ''))
def test_other_right_answers(said, number, answer):
    assert f'Exercise {number}: right: ' in said(number, answer)


@pytest.mark.parametrize('seed', [0, 1, 2])
def test_the_two_networks_are_what_the_readings_say(seed):
    left, right = (frame[frame['updates'] == 30].set_index('line')['right']
                   for frame in e01.two_networks(seed).values())
    for network in (left, right):
        assert network['as in training'] > .95 and network['in use, new pictures'] < .75
    assert left['in use'] > .95 and right['in use'] < .75


def rate_from_an_array(train_at, rates, scratch):
    reached = numpy.array([train_at(lr) for lr in rates])
    best = reached.argmax()
    return np.array(rates)[best + int((reached[best:] <= scratch).argmax())]


def share_from_an_array(truth, answers):
    return np.array([(answers[truth == k] == k).mean() for k in numpy.unique(truth)]).mean()


@pytest.mark.parametrize('number, answer', [(1, rate_from_an_array), (6, share_from_an_array)])
def test_a_number_may_be_an_array_of_one(said, monkeypatch, number, answer):
    monkeypatch.setattr(e01, 'train', lambda make,
                        lr: (None, .6 if make is e01.scratch else {.0001: .5, .001: .9, .01: .8, .1: .5}[lr]))
    assert f'Exercise {number}: right' in said(number, answer)


def last_of_the_best(train, test, rates):
    chosen = {}
    for method in METHODS:
        highest = 0
        for lr in rates:
            net, validation = train(method, lr)
            if validation >= highest:
                chosen[method], highest = net, validation
    return {method: test(net) for method, net in chosen.items()}


def test_where_two_rates_tie_either_is_right(said, solutions, monkeypatch):
    table = {**e01._TABLE, ('fine-tuned', .003): (.92, .93), ('scratch', .01): (.64, .66)}
    monkeypatch.setattr(e01, '_TABLE', table)
    monkeypatch.setattr(e01, 'train', lambda make, lr: ((make, lr), .9))
    monkeypatch.setattr(e01, 'accuracy', lambda net, data: net[1])
    first, last = said(2, solutions[2]), said(2, last_of_the_best)
    assert 'Exercise 2: right' in first and 'Exercise 2: right' in last and first != last


def test_the_same_on_a_machine_with_gpus(said, solutions, on_gpus):
    for number in (3, 4):
        assert f'Exercise {number}: right' in said(number, solutions[number])
