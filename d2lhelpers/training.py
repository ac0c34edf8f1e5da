"""The one training loop of the course. A lesson hands it a loss; everything else is the same in every lesson.
"""
from mxnet import MXNetError, autograd, gluon

from . import process  # noqa: F401 - np semantics
from .checkpoints import Checkpoints
from .endings import Diverged, check_loss, print_ending
from .errors import CourseError
from .fit_checks import BatchChecks, check_arguments, check_gradients, mark_used
from .history import History, means
from .running_statistics import RunningStatistics
from .teams import team_of
from .wrong_input import explained

_LOSS = gluon.loss.SoftmaxCrossEntropyLoss()  # to make one costs as much as to use it


def cross_entropy(scores, labels):
    """Softmax cross-entropy, the mean over the batch: a loss as `fit` wants it.

    Parameters
    ----------
    scores : mxnet.np.ndarray, shape (batch, classes)
        Output of a network, before softmax.
    labels : mxnet.np.ndarray of int, shape (batch,)

    Returns
    -------
    mxnet.np.ndarray
        One number, in nats.

    Raises
    ------
    CourseError
        If a label has no score. (MXNet alone would silently take the nearest class that exists.)
    """
    values = labels.asnumpy()
    if values.min() < 0 or values.max() >= scores.shape[1]:
        wrong = values.min() if values.min() < 0 else values.max()
        raise CourseError(f'A label is {wrong:g}, but the network has {scores.shape[1]} outputs (classes 0 '
                          f'to {scores.shape[1] - 1}): '
                          'give the head as many outputs as there are classes.')
    return _LOSS(scores, labels).mean()


def fit(loss, batches, trainer, epochs, *, evaluate=None, before_step=None, keep_best=None):
    """Train: the one loop for plain, conservative, multi-task and adversarial training.

    Parameters
    ----------
    loss : callable
        ``loss(*batch)`` returns one number, the mean over the batch, or a dict of named numbers, the same
        names every time, which are added up; every name is in the history. It is called on each device with
        that device's share of the batch; the shares are weighted by their numbers of examples.
    batches : iterable of tuple of mxnet.np.ndarray
        Can be iterated again and again: what `batches` returns, or a Gluon DataLoader.
    trainer : mxnet.gluon.Trainer
        Holds the parameters (``net.collect_params()``, running statistics included; several networks'
        joined), the optimiser and its schedule. The devices are read from its parameters. Frozen parameters
        may be among them.
    epochs : int
        At least 1.
    evaluate : dict of str to callable, optional
        Functions without arguments that return a number; called before the first epoch and after each. Their
        names are others than those in the loss: ``loss`` and its terms.
    before_step : callable, optional
        ``before_step(p)`` is called before each batch with the fraction of training done, 0 <= p < 1: for
        schedules.
    keep_best : str, optional
        A name in `evaluate`: the weights of the epoch where it was highest (the start counts as epoch 0) are
        put back at the end.

    Returns
    -------
    History

    Raises
    ------
    CourseError
        For anything wrong with the settings, the batches, the loss or the parameters, in one sentence.

    Notes
    -----
    Interrupt (the stop button) lets the current batch finish and keeps weights and history; pressed twice it
    raises. A loss or weights that are not finite end training with a sentence, and the weights of the last
    good epoch come back.

    The running averages of batch normalisation learn on CPUs as on GPUs, also where MXNet alone would never
    move them: see `d2lhelpers.running_statistics`.

    Two devices give what one gives, to rounding, for networks without batch normalisation and dropout: the
    former takes its statistics from each device's share, the latter draws other random numbers. So do several
    machines, where the trainer's kvstore is what `machines.join` returned.
    """
    evaluate = evaluate or {}
    check_arguments(loss, batches, trainer, epochs, evaluate, before_step, keep_best)
    parameters = trainer._params  # Gluon has no public name for them
    devices = parameters[0].list_ctx()
    checks = BatchChecks(loss, evaluate, devices)
    history, checkpoints, team = History(), Checkpoints(parameters, keep_best), team_of(trainer)
    statistics = RunningStatistics(parameters)
    updates = epochs * len(batches) if hasattr(batches, '__len__') else None
    done, reason = 0, None

    def end_of_epoch(epoch, figures):
        evaluated = team.agree({name: function() for name, function in evaluate.items()})
        figures = {**figures, **evaluated}
        history._add(epoch, figures)
        checkpoints.keep_best(epoch, figures)
        return figures

    try:
        with team.interrupt() as interrupt, team.bar(updates, 'Training') as progress:
            team.begin(batches, epochs)
            figures = end_of_epoch(0, {})
            for epoch in interrupt.until_pressed(range(1, epochs + 1)):
                values = []
                for number, batch in enumerate(interrupt.until_pressed(batches), start=1):
                    checks.batch(batch, epoch, number)
                    statistics.follow()
                    if before_step:
                        before_step(done / updates)

                    # forward: the devices compute at the same time, for nothing reads their results yet
                    terms, totals = [], []
                    for device, share, weight in _shares(batch, devices):
                        with device, autograd.record():
                            named = checks.terms(_called(loss, share))
                            terms.append({name: term * weight for name, term in named.items()})
                            totals.append(sum(terms[-1].values()))

                    # loss: reading it waits for the devices, so it is read once
                    means_here = {name: sum(float(term[name]) for term in terms) for name in terms[0]}
                    values.append(team.mean(means_here, len(batch[0])))
                    check_loss(values[-1], epoch, number)
                    if number == 1:
                        checkpoints.keep_good(epoch - 1)

                    # backward and step
                    for total in totals:
                        total.backward(team.weight(total))
                    check_gradients(parameters)
                    trainer.step(1)  # not the batch size: the loss is a mean already
                    team.wait()
                    mark_used(parameters)

                    done += 1
                    progress.update()
                team.average()
                if interrupt.pressed:  # without evaluation: who presses does not want to wait
                    history._add(epoch, means(values))
                else:
                    checks.not_empty(values, epoch)
                    figures = end_of_epoch(epoch, means(values))
                    progress.set_postfix({name: f'{value:.3f}' for name, value in figures.items()})
        if done:  # the very last step may have ruined the weights too
            checkpoints.check_finite('in' if interrupt.pressed else 'after')
    except Diverged as divergence:
        history.diverged, reason = True, f'{divergence}, at learning rate {trainer.learning_rate:g}'
    finally:
        statistics.leave()

    history.interrupted, history.best_epoch = interrupt.pressed, checkpoints.best_epoch
    back = checkpoints.put_back(history.diverged)
    if team.first:
        print_ending(history, figures, done, back, reason)
    return history


def _called(loss, share):
    try:
        return loss(*share)
    except MXNetError as error:
        raise explained(error, share) from error


def _shares(batch, devices):
    """Each device, its share of the arrays of a batch, and the fraction of the examples that this is."""
    # float64 is NumPy's usual kind of number, which no layer takes
    arrays = [array.astype('float32') if array.dtype == 'float64' else array for array in batch]
    parts = [gluon.utils.split_and_load(array, devices, even_split=False) for array in arrays]
    return [(device, share, len(share[0]) / len(batch[0]))
            for device, *share in zip(devices, *parts, strict=True)]
