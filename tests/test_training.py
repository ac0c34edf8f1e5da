"""The one loop: what it trains, what it records, how it stops, and what it says about bad input."""
import os
import random
import re
import signal
import threading

from d2lhelpers import CourseError, accuracy, batches, cross_entropy, fit, freeze, seed_all

import numpy
import pytest
from mxnet import autograd, gluon, np, npx
from mxnet import init as initializers
from mxnet.gluon import nn


def blobs(n=64, classes=3, shift=0., seed=0):
    """Points around `classes` corners of a cube: separable by a small network."""
    generator = numpy.random.default_rng(seed)
    y = numpy.arange(n) % classes
    x = generator.normal(0, .3, (n, 4)) + numpy.eye(4)[y] * 2 + shift
    return gluon.data.ArrayDataset(np.array(x.astype('float32')), np.array(y.astype('int32')))


class Net(nn.HybridBlock):
    """As the zoo's networks: `features` and `output`."""

    def __init__(self, classes, norm):
        super().__init__()
        self.features, self.output = nn.HybridSequential(), nn.Dense(classes, in_units=8)
        self.features.add(nn.Dense(8, activation='relu', in_units=4),
                          *([nn.BatchNorm(in_channels=8)] if norm else []))

    def hybrid_forward(self, F, x):
        return self.output(self.features(x))


def network(classes=3, context=None, seed=0, norm=False):
    seed_all(seed)
    net = Net(classes, norm)
    net.initialize(initializers.Xavier(), ctx=context or npx.cpu())
    return net


def sgd(parameters, rate=.1, **options):
    return gluon.Trainer(parameters, 'sgd', {'learning_rate': rate, **options})


def weights(net):
    return [parameter.data(parameter.list_ctx()[0]).asnumpy().copy()
            for parameter in net.collect_params().values()]


def moved(before, net):
    return [float(numpy.abs(old - new).max()) for old, new in zip(before, weights(net), strict=True)]


def join(*nets):
    joined = gluon.ParameterDict()
    for net in nets:
        joined.update(net.collect_params())
    return joined


def simple(net):
    return lambda x, y: cross_entropy(net(x), y)




# --- what seven lessons do with it


def test_plain_training_learns_and_records():
    net, data = network(), blobs()
    history = fit(simple(net), batches(data, size=16, updates=10), sgd(net.collect_params()), 4,
                  evaluate={'accuracy': lambda: accuracy(net, data)})
    assert accuracy(net, data) > .95
    assert list(history.table.columns) == ['epoch', 'name', 'value']
    assert len(history['loss']) == 4 and len(history['accuracy']) == 5
    assert history['loss'][-1] < history['loss'][0]
    assert not history.interrupted and not history.diverged and history.best_epoch is None
    assert 'accuracy' in repr(history) and 'accuracy' in history._repr_html_()


def test_the_mean_loss_is_stepped_with_one():
    net = network(2)
    x, y = np.ones((4, 4)), np.array([0, 0, 0, 0], dtype='int32')
    with autograd.record():
        cross_entropy(net(x), y).backward()
    expected = [p.data().asnumpy() - .5 * p.grad().asnumpy() for p in net.collect_params().values()]
    fit(simple(net), [(x, y)], sgd(net.collect_params(), .5), 1)
    for old, new in zip(expected, weights(net), strict=True):
        numpy.testing.assert_allclose(new, old, rtol=1e-5)


def test_a_penalty_towards_a_copied_source_holds_the_weights():
    far = {}
    for strength in (0, 1.):
        source, net = network(), network()
        kept = [parameter.data().copy() for parameter in source.features.collect_params().values()]

        def loss(x, y, net=net, strength=strength, kept=kept):
            distance = sum(np.square(p.data() - w).sum() for p,
                           w in zip(net.features.collect_params().values(), kept, strict=True))
            return {'task': cross_entropy(net(x), y), 'penalty': strength * distance}

        history = fit(loss, batches(blobs(), size=16, updates=20), sgd(net.collect_params()), 2)
        far[strength] = max(moved(weights(source.features), net.features))
        numpy.testing.assert_allclose(history['loss'], history['task'] + history['penalty'], rtol=1e-5)
    assert far[1.] < far[0] / 2


