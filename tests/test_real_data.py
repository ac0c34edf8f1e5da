"""The full profile on real photos and real weights, where D2LHELPERS_DATA points at copies; see
data/README.md for what it looks like.
"""
import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not os.environ.get('D2LHELPERS_DATA'),
                                reason='D2LHELPERS_DATA is not set: no real data here')

_RUN = """
import json

from d2lhelpers import backbones, datasets, outputs, per_class

import numpy
from mxnet import np
from mxnet.gluon.data.vision import transforms

data = datasets.load_hotdog()
backbone = backbones.pretrained()


def form(resize):
    return transforms.Compose([resize, transforms.CenterCrop(224), transforms.ToTensor(),
                               transforms.Normalize([.485, .456, .406], [.229, .224, .225])])


prepare, square = form(transforms.Resize(256)), form(transforms.Resize(224, keep_ratio=True))
hotdogs = numpy.flatnonzero(data.test.labels == data.classes.index('hotdog'))[:20]
scores = outputs(backbone.load(), np.stack([prepare(data.test[i][0]) for i in hotdogs]))
top = (-scores.asnumpy()).argsort(axis=1)[:, :5]

faces = datasets.load_faces()
known, new = (outputs(backbone.load().features, part.transform_first(square, lazy=False)).asnumpy()
              for part in (per_class(faces.train, 1, seed=0), faces.test))
nearest = numpy.square(new[:, None] - known[None]).sum(axis=2).argmin(axis=1)
print(json.dumps(dict(sizes=[len(data.train), len(data.validation), len(data.test)], classes=data.classes,
                      backbone=backbone.name,
                      hotdog=[i for i, name in enumerate(backbone.classes) if name == 'hotdog'],
                      found=(top == 934).any(axis=1).mean().item(),
                      photocopier=(top == 713).any(axis=1).mean().item(),
                      people=len(faces.classes), strangers=len(set(faces.strangers.labels.tolist())),
                      recognised=(nearest == faces.test.labels).mean().item())))
"""


@pytest.fixture(scope='module')
def seen():
    run = subprocess.run([sys.executable, '-c', _RUN], env=os.environ | {'D2LHELPERS_PROFILE': 'full'},
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout, json.loads(run.stdout.splitlines()[-1])


def test_the_photos(seen):
    out, figures = seen
    assert figures['classes'] == ['hotdog', 'not-hotdog']
    train, validation, test = figures['sizes']
    assert (train + validation, validation, test) == (840, 168, 276)
    assert os.environ['D2LHELPERS_DATA'] in out


def test_the_pretrained_network_knows_hotdogs_as_class_934(seen):
    out, figures = seen
    assert figures['hotdog'] == [934] and f"Backbone: {figures['backbone']} pretrained on ImageNet" in out
    assert figures['found'] >= .5 and figures['photocopier'] == 0


def test_one_picture_of_each_person_is_enough_to_recognise_most(seen):
    out, figures = seen
    assert 'pictures are grey: their one channel is used three times' in out
    assert figures['people'] == 19 and figures['strangers'] == 21 and figures['recognised'] >= .5
