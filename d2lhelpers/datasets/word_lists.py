"""Lists of words that belong together, as the packages of the course carry them: nobody has picked them."""
import builtins
import re

import numpy


def load_word_lists():
    """Five lists: colours (Matplotlib's), probability distributions (SciPy's), estimators (scikit-learn's),
    functions that work number by number (NumPy's) and exceptions (Python's).

    Returns
    -------
    dict of str to list of str
        Names in lower case, those of letters a to z alone; no name is in two lists.
    """
    import matplotlib.colors
    import scipy.stats
    from sklearn.utils import all_estimators

    lists = {
        'colours': matplotlib.colors.CSS4_COLORS,
        'distributions': [name for name, value in vars(scipy.stats).items()
                          if isinstance(value, scipy.stats.rv_continuous | scipy.stats.rv_discrete)],
        'estimators': [name for name, _ in all_estimators()],
        'functions': [name for name, value in vars(numpy).items() if isinstance(value, numpy.ufunc)],
        'exceptions': [name for name, value in vars(builtins).items()
                       if isinstance(value, type) and issubclass(value, Exception)],
    }
    named = {kind: {name.lower() for name in names if re.fullmatch('[A-Za-z]{2,}', name)}
             for kind, names in lists.items()}
    return {kind: sorted(names.difference(*(others for other, others in named.items() if other != kind)))
            for kind, names in named.items()}
