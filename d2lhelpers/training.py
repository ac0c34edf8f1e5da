"""The one training loop of the course. A lesson hands it a loss; everything else is the same in every lesson."""
import inspect
import math
import signal
import threading

import numpy
import pandas
from mxnet import autograd, gluon

from . import plots
from .errors import CourseError
from .progress import bar, watched


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
        raise CourseError(f'A label is {wrong:g}, but the network has {scores.shape[1]} outputs (classes 0 to {scores.shape[1] - 1}): '
                          'give the head as many outputs as there are classes.')
    return gluon.loss.SoftmaxCrossEntropyLoss()(scores, labels).mean()


class History:
    """What happened in training: prints as a table and draws itself.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns epoch (0 is before training), name, value. ``loss`` and its terms are means over the batches of an epoch.
    interrupted : bool
        Training was stopped by hand.
    diverged : bool
        The loss stopped being a finite number.
    best_epoch : int or None
        The epoch whose weights were kept, where `fit` was asked to keep the best.
    """

    def __init__(self):
        self._rows = []
        self.interrupted = False
        self.diverged = False
        self.best_epoch = None

    def _add(self, epoch, figures):
        self._rows += [(epoch, name, float(value)) for name, value in figures.items()]

    @property
    def table(self):
        return pandas.DataFrame(self._rows, columns=['epoch', 'name', 'value'])

    def __getitem__(self, name):
        """All values of one figure, in the order of the epochs, as a numpy.ndarray."""
        values = [value for _, known, value in self._rows if known == name]
        if not values:
            raise CourseError(f'The history has no figure {name!r}; it has {sorted({known for _, known, _ in self._rows})}.')
        return numpy.array(values)

    def _wide(self):
        return self.table.pivot(index='epoch', columns='name', values='value')[list(dict.fromkeys(name for _, name, _ in self._rows))]

    def __repr__(self):
        return self._wide().round(3).to_string(na_rep='') if self._rows else 'an empty history'

    def _repr_html_(self):
        return self._wide().round(3).to_html(na_rep='', border=0) if self._rows else None

    def plot(self, title='Training', reading=None):
        """Draw every figure against the epoch: losses (nats) and evaluated figures side by side. See `plots.history`."""
        plots.history(self.table, title, reading)


class _Interrupt:
    """Turns the first SIGINT into a request, the second into KeyboardInterrupt; the old handler and the recording state come back.

    Python's default raises wherever the program happens to be: inside MXNet's destructors the press is lost, inside ``record()`` it can leave
    autograd recording.
    """

    def __init__(self):
        self.pressed = False

    def _handle(self, *_):
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True

    def __enter__(self):
        self._recording, self._training = autograd.is_recording(), autograd.is_training()
        self._main = threading.current_thread() is threading.main_thread()  # elsewhere Python allows no handlers, and sends no interrupts
        if self._main:
            self._old = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *_):
        if self._main:
            signal.signal(signal.SIGINT, self._old)
        autograd.set_recording(self._recording)
        autograd.set_training(self._training)


class _Weights:
    """Every parameter of a trainer, running statistics included, as they were at one moment."""

    def __init__(self, parameters):
        # sizes that MXNet has not inferred yet belong to parameters that nothing has used
        self._saved = [(parameter, parameter.data(parameter.list_ctx()[0]).copy()) for parameter in parameters if parameter._data]

    def put_back(self):
        for parameter, value in self._saved:
            parameter.set_data(value)


