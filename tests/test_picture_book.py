"""The tasks of the picture book: balanced, disjoint, the same every time, and not to be solved by colour."""
import functools

from d2lhelpers.datasets import Dataset, picture_book
from d2lhelpers.datasets.drawn import scenes
from d2lhelpers.datasets.fingerprints import same
from d2lhelpers.errors import CourseError

import numpy
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

PARTS = ('train', 'validation', 'test')


def pixels(pictures):
    return numpy.stack([picture.asnumpy() for picture, _ in pictures])


@pytest.fixture(scope='module')
def hotdog():
    return picture_book.hotdog_or_not(train=400, validation=40, test=300)


@pytest.fixture
def drawn(monkeypatch):
    """What is drawn, by name, instead of drawing it."""
    names = []

    def note(rng, name, ink_mixing, others, mirror=None):
        names.append((name, ink_mixing, others, mirror, rng.random()))
        return numpy.zeros((64, 64, 3), dtype='uint8')

    monkeypatch.setattr(picture_book, 'picture', note)
    return names


def test_a_task_is_a_dataset_of_uint8_pictures(hotdog):
    assert isinstance(hotdog, Dataset)
    assert hotdog.classes == ['hotdog', 'not-hotdog']
    assert 'not photos' in hotdog.about
    picture, label = hotdog.train[0]
    assert picture.shape == (64, 64, 3) and picture.dtype == numpy.uint8 and label in (0, 1)
    assert [len(getattr(hotdog, part)) for part in PARTS] == [400, 40, 300]


def test_classes_are_balanced_and_mixed(hotdog):
    for part in PARTS:
        labels = getattr(hotdog, part).labels
        assert (numpy.bincount(labels) == len(labels) / 2).all()
        assert 0 < labels[:10].sum() < 10


def test_the_same_arguments_draw_the_same_pictures():
    first, again, other = (picture_book.hotdog_or_not(train=6, validation=2, test=2, seed=seed)
                           for seed in (0, 0, 1))
    assert (pixels(first.train) == pixels(again.train)).all()
    assert (first.train.labels == again.train.labels).all()
    assert (pixels(first.train) != pixels(other.train)).any()
    assert same(first.fingerprint, again.fingerprint) and not same(first.fingerprint, other.fingerprint)


def test_no_picture_is_in_two_parts_or_tasks(drawn):
    halves = [functools.partial(task, half) for task in (picture_book.half, picture_book.half_source)
              for half in 'AB']
    for task in (picture_book.hotdog_or_not, picture_book.unseen, picture_book.source, picture_book.facing,
                 *halves):
        for seed in (0, 1):
            task(train=66, validation=66, test=66, seed=seed)
    streams = [first for *_, first in drawn]
    assert len(streams) == 16 * 198 and len(set(streams)) == len(streams)


def test_near_misses_are_35_percent_of_what_is_no_hotdog(drawn):
    picture_book.hotdog_or_not(train=400, validation=2, test=2)
    names = [name for name, *_ in drawn[:400]]
    near = [name for name in names if name in picture_book.NEAR_MISSES]
    assert names.count('hotdog') == 200 and len(near) == 70
    assert set(near) == {'banana', 'bun', 'baguette', 'taco', 'carrot', 'pencil', 'sub', 'corn', 'eclair',
                         'sausage'}
    assert len(set(names)) == 38


def test_the_source_has_hotdogs_in_other_inks_and_never_the_unseen(drawn):
    task = picture_book.source(train=330, validation=33, test=33)
    assert len(task.classes) == 33 and 'hotdog' in task.classes
    assert {ink for _, ink, *_ in drawn} == {picture_book.SOURCE_INK}
    assert picture_book.SOURCE_INK < picture_book.TARGET_INK
    shown = {name for name, *_ in drawn} | {name for _, _, others, *_ in drawn for name in others}
    assert not shown & set(picture_book.UNSEEN)
    assert (numpy.bincount(task.train.labels) == 10).all()


def test_the_unseen_are_what_they_are_called(drawn):
    task = picture_book.unseen(train=50, validation=10, test=10)
    assert task.classes == ['burger', 'boat', 'umbrella', 'mushroom', 'butterfly']
    assert [name for name, *_ in drawn[:50]] == [task.classes[label] for label in task.train.labels]


