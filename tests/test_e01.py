"""The checks of lesson 1's exercises: right answers (those of the solution notebook), and wrong ones that
somebody might well give.
"""
from d2lhelpers import backbones, batches, cross_entropy, fit, freeze, new_head, outputs, seed_all, true_copy
from d2lhelpers.exercises import drawn, e01

import numpy
import pytest
from mxnet import autograd, gluon, np, npx

METHODS = ('fine-tuned', 'scratch')


def test_the_solutions_are_right_in_any_order_and_repeatedly(said, solutions):
    first = {number: said(number, solutions[number]) for number in (6, 3, 7, 5, 4, 2, 1)}
    for number, sentence in first.items():
        assert f'Exercise {number}: right: ' in sentence
    seed_all(7)
    with autograd.record():  # as a learner's last cell may have left it
        assert {number: said(number, solutions[number])
                for number in (3, 4, 5, 6, 7)} == {number: first[number] for number in (3, 4, 5, 6, 7)}


def test_nothing_an_answer_does_reaches_the_next_check(said, solutions):
    def spoil(source_net, *_):
        for parameter in source_net.collect_params().values():
            parameter.set_data(parameter.data() * 0)
        freeze(source_net, source_net.features)
        return new_head(true_copy(source_net), 5)

    assert 'not yet' in said(3, spoil) and 'not yet' in said(4, spoil) and 'not yet' in said(5, spoil)
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

def train_head(net, head, features, pictures, parameters=None, updates=100):
    labels = np.array([label for _, label in pictures], dtype='int32')
    trainer = gluon.Trainer(parameters or head.collect_params(), 'sgd',
                            {'learning_rate': .01, 'momentum': .9})
    fit(lambda x, y: cross_entropy(head(x), y), batches(gluon.data.ArrayDataset(features, labels), size=32,
                                                        updates=updates), trainer, epochs=1)


def through_the_backbone(net, pictures):
    freeze(net, net.features)
    net.hybridize()
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .01})
    fit(lambda x, y: cross_entropy(net(x), y), batches(pictures, size=32, updates=100), trainer, epochs=1)


def while_recording(net, pictures):
    with autograd.record():
        features = net.features(np.stack([x for x, _ in pictures]))
    train_head(net, net.output, features.detach(), pictures)


def backbone_trained(net, pictures):
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .01})
    fit(lambda x, y: cross_entropy(net(x), y), batches(pictures, size=20, updates=5), trainer, epochs=1)


def head_of_its_own(net, pictures):
    head = gluon.nn.Dense(2, in_units=net.output.weight.shape[1])
    head.initialize()
    train_head(net, head, outputs(net.features, pictures), pictures)


def all_in_the_trainer(net, pictures):
    train_head(net, net.output, outputs(net.features, pictures), pictures, net.collect_params())


def too_short(net, pictures):
    train_head(net, net.output, outputs(net.features, pictures), pictures, updates=1)


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


def in_percent(truth, answers):
    return 100 * numpy.mean([(answers[truth == k] == k).mean() for k in numpy.unique(truth)])


# ---- 7 -----------------------------------------------------------------------------------------------------

def loop(net, pictures, updates, ask=None, step=True, lr=.05):
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': lr, 'momentum': .9})
    for x, y in batches(pictures, size=32, updates=updates):
        if ask:
            ask(net, x)
        with autograd.record():
            loss = cross_entropy(net(x), y)
        loss.backward()
        if step:
            trainer.step(1)


def as_in_books(net, pictures, updates):
    loop(net, pictures, updates)


def no_step(net, pictures, updates):
    loop(net, pictures, updates, step=False)


def a_few_updates(net, pictures, updates):
    loop(net, pictures, 4, lambda net, x: x.attach_grad())


def only_the_averages(net, pictures, updates):
    loop(net, pictures, updates, lambda net, x: x.attach_grad(), lr=1e-6)


def by_the_scale(net, pictures, updates):
    """Another right answer: what fit does."""
    net[0].gamma.data().attach_grad()
    loop(net, pictures, updates)


def set_by_hand(net, pictures, updates):
    loop(net, pictures, updates)
    x = pictures[:][0]
    net[0].running_mean.set_data(x.mean(axis=(0, 2, 3)))
    net[0].running_var.set_data(x.var(axis=(0, 2, 3)))


def test_other_right_loops(said):
    for answer in (by_the_scale, set_by_hand):
        assert 'Exercise 7: right' in said(7, answer)


@pytest.mark.parametrize('number, answer, sentence', [
    (7, as_in_books, 'The stored averages of the first layer are mean 0.00 and variance 1.00; the pictures '
                     'have mean 2.08 and variance'),
    (7, as_in_books, 'nothing below it asks for a gradient. What could ask?'),
    (7, no_step, 'Not one weight has moved: loss.backward() computes'),
    (7, a_few_updates, 'They have moved, but not far enough'),
    (7, only_the_averages, 'The averages are right, but in use'),
    (1, the_best, 'Your function returned 0.001, the best rate: go on upwards from there.'),
    (1, first_not_above_scratch, 'returned 0.0001, where the accuracy is still rising: that rate is too low'),
    (1, the_first_fall, 'returned 0.01, where it is less than the best, but still more than from scratch.'),
    (1, the_highest, 'returned 1, but it was lost before that.'),
    (1, the_accuracy, 'returned 0.5, which is not one of the rates (is it an accuracy?).'),
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
    (3, head_without_weights, 'What answer_3 left behind cannot be used: RuntimeError: Parameter'),
    (4, a_typed_number, 'has its classes in another order now: ask the list of names'),
    (4, another_row, 'Is it the right row? names[23] is the hotdog.'),
    (4, the_answer, 'returned only 2 different numbers, answers rather than scores'),
    (4, all_rows, 'returned an array of shape (200, 33); it is to be (200,), one score for each picture. You '
                  'return the scores of all classes'),
    (4, turned_round, 'is the sign turned round?'),
    (4, the_weights, 'returned an array of shape (128,); it is to be (200,)'),
    (5, through_the_backbone, 'More than 200 pictures have gone through the backbone, twice as many as there '
                              'are'),
    (5, while_recording, 'The features were computed inside record()'),
    (5, backbone_trained, 'The backbone has changed. Hand the trainer net.output.collect_params(), nothing '
                          'else'),
    (5, head_of_its_own, 'It is as before: train net.output itself, or put the trained head in its place.'),
    (5, all_in_the_trainer, 'answer_5 raised CourseError: 32 parameters in the trainer got no gradient from '
                            'the loss'),
    (5, too_short, 'Train it longer, or with a higher rate.'),
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
], ids=lambda value: getattr(value, '__name__', ''))
def test_wrong_answers(said, number, answer, sentence):
    printed = said(number, answer)
    assert f'Exercise {number}: not yet. ' in printed and sentence in printed


def test_another_right_answer(said):
    assert 'Exercise 4: right' in said(4, probability)


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
