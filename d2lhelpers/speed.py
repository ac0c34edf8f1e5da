"""How fast this machine is now, so that what was measured on another one can be announced as minutes here."""
import time

from mxnet import autograd, np, npx
from mxnet.util import use_np

from . import process  # noqa: F401 - np semantics

STEPS, TRIES = 5, 4


@use_np  # semantics belong to a thread, and the makers' tools work in several
def seconds():
    """How long a fixed small training takes now, with the CPU threads of this process: the fastest of a few
    tries, well under two seconds in all.

    It draws no random numbers, so whatever is seeded stays as it is.

    Returns
    -------
    float
    """
    x = np.arange(16 * 3 * 32 * 32).reshape(16, 3, 32, 32) / 49152
    lower, upper = np.full((16, 3, 3, 3), .01), np.full((32, 16, 3, 3), .01)
    for weight in (lower, upper):
        weight.attach_grad()

    def training():
        began = time.perf_counter()
        for _ in range(STEPS):
            with autograd.record():
                h = npx.relu(npx.convolution(x, lower, kernel=(3, 3), num_filter=16, no_bias=True))
                h = npx.convolution(h, upper, kernel=(3, 3), num_filter=32, no_bias=True)
                loss = (h ** 2).mean()
            loss.backward()
            for weight in (lower, upper):
                weight -= 1e-6 * weight.grad
        npx.waitall()
        return time.perf_counter() - began

    training()  # the first one also allots memory and chooses algorithms
    return min(training() for _ in range(TRIES))
