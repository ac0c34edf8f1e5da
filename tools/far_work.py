"""What `far_engines` computes, here and on engines. They need not know `tools`: they are given this text."""
import os
import platform
from functools import cache

from d2lhelpers import (
    accuracy,
    backbones,
    batches,
    correct,
    cross_entropy,
    datasets,
    fit,
    freeze,
    machines,
    new_head,
    seed_all,
    stratified,
)

import numpy
from mxnet import gluon, init, np
from mxnet.gluon import nn

ARMS = [{'arm': 'frozen'}, {'arm': 'fine-tuned'}]
GRID = [{'lr': .01}, {'lr': .1}]
SEEDS = range(2)
data = datasets.load_hotdog()  # the embedded ones: drawn, so the same wherever this runs


@cache
def pictures(part, number):
    """Some pictures as arrays, values in [-1, 1]."""
    chosen = stratified(getattr(data, part), number, 0)
    x = numpy.stack([picture.asnumpy().transpose(2, 0, 1) for picture, _ in chosen])
    return datasets.Examples((x / 127.5 - 1).astype('float32'), chosen.labels)


def run(seed, arm, lr):
    """A run of a study: twelve updates of the thin ResNet."""
    seed_all(seed)  # before the head is drawn: a run must not depend on the runs before it
    net = new_head(backbones.pretrained().load(), len(data.classes))
    if arm == 'frozen':
        freeze(net, net.features)
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': lr, 'momentum': .9})
    history = fit(lambda x, y: cross_entropy(net(x), y),
                  batches(pictures('train', 64), size=16, updates=12), trainer, epochs=1)
    return {'validation': accuracy(net, pictures('validation', 64)),
            'test': correct(net, pictures('test', 64)), 'history': history}


def work(job, address=None):
    """A worker of one training without batch normalisation; None trains alone.

    Returns
    -------
    rank : int
    weights : numpy.ndarray
        All of them, in a row.
    """
    worker = machines.join(job, address)
    seed_all(1)
    net = nn.HybridSequential(prefix='plain_')
    with net.name_scope():
        net.add(nn.Conv2D(16, 5, strides=3, activation='relu'), nn.GlobalAvgPool2D(), nn.Dense(2))
    net.initialize(init.Xavier())
    net(np.array(pictures('train', 64).x[:1]))
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .1, 'momentum': .9},
                            kvstore=worker or 'device', update_on_kvstore=False)
    fit(lambda x, y: cross_entropy(net(x), y),
        batches(pictures('train', 64), size=32, updates=10, share=worker), trainer, epochs=1)
    rank = worker.rank if worker else 0
    machines.leave(worker)
    return rank, numpy.concatenate([parameter.data().asnumpy().ravel()
                                    for parameter in net.collect_params().values()])


def place():
    """Where this process is, and what started it says of it."""
    return {'machine': platform.node(), 'process': os.getpid(),
            **{name: os.environ[name] for name in ('SSH_CONNECTION', 'SLURM_JOB_ID', 'SLURM_PROCID')
               if name in os.environ}}