def test_distillation_moves_the_student_towards_the_teacher_and_not_the_teacher():
    teacher, student = network(seed=1), network(seed=2)
    before, gap = weights(teacher), []
    x = blobs()[:][0]

    def loss(x, y):
        answers = npx.softmax(teacher(x))
        return -(answers.copy() * npx.log_softmax(student(x))).sum(axis=1).mean()

    freeze(teacher, teacher)
    gap.append(float(np.abs(npx.softmax(teacher(x)) - npx.softmax(student(x))).mean()))
    fit(loss, batches(blobs(), size=16, updates=50), sgd(student.collect_params(), .5), 2)
    gap.append(float(np.abs(npx.softmax(teacher(x)) - npx.softmax(student(x))).mean()))
    assert gap[1] < gap[0] / 2
    assert max(moved(before, teacher)) == 0


def test_two_tasks_of_different_length_share_a_trunk():
    trunk, one, two = network(), nn.Dense(3, in_units=8), nn.Dense(2, in_units=8)
    for head in (one, two):
        head.initialize()
    first, second = blobs(96), blobs(20, classes=2)

    def loss(x, y, u, v):
        return {'first': cross_entropy(one(trunk.features(x)), y),
                'second': cross_entropy(two(trunk.features(u)), v)}

    history = fit(loss, batches(first, second, size=16), sgd(join(trunk.features, one, two)), 20)
    assert history['first'][-1] < history['first'][0] / 2
    assert history['second'][-1] < history['second'][0] / 2


def test_uncertainty_weights_are_parameters_like_any_other():
    net, scale = network(), gluon.Parameter('scale', shape=(2,), init='zeros')
    scale.initialize()

    def loss(x, y):
        task = cross_entropy(net(x), y)
        return {'first': np.exp(-scale.data()[0]) * task + scale.data()[0],
                'second': np.exp(-scale.data()[1]) * 9 * task + scale.data()[1]}

    fit(loss, batches(blobs(), size=16, updates=20), sgd([*net.collect_params().values(), scale], .02), 2)
    easy, hard = scale.data().asnumpy()
    assert hard > easy


def test_an_adversarial_network_takes_its_lambda_from_before_step():
    extractor, labels, domains = network().features, nn.Dense(3, in_units=8), nn.Dense(2, in_units=8)
    for head in (labels, domains):
        head.initialize()
    strength, seen = {'now': None}, []

    def reverse(x):
        return (
            np.array((x * (1 + strength['now'])).as_nd_ndarray().detach().as_np_ndarray())
            - strength['now'] * x
        )

    def loss(x, y, u, _):
        seen.append(strength['now'])
        features = np.concatenate([extractor(x), extractor(u)])
        domain = np.concatenate([np.zeros(len(x)), np.ones(len(u))]).astype('int32')
        return {'labels': cross_entropy(labels(features[:len(x)]), y),
                'domain': cross_entropy(domains(reverse(features)), domain)}

    def schedule(p):
        strength['now'] = 2 / (1 + numpy.exp(-10 * p)) - 1

    before = [weights(block) for block in (extractor, labels, domains)]
    history = fit(loss, batches(blobs(), blobs(40, shift=1.), size=8, updates=5),
                  sgd(join(extractor, labels, domains), .05), 4, before_step=schedule)
    assert seen[0] == 0 and seen == sorted(seen) and len(seen) == 20 and .9 < seen[-1] < 1
    assert set(history.table['name']) == {'loss', 'labels', 'domain'}
    assert all(max(moved(old, block)) > 0 for old,
               block in zip(before, (extractor, labels, domains), strict=True))


