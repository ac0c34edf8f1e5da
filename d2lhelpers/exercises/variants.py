"""Hidden variants of the data that checks build: while submissions are marked, all their seeds are others."""
import numpy

_hidden = None


def hide(seed):
    """From now on this process draws the data of checks anew.

    Parameters
    ----------
    seed : int
        The lecturer's, from 0. The same one gives the same data.
    """
    global _hidden
    _hidden = seed


def varied(seed):
    """The seed by which a check draws: the one that learners get, or, after `hide`, another one.

    Parameters
    ----------
    seed : int
        Of the data that learners get.

    Returns
    -------
    int
    """
    if _hidden is None:
        return seed
    return int(numpy.random.SeedSequence([_hidden, seed]).generate_state(1)[0] % 2 ** 31)
