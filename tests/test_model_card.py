"""The page that goes with a network."""
import dataclasses
import re

from d2lhelpers import CourseError
from d2lhelpers.model_card import worst_mistakes

import handed
import numpy
import pytest


@pytest.fixture(scope='module')
def card():
    return handed.small()[1]


def test_the_page_says_everything(card):
    page = card.page(card.data.classes)
    right = card.right['test pictures']
    for text in (card.title, card.source, card.licence, card.harm, 'For tests &lt;only&gt;.',
                 f'{numpy.mean(right):.1%}', '<td>hotdog</td><td>2</td><td>1</td><td>10</td>'):
        assert text in page
    assert 'lang="en"' in page and page.count('<h1>') == 1
    assert len(re.findall(r'<img [^>]*alt="[^"]+"', page)) == page.count('<img') == len(card.mistakes)
    assert not re.search(r'(src|href)="(?!data:)', page)  # it stands alone


def test_other_data_have_another_fingerprint(card):
    other = dataclasses.replace(card.data, test=card.data.test.pick(numpy.arange(19)))

    def fingerprint(data):
        return re.search(r'Fingerprint of the data: (\w{16})', dataclasses.replace(card, data=data).page(
            data.classes))[1]
    assert fingerprint(card.data) == fingerprint(card.data) != fingerprint(other)


@pytest.mark.parametrize('missing', ['purpose', 'licence', 'harm'])
def test_what_is_left_out_is_asked_for(card, missing):
    with pytest.raises(CourseError, match=f'says nothing under {missing}'):
        dataclasses.replace(card, **{missing: ' '}).page(card.data.classes)


def test_a_card_without_figures(card):
    with pytest.raises(CourseError, match='no figure'):
        dataclasses.replace(card, right={}).page(card.data.classes)


def test_the_data_of_another_task(card):
    with pytest.raises(CourseError, match='tells cat, dog apart'):
        card.page(['cat', 'dog'])


def test_worst_mistakes(card):
    data = card.data.test
    labels, n = data.labels, len(data)
    scores = numpy.zeros((n, 2))
    scores[numpy.arange(n), labels] = 1
    for place, sure in ((3, 2.), (5, 5.), (7, 3.)):
        scores[place] = 0
        scores[place, 1 - labels[place]] = sure
    worst = worst_mistakes(scores, data, card.data.classes, n=2)
    assert [mistake.sure for mistake in worst] == [pytest.approx(1 / (1 + numpy.exp(-s))) for s in (5, 3)]
    label = labels[5]
    assert (worst[0].label, worst[0].said) == (card.data.classes[label], card.data.classes[1 - label])
    assert (worst[0].picture == data[5][0]).all()
