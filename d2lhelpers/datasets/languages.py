"""Invented languages over the vowels of lesson 3: some alike, some with partly different alphabets, one
without any vowel in common.
"""
import numpy

from ..errors import CourseError
from .dataset import Dataset
from .vowels import ENGLISH, KINDS, RATE, SECONDS, Language, Voices, features

_SCARCE = ('heed', 'head', 'had', 'hod', 'hood', "who'd", 'hud', 'heard')
_NEAR = {
    'near': ('heed', 'hid', 'head', 'had', 'hawed', 'hood', "who'd", 'hud'),
    'near 2': ('heed', 'hid', 'head', 'hod', 'hawed', "who'd", 'hud', 'heard'),
    'near 3': ('hid', 'head', 'had', 'hod', 'hawed', 'hood', "who'd", 'heard'),
}
# Vowels of other languages lie between those of English: each of these between two of them. Three of the
# alphabet are the scarce language's
_MID = {
    'mid 1': ('heed', 'had', 'hood', 'heed-heard', 'head-hud', "hod-who'd", 'hid-hood', 'hawed-heard'),
    'mid 2': ('head', 'hod', "who'd", "heed-who'd", 'had-heard', 'hid-hud', 'hawed-hood', 'head-heard'),
    'mid 3': ('hud', 'heard', 'heed', 'had-hod', 'hid-heard', 'hawed-hud', "hood-who'd", "head-hood"),
}


def _moved(name, alphabet):
    """A language whose vowels lie near English ones, or between two of them; every language aims 4 % beside,
    in its own way.
    """
    rng = numpy.random.default_rng(numpy.frombuffer(name.encode(), dtype='uint8'))
    formants = {}
    for vowel in alphabet:
        between = [ENGLISH.formants[each] for each in vowel.split('-')]
        aside = 1 + .04 * rng.standard_normal(3)
        logs = {kind: numpy.mean([numpy.log(each[kind]) for each in between], axis=0) for kind in KINDS}
        formants[vowel] = {kind: tuple(numpy.exp(log) * aside) for kind, log in logs.items()}
    return Language(name, formants)


SCARCE = _moved('scarce', _SCARCE)
NEAR, MID = (tuple(_moved(name, alphabet) for name, alphabet in some.items()) for some in (_NEAR, _MID))


def shared(*languages):
    """The vowels that all of these languages have.

    Parameters
    ----------
    *languages : Language

    Returns
    -------
    list of str

    Raises
    ------
    CourseError
        If there is none: then one head for all of them has nothing in common to learn.
    """
    common = [vowel for vowel in languages[0].vowels
              if all(vowel in language.formants for language in languages[1:])]
    if not common:
        raise CourseError(f'{" and ".join(language.name for language in languages)} share no vowel, so one '
                          'head cannot serve them: give each a head of its own over shared lower layers.')
    return common


def load_noises(speakers, each=10):
    """A language without vowels: eight hisses, each with its energy in another range of frequency (as in *f*,
    *s* or *sh*).

    Parameters
    ----------
    speakers : int
    each : int
        How often each speaker makes each sound; in validation and test half as often, at least once.

    Returns
    -------
    Dataset
        Its parts are `Voices`; features as of the vowels.

    Raises
    ------
    CourseError
        If a number is not a positive whole one.
    """
    if not all(isinstance(number, int | numpy.integer) and number >= 1 for number in (speakers, each)):
        raise CourseError(f'load_noises was asked for {speakers!r} speakers and {each!r} sounds each: both '
                          'must be whole numbers, at least 1.')
    takes = {'train': each, 'validation': max(each // 2, 1), 'test': max(each // 2, 1)}
    parts = {part: _hissed(speakers, n, number) for number, (part, n) in enumerate(takes.items())}
    return Dataset('noises', **parts, classes=[f'{centre:.0f} Hz' for centre in _CENTRES],
                   about=f'Hisses of {speakers} speakers, made by this package, not recorded')


_CENTRES = numpy.geomspace(900, 6500, 8)  # Hz


def _hissed(speakers, each, part):
    labels = numpy.repeat(numpy.arange(len(_CENTRES)), each)
    x = []
    for speaker in range(speakers):
        rng = numpy.random.default_rng((speaker, part, each))
        mouth = numpy.random.default_rng(speaker)  # the same in all parts
        own = _CENTRES * (1 + .04 * mouth.standard_normal())
        centres = own[labels] * (1 + .05 * rng.standard_normal(len(labels)))
        width = mouth.uniform(.12, .2)  # in natural logarithms of the frequency
        samples = round(SECONDS * RATE)
        frequency = numpy.fft.rfftfreq(samples, 1 / RATE)[1:]
        gain = numpy.exp(-.5 * (numpy.log(frequency / centres[:, None]) / width) ** 2)
        hiss = numpy.fft.irfft(numpy.pad(gain, ((0, 0), (1, 0)))
                               * numpy.fft.rfft(rng.standard_normal((len(labels), samples))), samples)
        noise = rng.standard_normal(hiss.shape) * hiss.std(axis=1, keepdims=True)
        x.append(features(hiss + noise * 10 ** (-rng.uniform(8, 18, (len(labels), 1)) / 20)))
    names = numpy.repeat([f'speaker {speaker}' for speaker in range(speakers)], len(labels))
    return Voices(numpy.concatenate(x), numpy.tile(labels, speakers), names)
