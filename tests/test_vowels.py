"""Synthetic vowels: the same every time, another throat another sound, and one clear sentence for what there
is not.
"""
from d2lhelpers import CourseError, accuracy, batches, fit, outputs, per_class, seed_all, stratified
from d2lhelpers.datasets import Dataset, Examples, load_vowels, vowels
from d2lhelpers.datasets.fingerprints import same
from d2lhelpers.datasets.vowels import ENGLISH, Language, people
from d2lhelpers.training import cross_entropy

import numpy
import pytest
from mxnet import gluon, init
from mxnet.gluon import nn

PARTS = ('train', 'validation', 'test')


@pytest.fixture(scope='module')
def data():
    return load_vowels([*people('man', 2), *people('child', 2)], each=(4, 2, 3))


def test_a_vowel_set_is_a_dataset_of_numbers(data):
    assert isinstance(data, Dataset) and data.classes == ['heed', 'hid', 'head', 'had', 'hod', 'hawed',
                                                          'hood', "who'd", 'hud', 'heard']
    assert [len(getattr(data, part)) for part in PARTS] == [160, 80, 120]
    x, label = data.train[0]
    assert x.shape == (40,) and x.dtype == numpy.float32 and label == 0
    assert (numpy.bincount(data.train.labels) == 16).all()
    assert set(data.test.speakers) == {'man 0', 'man 1', 'child 0', 'child 1'}
    assert str(data) == ('Vowels of American English, made by this package from published formants, not '
                         'recorded: 4 speakers to train, 4 to validate, 4 to test.')
    assert data.of('man 0').counts == '1 speaker to train, 1 to validate, 1 to test'
    assert numpy.abs(data.train.x.mean(axis=1)).max() < 1e-4


def test_the_same_arguments_make_the_same_sounds(data):
    again = load_vowels([*people('man', 2), *people('child', 2)], each=(4, 2, 3))
    assert all((getattr(data, part).x == getattr(again, part).x).all() for part in PARTS)
    assert same(data.fingerprint, again.fingerprint)
    others = [load_vowels([*people('man', 2), *people('child', 2)], each=(4, 2, 4)),
              load_vowels(people('man', 4), each=(4, 2, 3)), data.of('man 0'),
              load_vowels([*people('man', 2), *people('child', 2)], each=(4, 2, 3),
                          language=Language('other', dict(ENGLISH.formants)))]
    prints = [data.fingerprint, *(other.fingerprint for other in others)]
    assert [[same(one, other) for other in prints] for one in prints] == numpy.eye(5, dtype=bool).tolist()


def test_no_two_examples_are_alike(data):
    rows = numpy.concatenate([getattr(data, part).x for part in PARTS])
    assert len(numpy.unique(rows, axis=0)) == len(rows) == 360


def test_one_speaker_of_a_set(data):
    child = data.of('child 1')
    for part, each in zip(PARTS, (4, 2, 3), strict=True):
        voices = getattr(child, part)
        assert set(voices.speakers) == {'child 1'} and (numpy.bincount(voices.labels) == each).all()
    assert (child.train.x == data.train.x[data.train.speakers == 'child 1']).all()
    # whoever else is in the set
    assert (child.train.x == load_vowels(['child 1'], each=(4, 2, 3)).train.x).all()


@pytest.mark.parametrize('kind', vowels.KINDS)
def test_the_resonances_are_those_of_the_table(kind):
    """Over many speakers: the bands near each of the first two published formants are clearly louder than
    those between and above.
    """
    centres, checked = vowels.band_centres(), 0
    for vowel, formants in ENGLISH.formants.items():
        loudness = numpy.mean([vowels.features(vowels.say(name, vowel, .1)[None])[0]
                               for name in people(kind, 8)], axis=0)
        aside = numpy.min([abs(numpy.log(centres / formant)) for formant in formants[kind]], axis=0) > .3
        for formant in formants[kind][:2]:
            near = abs(numpy.log(centres / formant))
            above = aside & (centres > formant) & (near < .7)
            if above.any():
                checked += 1
                assert loudness[near < .22].max() > loudness[above].min() + 1, (vowel, formant)
    assert checked >= 8


