"""Running statistics that learn on every device alike.

A batch normalisation normalises by its batch in training and by running averages in use. On GPUs MXNet 1.9.1
moves the averages in the forward pass, on CPUs only in the backward pass: a batch normalisation that no
gradient has to pass, such as the first layer of the zoo's ResNet v2, which has no weights and the picture
itself as its input, never learns them there. It trains well, and is wrong in use.
"""
from . import process  # noqa: F401 - np semantics


class RunningStatistics:
    """Sees to it that backward reaches every batch normalisation, except frozen ones.

    Its scale asks for a gradient, which nobody uses: with that the backward pass goes through the layer.

    Parameters
    ----------
    parameters : list of mxnet.gluon.Parameter
        Of the trainer. Those that `freeze` has frozen are left alone.
    """

    def __init__(self, parameters):
        named = {parameter.name: parameter for parameter in parameters}
        self._waiting, self._followed = [], []
        for parameter in parameters:
            prefix, found, _ = parameter.name.rpartition('running_mean')
            own = [named.get(f'{prefix}{name}') for name in ('gamma', 'beta')]
            if not found or None in own or getattr(parameter, 'frozen', False):
                continue
            # with a gradient of its own, for scale or shift, backward reaches it anyway
            if all(each.grad_req == 'null' for each in own):
                self._waiting.append(own[0])

    def follow(self):
        """Before each batch: let those take part that have got their sizes by now."""
        ready = [scale for scale in self._waiting if scale._data]
        for scale in ready:
            self._waiting.remove(scale)
            self._followed.append(scale)
            for array in scale.list_data():
                array.attach_grad()

    def leave(self):
        """After training: as it was before, for training by hand goes by MXNet's own rules."""
        for scale in self._followed:
            scale._data = [array.detach() for array in scale._data]