def test_the_reversed_gradient_reaches_the_extractor():
    """With the label loss off, the extractor climbs the domain loss while the domain head descends it."""
    values = {}
    for strength in (-1., 1.):  # -1: both descend
        extractor, domains = network(seed=3).features, nn.Dense(2, in_units=8)
        seed_all(0)
        domains.initialize()

        def loss(x, y, extractor=extractor, domains=domains, strength=strength):
            features = extractor(x)
            features = (features * (1 + strength)).detach() - strength * features
            return cross_entropy(domains(features), y)

        values[strength] = fit(loss, batches(blobs(classes=2), size=16, updates=40),
                               sgd(join(extractor, domains)), 2)['loss'][-1]
    assert values[1.] > values[-1.] + .05




# --- devices, freezing, keeping the best


def test_two_devices_give_what_one_gives():
    results = []
    for context in ([npx.cpu(0)], [npx.cpu(0), npx.cpu(1)]):
        net = network(context=context, seed=5)
        seed_all(7)
        # 9: unequal shares
        fit(simple(net), batches(blobs(50), size=9, updates=6), sgd(net.collect_params(), .2, momentum=.9), 2)
        results.append(weights(net))
        assert all(len(parameter.list_ctx()) == len(context) for parameter in net.collect_params().values())
    for one, two in zip(*results, strict=True):
        numpy.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-6)


def test_keep_best_puts_everything_back_running_statistics_included():
    net, data = network(norm=True), blobs()
    scores, snapshots = iter([.1, .5, .9, .2]), []

    def score():
        snapshots.append(weights(net))
        return next(scores)

    history = fit(simple(net), batches(data, size=16), sgd(net.collect_params()), 3,
                  evaluate={'score': score}, keep_best='score')
    assert history.best_epoch == 2
    for kept, now in zip(snapshots[2], weights(net), strict=True):
        numpy.testing.assert_array_equal(kept, now)
    assert any(numpy.abs(a - b).max() > 0 for a, b in zip(snapshots[3], weights(net), strict=True))


def test_sizes_that_mxnet_infers_later_are_fine():
    net = nn.Dense(3)
    net.initialize()
    fit(simple(net), batches(blobs(), size=16), sgd(net.collect_params()), 1)
    assert net.weight.shape == (3, 4)




# in the first batch of an epoch the weights that gave the bad loss are those of its start
# --- divergence and interrupts


@pytest.mark.parametrize('batch, good', [(1, 1), (2, 2)])
def test_divergence_ends_kindly_with_the_last_good_weights(batch, good, capsys):
    net, kept, calls = network(), [], []
    trainer = sgd(net.collect_params(), .1)

    def loss(x, y):
        calls.append(1)
        return cross_entropy(net(x), y) * (float('nan') if len(calls) == 4 + batch else 1)

    history = fit(loss, batches(blobs(), size=16, updates=2), trainer, 5,
                  evaluate={'n': lambda: kept.append(weights(net)) or len(kept)})
    assert history.diverged and not history.interrupted
    printed = capsys.readouterr().out
    assert (
        f'epoch 3, batch {batch}, at learning rate 0.1' in printed
        and f'from the end of epoch {good} were put back' in printed
    )
    for expected, now in zip(kept[good], weights(net), strict=True):
        numpy.testing.assert_array_equal(expected, now)


def test_divergence_in_the_very_first_batch_leaves_the_weights_of_the_start(capsys):
    net, before = network(norm=True), weights(network(norm=True))
    history = fit(lambda x, y: cross_entropy(net(x), y) * float('inf'), batches(blobs(), size=16),
                  sgd(net.collect_params()), 2)
    printed = capsys.readouterr().out
    assert history.diverged and 'loss is inf in epoch 1, batch 1, at learning rate 0.1' in printed
    assert 'from the end of epoch 0 were put back' in printed and max(moved(before, net)) == 0


def test_weights_ruined_by_the_last_step_of_an_epoch_are_not_kept_as_good():
    net = network()
    history = fit(lambda x, y: np.square(net(x) - 1).mean(), batches(blobs(), size=16, updates=1),
                  sgd(net.collect_params(), 1e30), 3)
    assert history.diverged
    assert max(numpy.abs(w).max() for w in weights(net)) < 100


