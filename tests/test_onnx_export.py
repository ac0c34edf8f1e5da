"""Out of MXNet: the same network as ONNX gives the same scores."""
import dataclasses

from d2lhelpers import CourseError, backbones, handover, outputs, seed_all
from d2lhelpers.onnx_export import to_onnx
from d2lhelpers.preprocessing import Preprocessing

import handed
import numpy
import onnx
import onnxruntime
import pytest
from mxnet import np
from mxnet.gluon import nn


def exported(folder, net, side):
    in_use, card, _ = handed.small()
    in_use = dataclasses.replace(in_use, net=net, preprocessing=Preprocessing(side, side))
    return to_onnx(handover.hand_over(folder, in_use, card))


@pytest.mark.parametrize('name, side', [('thin_resnet', 64), ('thin_vgg_bn', 64), ('five_layers', 32),
                                        ('mobilenet0.25', 64)])
def test_the_same_scores(tmp_path, name, side):
    seed_all(0)
    net = backbones.build(name, 2)
    x = np.random.normal(size=(5, 3, side, side))
    scores = outputs(net, x).asnumpy()
    session = onnxruntime.InferenceSession(exported(tmp_path, net, side))
    theirs, = session.run(['scores'], {'data': x.asnumpy()})
    numpy.testing.assert_allclose(theirs, scores, rtol=1e-4, atol=1e-5 * numpy.abs(scores).max())


def test_the_pretrained_network_on_drawn_pictures(tmp_path):
    in_use, card, data = handed.small()
    path = to_onnx(handover.hand_over(tmp_path, in_use, card))
    x = np.array([in_use.preprocessing(picture) for picture, _ in data.test])
    theirs, = onnxruntime.InferenceSession(path).run(None, {'data': x.asnumpy()})
    numpy.testing.assert_allclose(theirs, outputs(in_use.net, x).asnumpy(), atol=1e-5)


def test_its_only_input_is_the_picture(tmp_path):
    """Weights among the inputs make a line of warning each."""
    graph = onnx.load(exported(tmp_path, backbones.build('thin_resnet', 2), 64)).graph
    assert [given.name for given in graph.input] == ['data']
    assert [given.name for given in graph.output] == ['scores']


class Fancy(nn.HybridBlock):
    """Has an operation that the translation does not know."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Dense(2, in_units=3 * 8 * 8)

    def hybrid_forward(self, F, x):
        return F.np.arctan2(self.dense(x), self.dense(x))


def test_what_cannot_be_translated_is_named(tmp_path):
    net = Fancy()
    net.initialize()
    with pytest.raises(CourseError, match='cannot translate .*arctan2'):
        exported(tmp_path, net, 8)
    assert not (tmp_path / 'network.onnx').exists()


def test_a_folder_without_a_network(tmp_path):
    with pytest.raises(CourseError, match='holds no network handed over'):
        to_onnx(tmp_path)
