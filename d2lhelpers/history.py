"""The figures of a training, epoch by epoch."""
import numpy
import pandas

from .errors import CourseError


class History:
    """What happened in training: prints as a table and draws itself.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns epoch (0 is before training), name, value. ``loss`` and its terms are means over the batches
        of an epoch.
    interrupted : bool
        Training was stopped by hand.
    diverged : bool
        The loss or the weights stopped being finite numbers.
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
            raise CourseError(f'The history has no figure {name!r}; it has '
                              f'{sorted({known for _, known, _ in self._rows})}.')
        return numpy.array(values)

    def _wide(self):
        return self.table.pivot(index='epoch', columns='name',
                                values='value')[list(dict.fromkeys(name for _, name, _ in self._rows))]

    def __repr__(self):
        return self._wide().round(3).to_string(na_rep='') if self._rows else 'an empty history'

    def _repr_html_(self):
        return self._wide().round(3).to_html(na_rep='', border=0) if self._rows else None

    def plot(self, title='Training', reading=None):
        """Draw every figure against the epoch: losses (nats) and evaluated figures side by side. See
        `plots.history`.
        """
        from . import plots  # only drawing needs matplotlib

        plots.history(self.table, title, reading)


def means(batches):
    """Means over the batches of an epoch.

    Parameters
    ----------
    batches : list of dict of str to float
        The terms of the loss in each batch, under the same names.

    Returns
    -------
    dict of str to float
        ``loss``, which is the sum of the terms, and every term; nothing where there was no batch.
    """
    if not batches:
        return {}
    sums = {name: sum(terms[name] for terms in batches) for name in batches[0]}
    return {'loss': sum(sums.values()) / len(batches),
            **{name: value / len(batches) for name, value in sums.items()}}