def test_a_childs_throat_is_another_domain():
    adults = load_vowels([*people('man', 10), *people('woman', 10)], people('man', 5, 10),
                         people('woman', 5, 10), each=(10, 5, 5))
    child = load_vowels(['child 1'], each=(1, 1, 10))
    mean, spread = adults.train.x.mean(axis=0), adults.train.x.std(axis=0)
    seed_all(0)
    net = nn.HybridSequential()
    net.add(nn.Dense(64, activation='relu', in_units=40), nn.Dense(10, in_units=64))
    net.initialize(init.Xavier())

    def standard(voices):
        return Examples((voices.x - mean) / spread, voices.labels)

    train = standard(stratified(adults.train, 1000, seed=0))
    fit(lambda x, y: cross_entropy(net(x), y), batches(train, size=32, updates=300),
        gluon.Trainer(net.collect_params(), 'adam', {'learning_rate': .005}), epochs=1)
    assert accuracy(net, standard(adults.test)) > .85 > .75 > accuracy(net, standard(child.test))
    assert outputs(net, standard(per_class(child.train, 1, seed=0))).shape == (10, 10)


def test_a_sound_to_listen_to():
    sound = vowels.say('woman 3', 'had', seconds=.2)
    assert sound.shape == (3200,) and 0 < numpy.abs(sound).max() <= 1
    assert numpy.abs(sound[[0, -1]]).max() < 1e-6
    assert (sound == vowels.say('woman 3', 'had', seconds=.2)).all()
    assert (sound != vowels.say('woman 4', 'had', seconds=.2)).any()


def test_another_language_has_its_own_vowels_and_the_same_throats():
    near = Language('near', {'a': dict.fromkeys(vowels.KINDS, (800, 1300, 2500)),
                             'i': dict.fromkeys(vowels.KINDS, (300, 2200, 2900))})
    data = load_vowels(people('man', 2), each=2, language=near)
    assert data.classes == ['a', 'i'] and len(data.train) == 8


@pytest.mark.parametrize(('make', 'said'), [
    (lambda: load_vowels(people('man', 2), each=1).of('child 7'),
     "Nobody called 'child 7' speaks in the train part of vowels: the speakers are man 0, man 1."),
    (lambda: load_vowels(['man 0'], ['man 1'], ['man 0'], each=1).of('man 0'),
     "in the validation part of vowels: the speakers are man 1."),
    (lambda: load_vowels(['dog 1']), "There is no speaker 'dog 1': write man, woman or child and a number"),
    (lambda: load_vowels(['child']), "There is no speaker 'child'"),
    (lambda: load_vowels(['man 0', 'man 0']), 'names a speaker twice'),
    (lambda: load_vowels([]), 'A part of the vowels has no speakers'),
    (lambda: load_vowels(['man 0'], each=(1, 0, 1)), 'each is (1, 0, 1)'),
    (lambda: load_vowels(['man 0'], each=(1, 1)), 'each is (1, 1)'),
    (lambda: vowels.say('man 0', 'hayd'), "American English has no vowel 'hayd' here: choose one of heed,"),
    (lambda: per_class(load_vowels(['child 1'], each=5).of('child 1').train, 6, seed=0),
     'per_class was asked for 6 examples of each class, but the rarest class has 5: choose a whole number '
     'from 1 to 5.'),
])
def test_what_there_is_not_gets_one_sentence(make, said):
    with pytest.raises(CourseError) as error:
        make()
    assert said in str(error.value) and '\n' not in str(error.value)


# ---- lesson 7: other rates, other frequencies, other microphones

