"""What a network answers: in predict mode, every example once, in order."""
import numpy
from mxnet import MXNetError, autograd, gluon, np, npx

from . import process  # noqa: F401 - np semantics
from .datasets.loading import load
from .errors import CourseError
from .wrong_input import explained


def _answers(net, data, size):
    """(outputs, labels or None) of each batch, in order."""
    if not hasattr(data, '__getitem__'):
        raise CourseError('Every example must be used once, in order: pass a dataset or an array, not '
                          f'a {type(data).__name__}.')
    if len(data) == 0:
        raise CourseError('There is nothing to evaluate: the data are empty.')
    dataset = gluon.data.ArrayDataset(data) if isinstance(data, np.ndarray | numpy.ndarray) else data
    parameters = list(net.collect_params().values())  # none in a part such as a Flatten
    device = parameters[0].list_ctx()[0] if parameters else npx.cpu()
    for batch in load(dataset, gluon.data.BatchSampler(gluon.data.SequentialSampler(len(dataset)), size)):
        x, *labels = batch if isinstance(batch, list | tuple) else [batch]
        if x.dtype == 'float64':  # NumPy's usual kind of number, which no layer takes
            x = x.astype('float32')
        try:
            with autograd.pause(train_mode=False):
                answer = net(x.as_in_ctx(device))
        except MXNetError as error:
            raise explained(error, [x]) from error
        if isinstance(answer, list | tuple):
            raise CourseError(f'The network returns {len(answer)} arrays: hand over the part of it that '
                              'gives the one you want.')
        yield answer, labels[0] if labels else None


def outputs(net, data, size=64):
    """Outputs of a network: also of a part of one, so that features can be computed once and kept.

    Parameters
    ----------
    net : mxnet.gluon.Block
        For instance ``net``, or ``net.features``.
    data : gluon.data.Dataset or array
        Items ``(x, label)`` (labels are left aside) or ``x`` alone; already transformed to what the network
        takes.
    size : int
        Examples at a time: a matter of memory only.

    Returns
    -------
    mxnet.np.ndarray, shape (examples, …)
        On the CPU.

    Raises
    ------
    CourseError
        If there are no data, or they are batches.
    """
    return np.concatenate([answer.as_in_ctx(npx.cpu()) for answer, _ in _answers(net, data, size)])


def correct(net, data, size=64):
    """Which examples have their true class as the highest output.

    A study that is given this, where the share would do, keeps which test examples were right: then two
    networks can be compared example by example.

    Parameters
    ----------
    net : mxnet.gluon.Block
    data : gluon.data.Dataset
        Items ``(x, label)``.
    size : int
        Examples at a time.

    Returns
    -------
    numpy.ndarray of bool, shape (examples,)

    Raises
    ------
    CourseError
        If there are no data, they are batches, or have no labels.
    """
    found = []
    for answer, labels in _answers(net, data, size):
        if labels is None:
            raise CourseError('Accuracy needs labelled examples, (x, label); these data have no labels.')
        found.append(answer.asnumpy().argmax(axis=1) == labels.asnumpy())
    return numpy.concatenate(found)


def accuracy(net, data, size=64):
    """Share of examples whose highest output is the true class, from 0 to 1 (float); parameters and errors as
    in `correct`.
    """
    return float(correct(net, data, size).mean())


def trained_on(net, data, history, term='loss'):
    """What training says of a network, and what the network says in use, of the same examples.

    A run of a study returns both beside its figures, and the study points out where they disagree: a network
    whose training loss is near 0 and that is often wrong on its own training examples is broken in use.

    Parameters
    ----------
    net : mxnet.gluon.Block
    data : gluon.data.Dataset
        The examples it was trained on, ``(x, label)``, as they come in use (without augmentation).
    history : History
        Of that training.
    term : str
        The loss on these labels, where the loss has several terms.

    Returns
    -------
    dict of str to float
        ``training`` (accuracy in use) and ``training loss`` (nats, of the last epoch; nan where training
        broke off before the end of its first).

    Raises
    ------
    CourseError
        If the loss has no such term.
    """
    # evaluated figures may stand there from before the first epoch
    losses = history[term] if 'loss' in set(history.table['name']) else []
    return {'training': accuracy(net, data), 'training loss': float(losses[-1]) if len(losses) else
            float('nan')}