def fit(loss, batches, trainer, epochs, *, evaluate=None, before_step=None, keep_best=None):
    """Train: the one loop for plain, conservative, multi-task and adversarial training.

    Parameters
    ----------
    loss : callable
        ``loss(*batch)`` returns one number, the mean over the batch, or a dict of named numbers, the same names every time, which are added up;
        every name is in the history.
        It is called on each device with that device's share of the batch; the shares are weighted by their numbers of examples.
    batches : iterable of tuple of mxnet.np.ndarray
        Can be iterated again and again: what `batches` returns, or a Gluon DataLoader.
    trainer : mxnet.gluon.Trainer
        Holds the parameters (``net.collect_params()``, running statistics included; several networks' joined), the optimiser and its schedule. The
        devices are read from its parameters. Frozen parameters may be among them.
    epochs : int
    evaluate : dict of str to callable, optional
        Functions without arguments that return a number; called before the first epoch and after each.
    before_step : callable, optional
        ``before_step(p)`` is called before each batch with the fraction of training done, 0 <= p < 1: for schedules.
    keep_best : str, optional
        A name in `evaluate`: the weights of the epoch where it was highest (the start counts as epoch 0) are put back at the end.

    Returns
    -------
    History

    Raises
    ------
    CourseError
        For anything wrong with the batches, the loss or the parameters, in one sentence.

    Notes
    -----
    Interrupt (the stop button) lets the current batch finish and keeps weights and history; pressed twice it raises. A loss that is not finite ends
    training with a sentence, and the weights of the last good epoch come back.

    Two devices give what one gives, to rounding, for networks without batch normalisation and dropout: the former takes its statistics from each
    device's share, the latter draws other random numbers.
    """
    evaluate = evaluate or {}
    parameters = _check(loss, batches, trainer, epochs, evaluate, before_step, keep_best)
    context = parameters[0].list_ctx()
    history, updates = History(), len(batches) if hasattr(batches, '__len__') else None
    best = good = names = shapes = None
    highest, done = -math.inf, 0

    def end_of_epoch(epoch, figures):
        nonlocal best, highest
        figures = {**figures, **{name: function() for name, function in evaluate.items()}}
        history._add(epoch, figures)
        if keep_best and figures[keep_best] > highest:
            best, highest, history.best_epoch = _Weights(parameters), figures[keep_best], epoch
        return figures

    with _Interrupt() as interrupt, bar(epochs * updates if updates else None, 'Training') as progress:
        figures = end_of_epoch(0, {})
        for epoch in range(1, epochs + 1):
            if interrupt.pressed:
                break
            sums, seen = {}, 0
            for number, batch in enumerate(batches, start=1):
                shapes = _check_batch(loss, batch, shapes, number, epoch)
                if before_step:
                    before_step(done / (epochs * updates))
                shares = [_split(array, context) for array in batch]
                terms = [_terms(loss, share, device, len(share[0]) / len(batch[0])) for device, *share in zip(context, *shares, strict=True)]
                names = _check_names(terms, names)
                values = {name: sum(float(term[name]) for term, _ in terms) for name in names}
                if not all(map(math.isfinite, values.values())):
                    history.diverged = True
                    back = max(epoch - 1 - (number == 1), 0)
                    why = f'the loss is {sum(values.values())} in epoch {epoch}, batch {number}'
                    break
                if number == 1:  # an epoch's last step may have ruined the weights, and the loss can hide it: the ReLU of nothing is 0
                    if not _finite(parameters):
                        history.diverged, back, why = True, max(epoch - 2, 0), f'the weights are no longer finite after epoch {epoch - 1}'
                        break
                    good = _Weights(parameters)
                for _, total in terms:
                    total.backward()
                _check_gradients(parameters)
                trainer.step(1)
                _mark_used(parameters)
                sums = {name: sums.get(name, 0) + value for name, value in values.items()}
                seen, done = number, done + 1
                progress.update()
                if interrupt.pressed:
                    break
            if history.diverged:
                break
            if not seen:
                raise CourseError(f'There was no batch in epoch {epoch}: the data are empty, or an iterator that can be used only once was given.')
            means = {'loss': sum(sums.values()) / seen, **{name: value / seen for name, value in sums.items()}}
            if interrupt.pressed:
                history._add(epoch, means)
                break
            figures = end_of_epoch(epoch, means)
            progress.set_postfix({name: f'{value:.3f}' for name, value in figures.items()})
    history.interrupted = interrupt.pressed
    if not history.diverged and not _finite(parameters):
        history.diverged, back, why = True, epoch - 1, f'the weights are no longer finite after epoch {epoch}'
    if best is not None:
        best.put_back()
    elif history.diverged and good is not None:
        good.put_back()
    if history.diverged:
        print(f'Training stopped: {why}, at learning rate {trainer.learning_rate:g}. The weights from the end of epoch '
              f'{back if best is None else history.best_epoch} are back. A lower learning rate may help.')
    elif history.interrupted:
        print(f'Interrupted after {done} updates: the history so far and the weights '
              + ('as they are now are kept.' if best is None else f'of epoch {history.best_epoch}, the best, are kept.'))
    elif not watched():
        kept = f', weights of epoch {history.best_epoch} kept' if best is not None else ''
        print(f'{done} updates: ' + ', '.join(f'{name} {value:.3f}' for name, value in figures.items()) + kept)
    return history


