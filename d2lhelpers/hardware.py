"""Which devices there are, and the seeds of all three random generators."""
import contextlib
import random

import numpy
from mxnet import context, npx
from mxnet import random as mx_random

from . import process  # noqa: F401 - np semantics

_cpu_only = False


def devices():
    """All GPUs that MXNet can see, else the CPU: never an empty list. Inside `on_cpu` the CPU alone.

    (d2l's ``try_all_gpus()`` returns ``[]`` on a machine without a GPU, and ``reset_ctx([])`` then erases a
    network's weights.)

    Returns
    -------
    list of mxnet.context.Context
    """
    return not _cpu_only and [npx.gpu(i) for i in range(context.num_gpus())] or [npx.cpu()]


@contextlib.contextmanager
def on_cpu():
    """A context in which `devices` gives the CPU alone: checks of exercises are the same on every machine."""
    global _cpu_only
    before, _cpu_only = _cpu_only, True
    try:
        yield
    finally:
        _cpu_only = before


def seed_all(seed):
    """Seed Python's, NumPy's and MXNet's generators.

    All three are in use: Gluon's random crops draw from Python's, the order of the batches from NumPy's, new
    weights, flips, colour jitter and dropout from MXNet's.

    Parameters
    ----------
    seed : int
    """
    random.seed(seed)
    numpy.random.seed(seed)
    mx_random.seed(seed)
