"""What can be wrong with what `fit` is given: one sentence each."""
import inspect

import numpy
from mxnet import gluon

from . import process  # noqa: F401 - np semantics
from .errors import CourseError


def check_arguments(loss, batches, trainer, epochs, evaluate, before_step, keep_best):
    """Everything that can be known before the first batch.

    Parameters
    ----------
    loss, batches, trainer, epochs, evaluate, before_step, keep_best
        As for `fit`.

    Raises
    ------
    CourseError
    """
    if not callable(loss):
        raise CourseError('fit needs a function as its loss, loss(*batch), but was given '
                          f'{type(loss).__name__}.')
    if isinstance(loss, gluon.loss.Loss):
        raise CourseError(f'{type(loss).__name__} alone compares answers with labels and never sees the '
                          'network: give fit a function that calls it, def loss(x, y): return '
                          'cross_entropy(net(x), y).')
    if not hasattr(batches, '__iter__'):
        raise CourseError(f'fit needs batches that can be iterated, but was given {type(batches).__name__}: '
                          'use batches(data.train, size=32).')
    if iter(batches) is batches:
        raise CourseError('fit was given an iterator that can be used only once; every epoch needs all '
                          'batches again: use batches(...), a DataLoader or a list.')
    if before_step and not hasattr(batches, '__len__'):
        raise CourseError('before_step is told which fraction of training is done, so the batches must have '
                          'a length: use batches(...) or a list.')
    if isinstance(epochs, bool) or not isinstance(epochs, int | numpy.integer) or epochs < 1:
        raise CourseError(f'fit was asked for {epochs!r} epochs: give a whole number, at least one.')
    if keep_best is not None and keep_best not in evaluate:
        raise CourseError(f'keep_best is {keep_best!r}, but evaluate has {sorted(evaluate) or "nothing"}: '
                          'name one of its figures.')
    if 'loss' in evaluate:
        raise CourseError("evaluate has a figure 'loss', but that is the name of the training loss in the "
                          "history: give the figure another name, for instance 'loss, validation'.")
    # Gluon has no public name for the parameters
    if not any(parameter.grad_req != 'null' for parameter in trainer._params):
        raise CourseError('Every parameter of the trainer is frozen: there is nothing to train.')


class BatchChecks:
    """Whether batches and losses are what they must be, and all like the first.

    Parameters
    ----------
    loss, evaluate
        As for `fit`.
    devices : list of mxnet.context.Context
    """

    def __init__(self, loss, evaluate, devices):
        self._loss, self._evaluate, self._devices = loss, evaluate, devices
        self._shapes = self._names = None

    def batch(self, batch, epoch, number):
        """A batch before it is used.

        Parameters
        ----------
        batch : tuple of mxnet.np.ndarray
        epoch, number : int
            Where training is: `number` counts the batches of the epoch from 1.

        Raises
        ------
        CourseError
        """
        where = f'Batch {number} of epoch {epoch}'
        if not isinstance(batch, list | tuple) or not all(hasattr(array, 'shape') for array in batch):
            raise CourseError(f'{where} is a {type(batch).__name__}; a batch is a tuple of arrays: use '
                              'batches(...) or a DataLoader.')
        shapes = [array.shape[1:] for array in batch]
        try:
            if self._shapes is None or len(shapes) != len(self._shapes):
                inspect.signature(self._loss).bind(*batch)
        except TypeError:
            names = list(inspect.signature(self._loss).parameters)
            raise CourseError(f'{where} has {len(batch)} arrays, but the loss takes {len(names)} '
                              f'({", ".join(names)}): leave out labels, add a dataset, or add an '
                              'argument to the loss.') from None
        lengths = [len(array) for array in batch]
        if len(set(lengths)) > 1 or 0 in lengths:
            raise CourseError(f'{where} has arrays of {", ".join(map(str, lengths))} examples: all must be '
                              'equally long, and not empty.')
        if self._shapes is not None and shapes != self._shapes:
            raise CourseError(f'{where} has examples of shape {shapes}, the first batch had {self._shapes}: '
                              'make them all the same size, for instance with a crop.')
        if lengths[0] < len(self._devices):
            raise CourseError(f'A batch of {lengths[0]} cannot be shared by {len(self._devices)} devices: '
                              'take a larger batch.')
        self._shapes = shapes

    def terms(self, returned):
        """The named terms of what the loss returned for one share.

        The names must be the same on every device and in every batch, or their means would mislead.

        Parameters
        ----------
        returned : mxnet.np.ndarray or dict of str to mxnet.np.ndarray

        Returns
        -------
        dict of str to mxnet.np.ndarray
            A single number is named ``loss``.

        Raises
        ------
        CourseError
        """
        if isinstance(returned, dict) and (not returned or 'loss' in returned):
            raise CourseError(f'The loss returned a dict with the names {list(returned)}: it needs at least '
                              'one name, and none may be loss, which is their sum.')
        terms = returned if isinstance(returned, dict) else {'loss': returned}
        for name, term in terms.items():
            if getattr(term, 'size', None) != 1:
                raise CourseError(f'The loss returned {name!r} of shape '
                                  f'{getattr(term, "shape", type(term).__name__)}; fit wants one number, the '
                                  'mean over the batch: end it with .mean().')
        if self._names is not None and list(terms) != self._names:
            raise CourseError(f'The loss returned the names {list(terms)} now and {self._names} before: '
                              'return all of them every time, np.zeros(()) for one that is absent.')
        for name in terms:
            if name in self._evaluate:
                raise CourseError(f'{name!r} is both a term of the loss and a figure of evaluate, and the '
                                  f'history can hold only one of them: give the figure another name, for '
                                  f"instance '{name}, validation'.")
        self._names = list(terms)
        return terms

    def not_empty(self, batches, epoch):
        """An epoch after its last batch.

        Parameters
        ----------
        batches : list
            One item a batch.
        epoch : int

        Raises
        ------
        CourseError
        """
        if not batches:
            raise CourseError(f'There was no batch in epoch {epoch}: the data are empty, or an iterator that '
                              'can be used only once was given.')


def check_gradients(parameters):
    """Every parameter that is trained has a gradient from this batch's loss.

    Gluon would raise a warning as an exception here, or, told to ignore it, hide a mistake.

    Parameters
    ----------
    parameters : list of mxnet.gluon.Parameter

    Raises
    ------
    CourseError
    """
    without = [p.name for p in parameters if p.grad_req != 'null'
               and not (p._data and all(data._fresh_grad for data in p.list_data()))]
    if without:
        some = ', '.join(without[:3]) + (', …' if len(without) > 3 else '')
        raise CourseError(f'{len(without)} parameters in the trainer got no gradient from the loss ({some}): '
                          'freeze them, or leave them out of the trainer.')


def mark_used(parameters):
    """Mark the gradients as used after a step: then `check_gradients` sees if the next batch gives none.

    With several devices Gluon does not mark them, and would apply an old one again without a word.

    Parameters
    ----------
    parameters : list of mxnet.gluon.Parameter
    """
    for parameter in parameters:
        if parameter.grad_req != 'null':
            for data in parameter.list_data():
                data._fresh_grad = False
