"""Invented languages: which sounds they share, how far apart they are, and noises, which are no language."""
from d2lhelpers import CourseError
from d2lhelpers.datasets import vowels
from d2lhelpers.datasets.fingerprints import same
from d2lhelpers.datasets.languages import DISTANT, MID, NEAR, SCARCE, apart, load_noises, shared

import numpy
import pytest


def test_alphabets_overlap_partly():
    assert all(len(language.vowels) == len(set(language.vowels)) == 8
               for language in (SCARCE, *NEAR, *MID, *DISTANT))
    assert [len(shared(SCARCE, language)) for language in (*NEAR, *MID)] == [6, 6, 6, 3, 3, 3]
    # three of a kind have every vowel of the scarce language between them, so that only nearness tells the
    # kinds apart
    assert all({vowel for language in kind for vowel in shared(SCARCE, language)} == set(SCARCE.vowels)
               for kind in (NEAR, MID))
    assert shared(SCARCE, SCARCE) == SCARCE.vowels


def test_distant_languages_have_sounds_of_their_own():
    for language in DISTANT:
        with pytest.raises(CourseError, match='share no vowel'):
            shared(SCARCE, language)
        # not merely other names for the same: each lies beside all vowels of the scarce language and English
        # by more than a language aims beside
        for sound in language.vowels:
            one = vowels.Language('one', {sound: language.formants[sound]})
            assert min(apart(one, SCARCE), apart(one, vowels.ENGLISH)) > .1
    kinds = [numpy.mean([apart(language, SCARCE) for language in kind]) for kind in (NEAR, MID, DISTANT)]
    assert kinds[0] < kinds[1] < kinds[2] / 2
    assert apart(SCARCE, SCARCE) == 0


def test_women_and_children_have_the_distant_sounds_higher_as_their_english_ones():
    def higher(formants, kind):
        return numpy.divide(formants[kind], formants['man'])

    for kind in ('woman', 'child'):
        english = numpy.array([higher(each, kind) for each in vowels.ENGLISH.formants.values()])
        for language in DISTANT:
            for formants in language.formants.values():
                assert ((english.min(axis=0) <= higher(formants, kind))
                        & (higher(formants, kind) <= english.max(axis=0))).all()


def test_languages_that_share_no_vowel():
    klick = vowels.Language('clicks', {'!': NEAR[0].formants['hid']})
    with pytest.raises(CourseError, match='scarce and clicks share no vowel.*give each a head of its own'):
        shared(SCARCE, klick)


def test_a_language_aims_a_little_beside_its_own_way():
    for language in (SCARCE, *NEAR, *MID):
        for vowel in language.vowels:
            between = [vowels.ENGLISH.formants[each] for each in vowel.split('-')]
            for kind in vowels.KINDS:
                english = numpy.exp(numpy.mean([numpy.log(each[kind]) for each in between], axis=0))
                aside = numpy.array(language.formants[vowel][kind]) / english - 1
                assert 0 < numpy.abs(aside).max() < .15
    assert SCARCE.formants['heed'] != NEAR[0].formants['heed'] != NEAR[1].formants['heed']


def test_the_languages_can_be_spoken():
    data = vowels.load_vowels(vowels.people('man', 2), each=(2, 1, 1), language=MID[0])
    assert (
        len(data.train) == 2 * 2 * 8
        and data.classes == MID[0].vowels
        and data.train.x.shape[1] == vowels.BANDS
    )


def test_noises_are_a_dataset_of_their_own_the_same_every_time():
    one, again = load_noises(2, each=4), load_noises(2, each=4)
    assert [len(part) for part in (one.train, one.validation, one.test)] == [64, 32, 32]
    assert len(one.classes) == 8 and (one.train.x == again.train.x).all()
    assert same(one.fingerprint, again.fingerprint)
    assert not same(one.fingerprint, load_noises(3, each=4).fingerprint)
    three = load_noises(3, each=4).train
    assert (load_noises(2, each=4, first=1).train.x == three.x[three.speakers != 'speaker 0']).all()
    assert not (one.validation.x == one.test.x).all()  # each part is hissed anew
    centres = vowels.band_centres()
    loudest = [centres[one.train.x[one.train.labels == k].mean(axis=0).argmax()] for k in range(8)]
    assert (numpy.diff(loudest) > 0).all()  # each has its energy higher up


@pytest.mark.parametrize('speakers, each', [(0, 1), (1, 0), (2.5, 1), ('2', 1), (2, None)])
def test_no_noises(speakers, each):
    with pytest.raises(CourseError, match=f'asked for {speakers!r} speakers and {each!r} sounds each: both'):
        load_noises(speakers, each)