def test_weights_ruined_by_the_very_last_step_are_noticed(capsys):
    net, before = network(), weights(network())
    history = fit(lambda x, y: 1e6 * cross_entropy(net(x), y), batches(blobs(), size=16, updates=1),
                  sgd(net.collect_params(), 1e38), 1)
    assert history.diverged and 'no longer finite after epoch 1' in capsys.readouterr().out
    assert max(moved(before, net)) == 0


def test_ruined_weights_behind_a_finite_loss_are_not_kept_as_good(capsys):
    net, calls = network(), []
    bias = list(net.collect_params().values())[-1]

    def loss(x, y):
        calls.append(1)
        scores = net(x)
        return cross_entropy(np.where(np.isnan(scores), np.zeros_like(scores), scores), y)

    def ruin(p):
        if p == .5:  # as if the last step of epoch 2 had done it
            bias.set_data(np.full(bias.shape, float('nan')))

    history = fit(loss, batches(blobs(), size=16, updates=2), sgd(net.collect_params(), .1), 4,
                  before_step=ruin)
    assert history.diverged and len(calls) == 5
    assert (
        'no longer finite after epoch 2' in (printed := capsys.readouterr().out)
        and 'from the end of epoch 1 were put back' in printed
    )
    assert all(numpy.isfinite(w).all() for w in weights(net))


def test_a_rate_far_too_high_is_no_traceback():
    net = network()
    history = fit(lambda x, y: np.square(net(x) - 1).mean(), batches(blobs(), size=16, updates=50),
                  sgd(net.collect_params(), 1e6), 3)
    assert history.diverged
    assert all(numpy.isfinite(w).all() for w in weights(net))


def press(after):
    """Send SIGINT to this process from another thread, as the stop button does."""
    thread = threading.Timer(after, lambda: os.kill(os.getpid(), signal.SIGINT))
    thread.start()
    return thread


@pytest.mark.parametrize('keep_best', [None, 'n'])
@pytest.mark.parametrize('pressed', ['never', 'in that batch', 'in the evaluation'])
@pytest.mark.parametrize('step', range(1, 7))
def test_the_epoch_that_is_named_is_the_one_whose_weights_are_back(step, pressed, keep_best, capsys):
    net, kept, calls = network(norm=True), [], []
    trainer = sgd(net.collect_params())

    def loss(x, y):
        calls.append(1)
        if len(calls) != step:
            return cross_entropy(net(x), y)
        if pressed == 'in that batch':
            os.kill(os.getpid(), signal.SIGINT)
        trainer.set_learning_rate(1e38)  # this step ruins the weights
        return 1e6 * cross_entropy(net(x), y)

    def measure():
        kept.append(weights(net))
        if pressed == 'in the evaluation' and len(calls) == step:
            os.kill(os.getpid(), signal.SIGINT)
        return len(kept)  # the highest comes last

    history = fit(loss, batches(blobs(), size=16, updates=2), trainer, 3, evaluate={'n': measure},
                  keep_best=keep_best)
    printed = capsys.readouterr().out
    back = int(re.search(r'from the end of epoch (\d+) were put back', printed)[1])
    ruined = (step + 1) // 2
    assert history.diverged and back == ruined - 1
    assert history.best_epoch == (back if keep_best else None)
    if history.interrupted:
        assert f'no longer finite in epoch {ruined},' in printed
    for expected, now in zip(kept[back], weights(net), strict=True):
        assert numpy.isfinite(now).all()
        numpy.testing.assert_array_equal(expected, now)


