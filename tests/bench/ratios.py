"""Two ways of doing the same, by turns in one process: `fit` and a bare loop; a head trained on kept features
and behind the frozen backbone.
"""
import contextlib
import io
import statistics
import time

from d2lhelpers import backbones, batches, cross_entropy, fit, freeze, outputs

import numpy
from mxnet import autograd, gluon, np, npx
from mxnet.gluon.data.vision import transforms

# name, side of the pictures; random weights take as long as others
NETWORKS = (('thin_resnet', 64), ('mobilenet0.25', 224))
SECONDS = 8  # for each row


def ratios(ours, theirs, seconds=SECONDS):
    """How many times as fast as the second function is the first?

    They run by turns, so that other work on the machine disturbs both alike; quartiles leave out what
    disturbed one of them alone.

    Parameters
    ----------
    ours, theirs : callable
        Without arguments.
    seconds : float
        How long to go on; five pairs at least.

    Returns
    -------
    clock, cpu : list of float
        First quartile, median and third quartile over the pairs: by the clock, and by the CPU time of this
        process.
    """
    _seconds(ours), _seconds(theirs)  # the first time chooses and compiles
    pairs, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(pairs) < 5:
        spent = {function: _seconds(function)
                 for function in ((ours, theirs) if len(pairs) % 2 else (theirs, ours))}
        pairs.append([long / short for long, short in zip(spent[theirs], spent[ours], strict=True)])
    return [statistics.quantiles(column, n=4) for column in zip(*pairs, strict=True)]


def _seconds(function):
    """By the clock, and of CPU time."""
    clock, cpu = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):  # fit prints a line
        function()
        # MXNet works in the background: what one leaves unfinished would be charged to the other
        npx.waitall()
    return time.perf_counter() - clock, time.process_time() - cpu


def pictures(side, n, augment):
    """n random pictures with labels 0 and 1: transformed once, beforehand, or augmented whenever they are
    met, as in lesson 1.
    """
    noise = numpy.random.default_rng(0).integers(0, 256, (n, side, side, 3), dtype='uint8')
    data = gluon.data.ArrayDataset(np.array(noise, dtype='uint8'), numpy.arange(n, dtype='int32') % 2)
    steps = [transforms.ToTensor(), transforms.Normalize(.5, .25)]
    if augment:
        steps = [transforms.RandomResizedCrop(side, scale=(.5, 1)), transforms.RandomFlipLeftRight(), *steps]
    return data.transform_first(transforms.Compose(steps), lazy=augment)


def network(name):
    net = backbones.build(name, 2)
    net.hybridize(static_alloc=True)
    return net


def trainer_of(net):
    return gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .001, 'momentum': .9, 'wd': .001})


def bare_loop(loss, loader, trainer):
    """One epoch as one would write it by hand for one device, reading each batch's loss as `fit` does."""
    total = 0
    for batch in loader:
        with autograd.record():
            value = loss(*batch)
        total += float(value)
        value.backward()
        trainer.step(1)
    return total / len(loader)


def fit_and_bare_loop(name, side, augment, seconds=SECONDS):
    """Speed of `fit` over that of the bare loop: epochs of ten batches of 32."""
    net, loader = network(name), batches(pictures(side, 320, augment), size=32)
    trainer = trainer_of(net)

    def loss(x, y):
        return cross_entropy(net(x), y)

    return ratios(lambda: fit(loss, loader, trainer, 1), lambda: bare_loop(loss, loader, trainer), seconds)


def kept_features_and_frozen_backbone(name, side, augment, seconds=SECONDS):
    """Speed of an epoch of the head on kept features over that of one behind the frozen backbone: batches of
    128, as in d2l's chapter.
    """
    net, data = network(name), pictures(side, 512, augment)
    freeze(net, net.features)
    kept = gluon.data.ArrayDataset(outputs(net.features, data), numpy.arange(len(data), dtype='int32') % 2)
    few, many = batches(kept, size=128), batches(data, size=128)
    trainer = trainer_of(net)
    return ratios(lambda: fit(lambda x, y: cross_entropy(net.output(x), y), few, trainer, 1),
                  lambda: fit(lambda x, y: cross_entropy(net(x), y), many, trainer, 1), seconds)


def main():
    for title, measure in (('pictures a second, fit / bare loop', fit_and_bare_loop),
                           ('epochs a second, kept features / frozen backbone',
                            kept_features_and_frozen_backbone)):
        print(f'\n{title}: median (quartiles)')
        print(f'{"network":15}{"pictures":>10}{"":4}{"which are":24}{"by the clock":24}{"by CPU time":24}')
        for name, side in NETWORKS:
            for augment, kind in ((False, 'transformed beforehand'), (True, 'augmented')):
                with contextlib.redirect_stdout(io.StringIO()):
                    found = measure(name, side, augment)
                columns = ''.join(f'{f"{middle:.3g} ({low:.3g} to {high:.3g})":24}' for low, middle,
                                  high in found)
                print(f'{name:15}{f"{side} x {side}":>10}{"":4}{kind:24}{columns}', flush=True)
