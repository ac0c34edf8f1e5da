"""Whether a training has one worker or several: what `fit` asks. Several are `machines.Worker`."""
import math

from . import process  # noqa: F401 - np semantics
from .errors import CourseError
from .interrupts import Interrupt
from .progress import bar


class Alone:
    """One process trains: nothing is shared, and nobody is waited for."""

    first = True
    interrupt = Interrupt
    bar = staticmethod(bar)

    def begin(self, batches, epochs):
        """Before the first epoch."""

    def mean(self, terms, examples):
        """The terms of the loss as means over the batches of all workers."""
        return terms

    def weight(self, total):
        """What the gradients of this worker count in the sum of all; None is 1."""

    def wait(self):
        """After a step: until the sums of all workers are here."""

    def average(self):
        """At the end of an epoch: running statistics become means over the workers."""

    def agree(self, figures):
        """Figures of the first worker, for all."""
        return figures


def team_of(trainer):
    """Those who train together, by the kvstore that the trainer was given.

    Parameters
    ----------
    trainer : mxnet.gluon.Trainer

    Returns
    -------
    Alone or machines.Team

    Raises
    ------
    CourseError
        If the kvstore is one between machines, but not one that `join` has made.
    """
    kvstore = trainer._kvstore_params['kvstore']  # Gluon has no public name for it
    if hasattr(kvstore, 'team'):
        return kvstore.team(trainer)
    if 'dist' in str(getattr(kvstore, 'type', kvstore)):
        raise CourseError('Several machines train together by a kvstore that join(…) returns: the one of '
                          'MXNet alone waits for ever when one of them stops.')
    return Alone()


def share_of(batch, share):
    """A worker's part of a batch: one after the other, sizes that differ by one at most.

    Parameters
    ----------
    batch : sequence
    share : machines.Worker or None
        Of the worker; None: the whole batch.
    """
    if share is None:
        return batch
    ends = [math.floor(len(batch) * part / share.num_workers) for part in (share.rank, share.rank + 1)]
    return batch[slice(*ends)]