def _check(loss, batches, trainer, epochs, evaluate, before_step, keep_best):
    """Everything that can be known before the first batch; returns the trainer's parameters."""
    if not callable(loss):
        raise CourseError(f'fit needs a function as its loss, loss(*batch), but was given {type(loss).__name__}.')
    if not hasattr(batches, '__iter__'):
        raise CourseError(f'fit needs batches that can be iterated, but was given {type(batches).__name__}: use batches(data.train, size=32).')
    if iter(batches) is batches:
        raise CourseError('fit was given an iterator that can be used only once; every epoch needs all batches again: '
                          'use batches(...), a DataLoader or a list.')
    if before_step and not hasattr(batches, '__len__'):
        raise CourseError('before_step is told which fraction of training is done, so the batches must have a length: use batches(...) or a list.')
    if epochs < 1:
        raise CourseError(f'fit was asked for {epochs} epochs: train for at least one.')
    if keep_best is not None and keep_best not in evaluate:
        raise CourseError(f'keep_best is {keep_best!r}, but evaluate has {sorted(evaluate) or "nothing"}: name one of its figures.')
    parameters = trainer._params  # Gluon has no public name for them
    if not any(parameter.grad_req != 'null' for parameter in parameters):
        raise CourseError('Every parameter of the trainer is frozen: there is nothing to train.')
    return parameters


def _check_batch(loss, batch, shapes, number, epoch):
    """One clear sentence for a batch that does not fit; returns the shapes of the first batch."""
    where = f'Batch {number} of epoch {epoch}'
    if not isinstance(batch, list | tuple) or not all(hasattr(array, 'shape') for array in batch):
        raise CourseError(f'{where} is a {type(batch).__name__}; a batch is a tuple of arrays: use batches(...) or a DataLoader.')
    try:
        inspect.signature(loss).bind(*batch)
    except TypeError:
        names = list(inspect.signature(loss).parameters)
        raise CourseError(f'{where} has {len(batch)} arrays, but the loss takes {len(names)} ({", ".join(names)}): '
                          'labels too many, a dataset forgotten, or an argument missing in the loss.') from None
    lengths = [len(array) for array in batch]
    if len(set(lengths)) > 1 or 0 in lengths:
        raise CourseError(f'{where} has arrays of {", ".join(map(str, lengths))} examples: all must be equally long, and not empty.')
    found = [array.shape[1:] for array in batch]
    if shapes is not None and found != shapes:
        raise CourseError(f'{where} has examples of shape {found}, the first batch had {shapes}: bring all to one size, for instance with a crop.')
    return found


def _split(array, context):
    """One share of the batch on each device."""
    if len(array) < len(context):
        raise CourseError(f'A batch of {len(array)} cannot be shared by {len(context)} devices: take a larger batch.')
    if array.dtype == 'float64':  # NumPy's usual kind of number, which no layer takes
        array = array.astype('float32')
    return gluon.utils.split_and_load(array, context, even_split=False)


def _terms(loss, share, device, weight):
    """The weighted terms of the loss on one device, and their sum, which is recorded for backward."""
    with device, autograd.record():
        terms = loss(*share)
        if isinstance(terms, dict) and (not terms or 'loss' in terms):
            raise CourseError(f'The loss returned a dict with the names {list(terms)}: it needs at least one name, and none may be loss, '
                              'which is their sum.')
        terms = terms if isinstance(terms, dict) else {'loss': terms}
        for name, term in terms.items():
            if getattr(term, 'size', None) != 1:
                raise CourseError(f'The loss returned {name!r} of shape {getattr(term, "shape", type(term).__name__)}; '
                                  'fit wants one number, the mean over the batch: end it with .mean().')
        terms = {name: term * weight for name, term in terms.items()}
        return terms, sum(terms.values())


def _check_names(terms, names):
    """The names of the terms, which must be the same on every device and in every batch, or their means would mislead."""
    for term, _ in terms:
        if names is not None and list(term) != names:
            raise CourseError(f'The loss returned the names {list(term)} now and {names} before: return all of them every time, '
                              'np.zeros(()) for one that is absent.')
        names = list(term)
    return names


def _check_gradients(parameters):
    """Gluon would raise a warning as an exception here, or, told to ignore it, hide a mistake."""
    without = [p.name for p in parameters if p.grad_req != 'null' and not (p._data and all(data._fresh_grad for data in p.list_data()))]
    if without:
        some = ', '.join(without[:3]) + (', …' if len(without) > 3 else '')
        raise CourseError(f'{len(without)} parameters in the trainer got no gradient from the loss ({some}): '
                          'freeze them, or leave them out of the trainer.')


def _mark_used(parameters):
    """With several devices Gluon does not mark gradients as used, and would apply an old one again without a word."""
    for parameter in parameters:
        if parameter.grad_req != 'null':
            for data in parameter.list_data():
                data._fresh_grad = False


def _finite(parameters):
    return all(numpy.isfinite(parameter.data(parameter.list_ctx()[0]).asnumpy()).all() for parameter in parameters if parameter._data)