@pytest.mark.parametrize('attempt', range(20))
def test_interrupt_at_any_time_keeps_weights_and_history(attempt):
    net, data = network(seed=attempt), blobs(512)
    old, before = signal.getsignal(signal.SIGINT), weights(net)
    threads = []

    def measure():
        # from the first moment of training on
        threads or threads.append(press(random.Random(attempt).uniform(0, .25)))
        return accuracy(net, data)

    history = fit(simple(net), batches(data, size=16), sgd(net.collect_params(), .01), 10000,
                  evaluate={'accuracy': measure})
    threads[0].join()
    assert history.interrupted and not history.diverged
    assert signal.getsignal(signal.SIGINT) is old
    assert not autograd.is_recording() and not autograd.is_training()
    assert len(history['accuracy']) >= 1
    assert max(moved(before, net)) > 0 or len(history.table) == 1


@pytest.mark.parametrize('call', [1, 2, 3])
def test_a_press_during_an_evaluation_is_kept_too(call, capsys):
    net, calls = network(), []

    def measure():
        calls.append(1)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGINT)
        return len(calls)

    history = fit(simple(net), batches(blobs(), size=16, updates=2), sgd(net.collect_params()), 2,
                  evaluate={'n': measure}, keep_best='n')
    assert history.interrupted and len(calls) == call
    assert f'the weights of epoch {call - 1}, the best, are kept' in capsys.readouterr().out


@pytest.mark.parametrize('weight', [1., float('nan')])  # training is not to blame for weights it came with
def test_a_press_before_the_first_batch_trains_nothing(weight, capsys):
    net = network()
    net.output.bias.set_data(np.full(3, weight))
    before = weights(net)
    history = fit(simple(net), batches(blobs(), size=16), sgd(net.collect_params()), 2,
                  evaluate={'n': lambda: os.kill(os.getpid(), signal.SIGINT) or 0})
    assert history.interrupted and len(history.table) == 1
    for old, new in zip(before, weights(net), strict=True):
        numpy.testing.assert_array_equal(old, new)
    assert 'Interrupted after 0 updates' in capsys.readouterr().out


def test_after_a_press_no_other_batch_is_fetched():
    net, fetched = network(), []

    class Counted:
        def __iter__(self):
            for number in range(1, 5):
                fetched.append(number)
                yield X, Y

    def loss(x, y):
        if len(fetched) == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return cross_entropy(net(x), y)

    history = fit(loss, Counted(), sgd(net.collect_params()), 2)
    assert history.interrupted and fetched == [1, 2] and len(history['loss']) == 1


def test_the_second_press_raises_and_restores():
    net, old = network(), signal.getsignal(signal.SIGINT)

    def pressed_twice(x, y):
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
        return cross_entropy(net(x), y)

    with pytest.raises(KeyboardInterrupt):
        fit(pressed_twice, batches(blobs(), size=16), sgd(net.collect_params()), 100)
    assert signal.getsignal(signal.SIGINT) is old
    assert not autograd.is_recording() and not autograd.is_training()




# --- bad input: one clear sentence each


def says(words, loss=None, data=None, trainer=None, epochs=1, **options):
    net = network()
    with pytest.raises(CourseError, match=words) as caught:
        fit(loss or simple(net), batches(blobs(), size=16) if data is None else data,
            trainer or sgd(net.collect_params()), epochs, **options)
    assert '\n' not in str(caught.value)


X, Y = np.ones((4, 4)), np.zeros(4, dtype='int32')


@pytest.mark.parametrize('words, data', [
    ('used only once', iter([(X, Y)])),
    ('no batch in epoch 1', []),
    ('4, 3 examples: all must be equally long', [(X, Y[:3])]),
    ('Batch 2 of epoch 1 has examples of shape', [(X, Y), (np.ones((4, 5)), Y)]),
    ('has 3 arrays, but the loss takes 2', [(X, Y, Y)]),
    ('has 1 arrays, but the loss takes 2', [(X,)]),
    ('A label is 3, but the network has 3 outputs', [(X, Y + 3)]),
    ('A label is -1', [(X, Y - 1)]),
    ('a batch is a tuple of arrays', [X]),
    ('can be iterated', 5),
])
def test_bad_batches(words, data):
    says(words, data=data)


