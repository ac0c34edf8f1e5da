"""A worker of test_machines.py: ``python workers.py JOB [CODE]``; CODE changes what this test is about."""
import hashlib
import json
import os  # noqa: F401 - for CODE
import signal
import sys
import time  # noqa: F401 - for CODE

from d2lhelpers import CourseError, batches, cross_entropy, fit, machines, seed_all  # noqa: F401 - for CODE

import numpy
from mxnet import gluon, init, np, random
from mxnet.gluon import nn


def trained(kv, code=''):
    """Trains a small network; what came out, as one dict."""
    here = {**globals(), 'rank': kv.rank if kv else 0, 'size': 16, 'epochs': 3, 'seed': 3, 'luck': 3,
            'step': None, 'build': True, 'layers': [nn.Dense(16, 'relu')], 'shape': (8,), 'factor': 1,
            'options': {'update_on_kvstore': False}, 'between': None}
    exec(code, here)
    seed_all(here['seed'])
    X = numpy.random.normal(size=(96, *here['shape'])).astype('float32')
    y = (X.reshape(96, -1)[:, 0] > 0).astype('int32')
    random.seed(here['luck'])  # of the weights
    net = nn.HybridSequential()
    net.add(*here['layers'], nn.Dense(2))
    net.initialize(init.Xavier())
    if here['build']:
        net(np.array(X[:2]))
    trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .2, 'momentum': .9}, kvstore=kv,
                            **here['options'])
    data = batches(gluon.data.ArrayDataset(np.array(X), np.array(y)), size=here['size'], share=kv)

    def fitted():
        return fit(lambda x, t: cross_entropy(net(x), t) * here['factor'], data, trainer, here['epochs'],
                   before_step=here['step'], keep_best='accuracy', evaluate={
                       'accuracy': lambda: float((net(np.array(X)).argmax(axis=1).asnumpy() == y).mean())})

    history = fitted()
    if here['between']:
        here['between'](net)
        history = fitted()
    weights = [parameter.data().asnumpy() for parameter in net.collect_params().values()]
    return {'weights': numpy.concatenate([each.ravel() for each in weights]).tolist(),
            'bits': hashlib.sha256(b''.join(each.tobytes() for each in weights)).hexdigest(),
            'loss': history.table.query('name == "loss"')['value'].tolist(),
            'accuracy': history['accuracy'].tolist(),
            'interrupted': history.interrupted, 'diverged': history.diverged}


if __name__ == '__main__':
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background of a shell
    kv, (code, *_) = machines.join(json.loads(sys.argv[1])), [*sys.argv[2:], '']
    if 'def main' in code:
        exec(code)
        main(kv)  # noqa: F821 - CODE has it
    else:
        print(json.dumps(trained(kv, code)), flush=True)
        machines.leave(kv)
