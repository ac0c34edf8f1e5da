"""Weights that training can go back to, each with the epoch that they come from."""
import math

import numpy

from .endings import Diverged


class _Checkpoint:
    """Every parameter of a trainer, running statistics included, as at the end of one epoch."""

    def __init__(self, parameters, epoch):
        self.epoch = epoch
        # sizes that MXNet has not inferred yet belong to parameters that nothing has used
        self._saved = [(parameter, parameter.data(parameter.list_ctx()[0]).copy())
                       for parameter in parameters if parameter._data]

    def put_back(self):
        for parameter, value in self._saved:
            parameter.set_data(value)


class Checkpoints:
    """The weights of the last good epoch, and those of the best one.

    Parameters
    ----------
    parameters : list of mxnet.gluon.Parameter
    figure : str or None
        The evaluated figure that says which epoch is best; None: no epoch is.
    """

    def __init__(self, parameters, figure):
        self._parameters, self._figure = parameters, figure
        self._good = self._best = None
        self._highest = -math.inf

    @property
    def best_epoch(self):
        """The epoch of the best weights (int), or None."""
        return self._best.epoch if self._best else None

    def keep_good(self, epoch):
        """Keep the weights as those of the last good epoch.

        Call it in the first batch of the next epoch, once its loss is known to be finite, and before its
        step: an epoch's last step may have ruined the weights, and only the next loss shows it.

        Parameters
        ----------
        epoch : int
            The epoch that ended with these weights; 0 is the start.

        Raises
        ------
        Diverged
            If a weight is not finite. The loss can hide that: the ReLU of nothing is 0.
        """
        self.check_finite('after')
        self._good = _Checkpoint(self._parameters, epoch)

    def keep_best(self, epoch, figures):
        """Keep the weights if their figure is the highest so far, and they are finite.

        Parameters
        ----------
        epoch : int
            The epoch that ended with these weights; 0 is the start.
        figures : dict of str to float
        """
        if self._figure is not None and figures[self._figure] > self._highest and self._finite():
            self._best, self._highest = _Checkpoint(self._parameters, epoch), figures[self._figure]

    def check_finite(self, when):
        """End training if the steps made since the last good epoch have ruined the weights.

        Parameters
        ----------
        when : str
            ``after`` the epoch of these steps, or still ``in`` it.

        Raises
        ------
        Diverged
        """
        if not self._finite():
            epoch = self._good.epoch + 1 if self._good else 0
            raise Diverged(f'the weights are no longer finite {when} epoch {epoch}')

    def put_back(self, diverged):
        """Put back the best weights, where there are any; else, if training diverged, the last good ones.

        Parameters
        ----------
        diverged : bool

        Returns
        -------
        int or None
            The epoch whose weights the network has now; None where they are as training left them.
        """
        chosen = self._best or (self._good if diverged else None)
        if chosen:
            chosen.put_back()
            return chosen.epoch
        return 0 if diverged else None  # no step was made: the network has the weights it came with

    def _finite(self):
        return all(numpy.isfinite(parameter.data(parameter.list_ctx()[0]).asnumpy()).all()
                   for parameter in self._parameters if parameter._data)