def test_sounds_of_one_array_have_the_features_they_always_had():
    sounds = numpy.stack([vowels.say('child 3', word, .1) for word in ('had', 'hod')])
    assert (vowels.features(sounds, vowels.RATE) == vowels.features(list(sounds))).all()


def test_formants_are_where_a_speaker_aims():
    child, man = vowels.formants('child 2', 'hod'), vowels.formants('man 2', 'hod')
    means = numpy.array(ENGLISH.formants['hod']['child'])
    assert child.shape == (3,) and (abs(child / means - 1) < .25).all() and (child[:2] > man[:2]).all()
    spectrum = abs(numpy.fft.rfft(vowels.say('child 2', 'heed', .3)))
    hertz = numpy.fft.rfftfreq(4800, 1 / vowels.RATE)
    second = vowels.formants('child 2', 'heed')[1]
    near, below = (spectrum[(hertz > low * second) & (hertz < high * second)].max()
                   for low, high in ((.85, 1.15), (.4, .6)))
    assert near > 3 * below


def test_interpolation_reads_between_the_bands():
    centres = vowels.band_centres()
    x = numpy.random.default_rng(0).standard_normal((3, 40)).astype('float32')
    assert numpy.allclose(x @ vowels.interpolation(centres), x)
    halfway = x @ vowels.interpolation((centres[1:] + centres[:-1]) / 2)
    assert numpy.allclose(halfway, (x[:, 1:] + x[:, :-1]) / 2, atol=1e-6)
    ends = x @ vowels.interpolation([centres[0] * .8, centres[-1] * 1.3])
    assert (ends == x[:, [0, -1]]).all() and ends.dtype == numpy.float32


def test_a_warped_child_has_the_peaks_of_an_adult():
    """Hod: formants 1 and 2 of a child over those of a woman are 1.2 and 1.12, so a factor in between brings
    the features together.
    """
    child, woman = (load_vowels(people(kind, 6), each=4) for kind in ('child', 'woman'))
    hod = child.classes.index('hod')
    mean, theirs = (data.train.x[data.train.labels == hod].mean(axis=0) for data in (child, woman))
    apart = {alpha: abs(mean @ vowels.interpolation(alpha * vowels.band_centres()) - theirs).mean()
             for alpha in (.85, 1, 1.18)}
    assert apart[1.18] < apart[1] < apart[.85]


def test_a_microphone_is_one_change_for_all_voices():
    one, other = vowels.microphone(1), vowels.microphone(2)
    assert one.shape == (40,) and abs(one.mean()) < 1e-9 and abs(one.std() - 2) < 1e-9
    assert (one == vowels.microphone(1)).all()
    assert abs(one - other).max() > 1 and abs(numpy.diff(one)).max() < 2  # smooth


@pytest.mark.parametrize(('make', 'said'), [
    (lambda: vowels.features(numpy.zeros((2, 1600)), 8000),
     'These sounds have 8000 samples a second, but the 40 bands are made for 16000'),
    (lambda: vowels.features(numpy.zeros((2, 399))),
     'A sound of 399 samples is too short: one window of 25 ms takes 400'),
    (lambda: vowels.features([numpy.zeros(1600), numpy.zeros(1601)]), 'The sounds are not equally long'),
    (lambda: vowels.features(numpy.zeros(1600)), 'for one sound write features(sound[None])'),
    (lambda: vowels.interpolation(2.5 * vowels.band_centres()),
     'is out of range: the bands lie between 125 and 6582 Hz'),
    (lambda: vowels.interpolation(.3 * vowels.band_centres()), 'take one from 0.5 to 2'),
    (lambda: vowels.interpolation([numpy.nan]), 'is out of range'),
    (lambda: vowels.formants('child 1', 'hayd'), "American English has no vowel 'hayd'"),
])
def test_bad_sounds_and_warps_get_one_sentence(make, said):
    with pytest.raises(CourseError) as error:
        make()
    assert said in str(error.value) and '\n' not in str(error.value)
