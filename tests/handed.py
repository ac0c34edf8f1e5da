"""A network to hand over, for several tests: the embedded backbone with a head that nobody trained."""
import dataclasses

from d2lhelpers import backbones, new_head, outputs, seed_all
from d2lhelpers.datasets.picture_book import hotdog_or_not
from d2lhelpers.handover import InUse
from d2lhelpers.model_card import ModelCard, worst_mistakes
from d2lhelpers.preprocessing import Preprocessing

from mxnet import np


def small(**changes):
    """(in use, card, data); `changes` for the first."""
    data = hotdog_or_not(train=4, validation=2, test=20)
    source = backbones.embedded()
    seed_all(0)
    in_use = InUse(new_head(source.load(), 2), data.classes, Preprocessing(73, 64))
    scores = outputs(in_use.net, np.array([in_use.preprocessing(picture) for picture, _ in data.test]))
    scores = scores.asnumpy()
    card = ModelCard('Hotdog or not', 'For tests <only>.', data,
                     {'test pictures': scores.argmax(axis=1) == data.test.labels},
                     worst_mistakes(scores, data.test, data.classes, n=2), source.about, 'CC BY 4.0',
                     'Nobody.')
    return dataclasses.replace(in_use, **changes), card, data
