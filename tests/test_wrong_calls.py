"""Sixty likely mistakes, each in a process of its own: none kills it, and each is answered by a sentence."""
import json
import os
import re
import subprocess
import sys

import pytest

BEFORE = '''
import numpy
from d2lhelpers import *
from d2lhelpers.datasets import Examples, domains, load_vowels, picture_book, vowels
from mxnet import np, gluon, autograd
from mxnet.gluon import nn
net = backbones.embedded().load()
x, y = numpy.random.default_rng(0).normal(size=(8, 3, 64, 64)).astype('float32'), numpy.arange(8) % 2
def data(x=x, y=y):
    return gluon.data.ArrayDataset(x, y.astype('int32'))
def loss(x, y):
    return cross_entropy(net(x), y)
def trainer(net=net):
    return gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .001})
def go(data, loss=loss, trainer=trainer(), epochs=1, **more):
    fit(loss, batches(data, size=4, updates=2), trainer, epochs, **more)
small = Examples(numpy.zeros((6, 1, 16, 16), 'float32'), numpy.array([0, 0, 0, 1, 1, 1]))
'''
HYBRID = 'net.hybridize(static_alloc=True)\n'
CALLS = {
    # what goes into a network
    'features into the whole network': ('go(data(x.reshape(8, -1)[:, :128]))', 'net.output'),
    'the same, compiled': (HYBRID + 'go(data(x.mean(axis=(2, 3))))', 'net.output'),
    'untransformed pictures': ("go(data(x.transpose(0, 2, 3, 1).astype('uint8')))", 'ToTensor'),
    'the same, as they come': ('go(picture_book.unseen(train=10, validation=5, test=5).train)', 'ToTensor'),
    'the same, compiled ': (HYBRID + "go(data(x.transpose(0, 2, 3, 1).astype('uint8')))", 'ToTensor'),
    'channels last': ('go(data(x.transpose(0, 2, 3, 1)))', 'ToTensor'),
    'channels last, compiled': (HYBRID + 'go(data(x.transpose(0, 2, 3, 1)))', 'ToTensor'),
    '8-bit numbers': ("go(data(x.astype('uint8')))", '8-bit'),
    'the same, compiled  ': (HYBRID + "go(data(x.astype('uint8')))", '8-bit'),
    'one channel': ('go(data(x[:, :1]))', 'one channel'),
    'one channel, compiled': (HYBRID + 'go(data(x[:, :1]))', 'one channel'),
    'a picture without its batch': ('net(np.array(x[0]))', 'x\\[None\\]'),
    'features, measured': ('outputs(net, x.mean(axis=(2, 3)))', 'net.output'),
    'features, measured, compiled': (HYBRID + 'outputs(net, x.mean(axis=(2, 3)))', 'net.output'),
    'channels last, measured': ('accuracy(net, data(x.transpose(0, 2, 3, 1)))', 'ToTensor'),
    '8-bit numbers, measured': ("outputs(net, x.astype('uint8'))", '8-bit'),
    'pictures into a head': ('outputs(net.output, x)', 'dense layer'),
    'nothing to measure': ('outputs(net, [])', 'empty'),
    # fit
    'no function': ('go(data(), loss=3)', 'needs a function'),
    'a block as the loss': ('go(data(), loss=gluon.loss.SoftmaxCrossEntropyLoss())', 'never sees'),
    'no mean': ('go(data(), loss=lambda x, y: gluon.loss.SoftmaxCrossEntropyLoss()(net(x), y))', 'mean'),
    'the outputs as the loss': ('go(data(), loss=lambda x, y: net(x))', 'one number'),
    'no labels': ('go(gluon.data.ArrayDataset(x))', 'the loss takes 2'),
    'labels that are too high': ('go(data(y=y + 40))', 'A label is 4'),
    'no batches': ('fit(loss, data(), trainer(), 1)', 'is a tuple|batches'),
    'an iterator': ('fit(loss, iter(batches(data(), size=4)), trainer(), 1)', 'only once'),
    'half an epoch': ('go(data(), epochs=.5)', 'whole number'),
    'no epoch': ('go(data(), epochs=0)', 'at least one'),
    'all frozen': ('freeze(net, net)\ngo(data())', 'nothing to train'),
    'a strange name to keep': ("go(data(), keep_best='accuracy')", 'keep_best'),
    'a figure called loss': ("go(data(), evaluate={'loss': lambda: 1})", 'another name'),
    'another network': ('other = backbones.embedded().load()\ngo(data(), trainer=trainer(other))',
                        'no gradient'),
    # batches and subsets
    'no examples': ('batches(data(x[:0], y[:0]), size=4)', 'empty|no example'),
    'a batch of none': ('batches(data(), size=0)', 'size|whole'),
    'a number for a dataset': ('batches(3, size=4)', 'dataset'),
    'a third of an example': ('batches(data(), size=2.5)', 'whole'),
    'more than there are': ('per_class(small, 9, seed=0)', '9'),
    'less than a class': ('stratified(small, 1, seed=0)', 'at least|each'),
    'a seed in words': ("per_class(small, 1, seed='a')", 'seed'),
    'labels of another length': ("Examples(numpy.zeros((3, 2), 'float32'), numpy.array([0, 1]))", '3'),
    # surgery
    'a head of none': ('new_head(net, 0)', 'classes'), 'a head by a name': ("new_head(net, 'two')", 'class'),
    'no head': ("new_head(nn.Dense(2), 2)", 'output'), 'a copy of nothing': ('true_copy(None)', 'net'),
    'freeze a name': ("freeze(net, 'features')", 'features'), 'freeze nothing': ('freeze(net, None)', 'part'),
    'freeze another': ('freeze(net, backbones.embedded().load().features)', 'not|part'),
    'too many layers': ('layers.first(net, 99)', '99'), 'fewer than none': ('layers.first(net, -1)', '-1'),
    'layers of others': ('layers.copy_weights(net.features, net.output)', 'same|differ'),
    # studies, claims, guesses
    'an unknown guess': ("guess('?', ('a', 'b'), choice='c')", 'among the options'),
    'a number as a claim': ("claim('so', .9)", 'true or false'),
    'unequal grids': ("study(loss, [{'arm': 'a'}, {'arm': 'b'}], {'a': [{}], 'b': [{}, {}]}, [1], "
                      "record='99', data=[])", 'same number'),
    'a study without data': ("study(loss, [{'arm': 'a'}], [{}], [1], record='99', data=[])", 'dataset'),
    'no such record': ("recorded('99_none')", 'no record'),
    # data
    'no such vowel': ("vowels.say('man 0', 'hello')", 'hello'),
    'no such speaker': ("vowels.say('dog 0', 'heed')", 'dog'),
    'another rate': ('vowels.features(numpy.zeros((1, 4000)), rate=8000)', '8'),
    'digits that are none': ('datasets.load_digits([7, 12])', '12'),
    'a half that is none': ("backbones.half('C')", 'C'),
    'no such network': ("backbones.build('vgg99', 2)", 'vgg99'),
    'more pictures than none': ('picture_book.unseen(train=-5)', '-5|train'),
    'a style that is none': ("domains.digits_in_style(0, 'neon')", 'neon'),
}


