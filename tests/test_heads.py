"""Faces with landmarks: the drawing says where they are, and how the head is turned."""
from d2lhelpers import CourseError
from d2lhelpers.datasets.drawn import people
from d2lhelpers.datasets.heads import load_heads

import numpy
import pytest


@pytest.fixture(scope='module')
def heads():
    return load_heads(train=60, validation=12, test=12)


def test_to_know_more_of_a_picture_does_not_change_it():
    who = people.person('known', 3)
    alone, (picture, landmarks, turn) = (draw(numpy.random.default_rng(5), who)
                                         for draw in (people.picture, people.posed))
    assert numpy.array_equal(alone, picture) and landmarks.shape == (4, 2) and -24 <= turn <= 24


def test_landmarks_lie_where_they_must(heads):
    left, right, nose, mouth = heads.train.landmarks.reshape(-1, 4, 2).transpose(1, 0, 2)
    assert (heads.train.landmarks > 0).all() and (heads.train.landmarks < 64).all()
    assert (left[:, 0] < right[:, 0]).all()
    assert (nose[:, 1] > (left + right)[:, 1] / 2).all() and (mouth[:, 1] > nose[:, 1]).all()


def test_who_turns_to_the_right_has_the_nose_there(heads):
    left, right, nose, _ = heads.train.landmarks.reshape(-1, 4, 2).transpose(1, 0, 2)
    moved = nose[:, 0] - (left + right)[:, 0] / 2
    means = [moved[heads.train.labels == k].mean() for k in range(3)]
    assert means[0] < means[1] - .5 and means[1] < means[2] - .5


def test_a_landmark_is_where_the_eye_is_drawn(heads):
    """The white of an eye is brighter than the face between the eyes, in most faces (some blink)."""
    part, brighter = heads.train, []
    for picture, points in zip(part.pictures.astype(int).sum(axis=3), part.landmarks, strict=True):
        (x, y), (u, v) = points[:2], points[2:4]
        middle = picture[int((y + v) / 2), int((x + u) / 2)]
        brighter.append(picture[int(y) - 2:int(y) + 3, int(x) - 4:int(x) + 5].max() > middle)
    assert numpy.mean(brighter) > .7


def test_parts_share_nobody_and_are_the_same_every_time(heads):
    again = load_heads(train=60, validation=12, test=12)
    assert again.fingerprint == heads.fingerprint
    assert not numpy.array_equal(heads.train.pictures[0], heads.validation.pictures[0])
    some = heads.train.pick([3, 1])
    assert numpy.array_equal(some.landmarks, heads.train.landmarks[[3, 1]])
    assert numpy.array_equal(some.pictures[1], heads.train.pictures[1])


def test_too_few_faces():
    with pytest.raises(CourseError, match='The test part of load_heads cannot have 2 pictures'):
        load_heads(test=2)
