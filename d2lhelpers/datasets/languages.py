"""Invented languages, all spoken by the throats of lesson 3: some alike, some with partly different
alphabets, some without any sound in common; and hisses, which are no language.
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

# Sounds that English has not, or does not count among its vowels, by the word, the letters or the letter that
# has one: the first three resonances of a man in Hz, chosen roughly where such sounds lie. With rounded lips
# (lune, peu, peur), from the middle of the mouth (kiz and syn, as in Turkish and Russian; patte), with the
# tongue bent back, which lowers the third resonance (er, or, ir), through the nose, which has a resonance of
# its own near 270 Hz (banc, bon, vin, brun), and consonants that can be held like vowels
_ELSEWHERE = {'lune': (250, 1750, 2150), 'peu': (390, 1450, 2200), 'peur': (550, 1450, 2250),
              'kiz': (320, 1300, 2350), 'syn': (300, 1600, 2400), 'patte': (840, 1480, 2600),
              'er': (680, 1200, 1650), 'or': (500, 860, 1550), 'ir': (420, 1650, 1850),
              'banc': (280, 720, 1000), 'bon': (270, 480, 820), 'vin': (270, 620, 1680),
              'brun': (280, 560, 1350), 'm': (240, 1020, 2150), 'n': (250, 1430, 2350),
              'l': (360, 1180, 2750)}
# As any language, each of them has open sounds and close ones
_DISTANT = {
    'distant 1': ('lune', 'peu', 'peur', 'patte', 'bon', 'vin', 'er', 'n'),
    'distant 2': ('lune', 'syn', 'kiz', 'patte', 'er', 'or', 'banc', 'm'),
    'distant 3': ('peu', 'peur', 'syn', 'ir', 'or', 'patte', 'brun', 'l'),
}


def _logs(sound):
    """Logarithms of a sound's formants by kind of speaker: of an English vowel, half-way between several, or
    of a sound from elsewhere, which women and children have as much higher as their English vowels on
    average.
    """
    if sound in _ELSEWHERE:
        higher = {kind: numpy.mean([numpy.log(numpy.divide(vowel[kind], vowel['man']))
                                    for vowel in ENGLISH.formants.values()], axis=0) for kind in KINDS}
        return {kind: numpy.log(_ELSEWHERE[sound]) + higher[kind] for kind in KINDS}
    between = [ENGLISH.formants[each] for each in sound.split('-')]
    return {kind: numpy.mean([numpy.log(each[kind]) for each in between], axis=0) for kind in KINDS}


def _moved(name, alphabet):
    """A language of these sounds; every language aims 4 % beside, in its own way."""
    rng = numpy.random.default_rng(numpy.frombuffer(name.encode(), dtype='uint8'))
    formants = {}
    for sound in alphabet:
        aside = 1 + .04 * rng.standard_normal(3)
        formants[sound] = {kind: tuple(numpy.exp(log) * aside) for kind, log in _logs(sound).items()}
    return Language(name, formants)


SCARCE = _moved('scarce', _SCARCE)
NEAR, MID, DISTANT = (tuple(_moved(name, alphabet) for name, alphabet in some.items())
                      for some in (_NEAR, _MID, _DISTANT))


def apart(language, other):
    """How far the sounds of a language lie from those of another one.

    Parameters
    ----------
    language, other : Language

    Returns
    -------
    float
        For each sound of `language` the distance of its three formants to those of the nearest sound of
        `other`, spoken by a man: the root of the mean squared difference of their logarithms. The mean over
        the sounds; .1 is about 10 %.
    """
    ours, theirs = (numpy.log([formants['man'] for formants in each.formants.values()])
                    for each in (language, other))
    distances = numpy.sqrt(((ours[:, None] - theirs) ** 2).mean(axis=2))
    return float(distances.min(axis=1).mean())


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


def load_noises(speakers, each=10, first=0):
    """No language at all: eight hisses, each with its energy in another range of frequency (as in *f*, *s* or
    *sh*).

    Parameters
    ----------
    speakers : int
    each : int
        How often each speaker makes each sound; in validation and test half as often, at least once.
    first : int
        Number of the first speaker: other numbers are other speakers.

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
    who = range(first, first + speakers)
    parts = {part: _hissed(who, n, number) for number, (part, n) in enumerate(takes.items())}
    return Dataset('noises', **parts, classes=[f'{centre:.0f} Hz' for centre in _CENTRES],
                   about=f'Hisses of {speakers} speakers, made by this package, not recorded')


_CENTRES = numpy.geomspace(900, 6500, 8)  # Hz


def _hissed(speakers, each, part):
    labels = numpy.repeat(numpy.arange(len(_CENTRES)), each)
    x = []
    for speaker in speakers:
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
    names = numpy.repeat([f'speaker {speaker}' for speaker in speakers], len(labels))
    return Voices(numpy.concatenate(x), numpy.tile(labels, len(speakers)), names)
