"""How training ends: by itself, by hand, or because it diverged; and the line that says so."""
import math

from .messages import say
from .progress import watched


class Diverged(Exception):
    """Training cannot go on: the text says what is no longer finite, and since when."""


def check_loss(terms, epoch, number):
    """End training if the loss is not finite.

    Parameters
    ----------
    terms : dict of str to float
    epoch, number : int
        Where training is: `number` counts the batches of the epoch from 1.

    Raises
    ------
    Diverged
    """
    if not all(map(math.isfinite, terms.values())):
        raise Diverged(f'the loss is {sum(terms.values())} in epoch {epoch}, batch {number}')


def print_ending(history, figures, updates, back, reason):
    """Print how training ended, and which weights the network has now.

    Parameters
    ----------
    history : History
    figures : dict of str to float
        Those of the last epoch. Where somebody watches, the progress bar has shown them.
    updates : int
        Steps made.
    back : int or None
        The epoch whose weights were put back; None where they are as training left them.
    reason : str or None
        Why training diverged, if it did.
    """
    if history.diverged:
        say(f'Training stopped: {reason}. The weights from the end of epoch {back} were put back. A lower '
              'learning rate may help.')
    elif history.interrupted:
        kept = 'as they are now' if back is None else f'of epoch {back}, the best,'
        say(f'Interrupted after {updates} updates: the history so far and the weights {kept} are kept.')
    elif not watched():
        kept = '' if back is None else f', weights of epoch {back} kept'
        say(f'{updates} updates: ' + ', '.join(f'{name} {value:.3f}' for name, value in figures.items())
              + kept)
