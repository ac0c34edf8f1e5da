"""A task in Gluon: ``python -m tests.bench.peers.in_gluon FOLDER TASK WAY``, see contestant.py."""
import contextlib
import io

from d2lhelpers import accuracy, batches, cross_entropy, fit
from d2lhelpers.reversal import reverse

import numpy
from mxnet import gluon, np, npx

from . import networks
from .contestant import contest


def prepared(folder, task, way):
    """A function that does one round, and how many examples that has."""
    net = networks.build(task)
    net.load_parameters(str(folder / 'gluon.params'))
    for part in networks.parts(task, net):
        part.hybridize(static_alloc=True)
    x, y = np.array(numpy.load(folder / 'x.npy')), numpy.load(folder / 'y.npy')
    data = gluon.data.ArrayDataset(x, y)
    if task.kind == 'evaluate':
        long = gluon.data.ArrayDataset(*(np.concatenate([np.array(a)] * (task.size * task.batches // len(x)))
                                         for a in (x, y)))
        return lambda: accuracy(net, long, task.size), len(long)
    settings = {'learning_rate': .001, 'momentum': .9, 'wd': .001}
    if way == 'd2l':
        return by_the_book(net, data, task, gluon.Trainer(net.collect_params(), 'sgd', settings))
    loss = {'train': supervised, 'adversarial': adversarial}[task.kind]
    trainer = gluon.Trainer(net.collect_params(), 'sgd', settings)
    with contextlib.redirect_stdout(io.StringIO()):
        loader = batches(data, size=task.size, updates=task.batches)

    def train():
        with contextlib.redirect_stdout(io.StringIO()):
            fit(lambda *batch: loss(net, *batch), loader, trainer, 1)
        npx.waitall()
    return train, task.size * task.batches


def supervised(net, x, y):
    return cross_entropy(net(x), y)


def adversarial(net, x, y, lam=.5):
    """Half of the batch is the source, half the target."""
    n = len(x) // 2
    features = net.features(x)
    domain = np.concatenate([np.zeros(n), np.ones(n)])
    return (cross_entropy(net.label(features[:n]), y[:n])
            + cross_entropy(net.domain(reverse(features, lam)), domain))


def by_the_book(net, data, task, trainer):
    """d2l's `train_ch13` without its drawing and its test, with a loader as the chapter makes one."""
    from d2l import mxnet as d2l

    class Silent:
        def __init__(self, *args, **kwargs):
            pass

        def add(self, *args):
            pass
    d2l.Animator, d2l.evaluate_accuracy_gpus = Silent, lambda *args: 0
    loss = gluon.loss.SoftmaxCrossEntropyLoss()
    n = task.size * max(task.batches, 5)  # it divides by a fifth of the batches
    many = gluon.data.SimpleDataset([data[i % len(data)] for i in range(n)])
    loader = gluon.data.DataLoader(many, task.size, shuffle=True)

    def train():
        with contextlib.redirect_stdout(io.StringIO()):
            d2l.train_ch13(net, loader, None, loss, trainer, 1, [npx.cpu()])
        npx.waitall()
    return train, n


if __name__ == '__main__':
    contest(prepared)