# One process imports; each call has a copy of it, which goes on computing after the sentence, for what was
# written where it should not be shows later.
RUNNER = """
import gc, json, os, sys, tempfile
{before}
net.output(np.zeros((2, 128))).asnumpy()
for name, code in json.load(sys.stdin).items():
    with tempfile.TemporaryFile('w+') as told:
        child = os.fork()
        if not child:
            for stream in 1, 2:
                os.dup2(told.fileno(), stream)
            status = 0
            try:
                exec(code)
            except Exception:
                sys.excepthook(*sys.exc_info())
                status = 1
            for _ in range(30):
                net.output(np.zeros((33, 128))).asnumpy()
                gc.collect()
            sys.stdout.flush(), sys.stderr.flush()
            os._exit(status)
        _, status = os.waitpid(child, 0)
        told.seek(0)
        print(json.dumps([name, os.waitstatus_to_exitcode(status), told.read()]), flush=True)
"""


@pytest.fixture(scope='module')
def answers():
    """What each call prints, and how its process ended."""
    environment = os.environ | {'OMP_NUM_THREADS': '1', 'D2LHELPERS_STRICT': '0',
                                'D2LHELPERS_PROFILE': 'embedded'}
    run = subprocess.run([sys.executable, '-c', RUNNER.format(before=BEFORE)], text=True, check=True,
                         input=json.dumps({name: code for name, (code, _) in CALLS.items()}),
                         stdout=subprocess.PIPE, env=environment)
    return {name: (status, told) for name, status, told in map(json.loads, run.stdout.splitlines())}


@pytest.mark.parametrize('name', CALLS)
def test_one_sentence(answers, name):
    status, told = answers[name]
    assert status == 1, f'{status}: {told[-1500:]}'
    last = told.strip().splitlines()[-1]
    assert last.startswith('CourseError: ') and 'Traceback' not in told, told[-1500:]
    assert re.search(CALLS[name][1], last), last