def test_bad_settings():
    says('at least one', epochs=0)
    says('name one of its figures', keep_best='accuracy', evaluate={'loss': lambda: 0})
    says(r'end it with \.mean\(\)', loss=lambda x, y: x.sum(axis=1))


@pytest.mark.parametrize('epochs', [2.5, 0, -1, True, '3', None, float('nan')])
def test_epochs_are_a_whole_number(epochs):
    says('epochs: give a whole number, at least one', epochs=epochs)


def test_epochs_may_be_a_number_of_numpy():
    net = network()
    assert len(fit(simple(net), [(X, Y)], sgd(net.collect_params()), numpy.int64(2))['loss']) == 2


def test_an_evaluated_figure_may_not_replace_the_loss_or_a_term():
    called = []
    says("'loss', but that is the name of the training loss", evaluate={'loss': lambda: called.append(1)})
    assert not called
    net, before = network(), weights(network())
    says("'task' is both a term of the loss and a figure of evaluate",
         loss=lambda x, y: {'more': cross_entropy(net(x), y), 'task': cross_entropy(net(x), y)},
         trainer=sgd(net.collect_params()), evaluate={'accuracy': lambda: 0, 'task': lambda: 0})
    assert max(moved(before, net)) == 0


def test_a_parameter_without_gradient_is_named():
    net, other = network(), nn.Dense(2, in_units=3)
    other.initialize()
    says(f'2 parameters in the trainer got no gradient from the loss .{other.bias.name}', loss=simple(net),
         trainer=sgd(join(net, other)))


def test_a_parameter_without_gradient_is_named_in_a_later_fit_on_two_devices():
    net, other = network(context=[npx.cpu(0), npx.cpu(1)]), network(context=[npx.cpu(0), npx.cpu(1)])
    trainer, data = sgd(join(net, other)), batches(blobs(), size=16)
    fit(lambda x, y: cross_entropy(net(x) + other(x), y), data, trainer, 1)
    with pytest.raises(CourseError, match='got no gradient'):
        fit(simple(net), data, trainer, 1)


def test_names_of_terms():
    net = network()
    history = fit(lambda x, y: {'task': cross_entropy(net(x), y)}, batches(blobs(), size=16),
                  sgd(net.collect_params()), 1)
    numpy.testing.assert_array_equal(history['task'], history['loss'])
    calls = []

    def changing(x, y):
        calls.append(1)
        return {'a' if len(calls) == 1 else 'b': cross_entropy(net(x), y)}

    says(r"names \['b'\] now and \['a'\] before", loss=changing, trainer=sgd(net.collect_params()))
    says('none may be loss', loss=lambda x, y: {'loss': x.mean(), 'more': x.mean()})
    says('at least one name', loss=lambda x, y: {})


def test_float64_is_taken():
    net = network()
    data = gluon.data.ArrayDataset(numpy.ones((16, 4)), numpy.zeros(16, dtype='int32'))
    fit(simple(net), batches(data, size=16), sgd(net.collect_params()), 30,
        evaluate={'accuracy': lambda: accuracy(net, data)})
    assert accuracy(net, data) == 1


def test_a_schedule_needs_a_length():
    says('must have a length', data=type('Endless', (), {'__iter__': lambda self: iter([(X, Y)])})(),
         before_step=print)


def test_a_trainer_with_everything_frozen():
    net = network()
    freeze(net, net)
    says('nothing to train', trainer=sgd(net.collect_params()))


def test_more_devices_than_examples():
    net = network(context=[npx.cpu(0), npx.cpu(1)])
    says('cannot be shared by 2 devices', loss=simple(net), data=[(X[:1], Y[:1])],
         trainer=sgd(net.collect_params()))


def test_a_history_names_its_figures():
    history = fit(simple(net := network()), batches(blobs(), size=16), sgd(net.collect_params()), 1)
    with pytest.raises(CourseError, match="no figure 'accuracy'; it has"):
        history['accuracy']