def test_fish_look_where_their_label_says(drawn):
    task = picture_book.facing(train=20, validation=2, test=2)
    assert task.classes == ['left', 'right'] and {name for name, *_ in drawn} == {'fish'}
    shown = [mirror for *_, mirror, _ in drawn[:len(task.train)]]
    # unless it is mirrored, a fish looks to the right
    assert shown == [task.classes[label] == 'left' for label in task.train.labels]
    assert all('fish' not in others for _, _, others, *_ in drawn)  # a second one might look elsewhere


def test_a_fish_and_its_mirror_image_have_different_labels():
    """The tail is where the fish does not look: the outermost pixels of the thing alone tell."""
    for mirror in (True, False):
        alone = [scenes.draw(numpy.random.default_rng(seed), 'fish', mirror)[..., 3] for seed in range(5)]
        flipped = [scenes.draw(numpy.random.default_rng(seed), 'fish', not mirror)[..., 3]
                   for seed in range(5)]
        assert all(numpy.abs(one - other).max() > 100 for one, other in zip(alone, flipped, strict=True))


def test_the_halves_have_nothing_in_common(drawn):
    shown = {}
    for half in 'AB':
        drawn.clear()
        task = picture_book.half(half, train=80, validation=8, test=8)
        source = picture_book.half_source(half, train=19, validation=19, test=19)
        assert len(task.classes) == 8 and len(source.classes) == 19
        assert set(task.classes) < set(source.classes)
        assert {ink for _, ink, *_ in drawn} == {picture_book.SOURCE_INK, picture_book.TARGET_INK}
        shown[half] = {name for name, *_ in drawn} | {name for _, _, others, *_ in drawn for name in others}
        assert shown[half] == set(picture_book.HALVES[half])
    assert not shown['A'] & shown['B'] and len(shown['A'] | shown['B']) == 38


@pytest.mark.parametrize('task', [picture_book.half, picture_book.half_source])
def test_there_is_no_third_half(task):
    with pytest.raises(CourseError, match="There is no half 'C' of the things: choose one of A, B"):
        task('C')


def test_the_second_thing_gives_nothing_away(drawn):
    picture_book.hotdog_or_not(train=10, validation=2, test=2)
    assert all('hotdog' not in others and not set(others) & set(picture_book.LOOKALIKES)
               for _, _, others, *_ in drawn)


def test_the_colours_alone_do_not_tell_a_hotdog(hotdog):
    """Histograms of the three colours and a linear classifier: near chance, where fine-tuning reaches about
    .9.
    """
    def histograms(pictures):
        return numpy.array([numpy.concatenate([numpy.bincount(p[..., c].ravel() // 32, minlength=8)
                                               for c in range(3)]) for p in pixels(pictures)])

    model = make_pipeline(StandardScaler(), LogisticRegression(C=.1, max_iter=1000))
    model.fit(histograms(hotdog.train), hotdog.train.labels)
    assert model.score(histograms(hotdog.test), hotdog.test.labels) < .6


@pytest.mark.parametrize(('task', 'sizes', 'said'), [
    (picture_book.hotdog_or_not, {'train': 1},
     'The train part of hotdog cannot have 1 pictures: ask for a whole number from 2, one for each class.'),
    (picture_book.hotdog_or_not, {'test': 0}, 'The test part of hotdog cannot have 0'),
    (picture_book.unseen, {'validation': 4}, 'from 5'),
    (picture_book.source, {'train': -3}, 'from 33'),
    (picture_book.hotdog_or_not, {'train': 10.5}, 'cannot have 10.5'),
    (picture_book.hotdog_or_not, {'train': '10'}, "cannot have '10'"),
    (picture_book.hotdog_or_not, {'seed': -1}, 'hotdog was given the seed -1'),
])
def test_impossible_sizes_get_one_sentence(task, sizes, said):
    with pytest.raises(CourseError) as error:
        task(**sizes)
    assert said in str(error.value)
    assert '\n' not in str(error.value)
