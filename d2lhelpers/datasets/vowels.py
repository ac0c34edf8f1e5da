"""Synthetic vowels: spoken by throats of different length, in languages with vowels of their own.

The resonances of the mouth and throat, the *formants*, make a vowel; a shorter throat moves all of them up.
Voices are made from the mean formants that Peterson and Barney measured, so the sounds are synthetic, but
what differs between a man and a child is not invented.
"""
import dataclasses
import zlib

import numpy

from ..errors import CourseError
from .dataset import Dataset, Examples

RATE = 16000  # samples a second
SECONDS = .1
BANDS, LOWEST, HIGHEST = 40, 80, 7000  # of the features, in Hz

KINDS = ('man', 'woman', 'child')
_PITCH = {'man': 132, 'woman': 223, 'child': 264}  # Hz, Peterson and Barney's mean over the vowels
_ABOVE = numpy.array((3500., 4500, 5500))  # Hz, the fourth to sixth formant of a man, for every vowel
_BANDWIDTHS = numpy.array((60., 90, 150, 200, 250, 300))  # Hz
_PARTS = ('train', 'validation', 'test')


@dataclasses.dataclass(frozen=True)
class Language:
    """Vowels and how they are spoken.

    Attributes
    ----------
    name : str
    formants : dict of str to dict of str to tuple of three numbers
        By vowel and kind of speaker (`KINDS`): the first three formants in Hz. The labels of a `Dataset`
        follow its order.
    """

    name: str
    formants: dict

    @property
    def vowels(self):
        return list(self.formants)


# G. E. Peterson and H. L. Barney (1952): Control methods used in a study of the vowels. Journal of the
# Acoustical Society of America 24, 175-184, table II: mean formants of 33 men, 28 women and 15 children
ENGLISH = Language('American English', {vowel: dict(zip(KINDS, means, strict=True)) for vowel, means in {
    'heed': ((270, 2290, 3010), (310, 2790, 3310), (370, 3200, 3730)),
    'hid': ((390, 1990, 2550), (430, 2480, 3070), (530, 2730, 3600)),
    'head': ((530, 1840, 2480), (610, 2330, 2990), (690, 2610, 3570)),
    'had': ((660, 1720, 2410), (860, 2050, 2850), (1010, 2320, 3320)),
    'hod': ((730, 1090, 2440), (850, 1220, 2810), (1030, 1370, 3170)),
    'hawed': ((570, 840, 2410), (590, 920, 2710), (680, 1060, 3180)),
    'hood': ((440, 1020, 2240), (470, 1160, 2680), (560, 1410, 3310)),
    "who'd": ((300, 870, 2240), (370, 950, 2670), (430, 1170, 3260)),
    'hud': ((640, 1190, 2390), (760, 1400, 2780), (850, 1590, 3360)),
    'heard': ((490, 1350, 1690), (500, 1640, 1960), (560, 1820, 2160)),
}.items()})


class Voices(Examples):
    """Features of spoken vowels, and who spoke them.

    Attributes
    ----------
    speakers : numpy.ndarray of str, shape (n,)
        For instance ``'child 3'``.
    """

    def __init__(self, x, labels, speakers):
        super().__init__(x, labels)
        self.speakers = numpy.asarray(speakers)

    def pick(self, places):
        return Voices(self.x[places], self.labels[places], self.speakers[places])


class VowelSet(Dataset):
    """A `Dataset` of vowels, from which one speaker can be taken."""

    @property
    def counts(self):
        """How many speakers there are: ``'40 speakers to train, 10 to validate, 20 to test'``."""
        train, validation, test = (len(set(getattr(self, part).speakers)) for part in _PARTS)
        return f'{train} speaker{"s" * (train != 1)} to train, {validation} to validate, {test} to test'

    def of(self, speaker):
        """What one speaker said.

        Parameters
        ----------
        speaker : str

        Returns
        -------
        VowelSet

        Raises
        ------
        CourseError
            If that speaker is not in all three parts.
        """
        parts = {}
        for part in _PARTS:
            voices = getattr(self, part)
            places = numpy.flatnonzero(voices.speakers == speaker)
            if not len(places):
                names = list(dict.fromkeys(voices.speakers.tolist()))
                some = ', '.join(names[:8]) + (', …' if len(names) > 8 else '')
                raise CourseError(f'Nobody called {speaker!r} speaks in the {part} part of {self.name}: '
                                  f'the speakers are {some}.')
            parts[part] = voices.pick(places)
        return VowelSet(f'{self.name}: {speaker}', **parts, classes=self.classes, about=self.about)


def people(kind, n, first=0):
    """Names of speakers: ``people('child', 2)`` is ``['child 0', 'child 1']``.

    Parameters
    ----------
    kind : {'man', 'woman', 'child'}
    n : int
    first : int
        Number of the first one.

    Returns
    -------
    list of str
    """
    return [f'{kind} {number}' for number in range(first, first + n)]


def load_vowels(train, validation=None, test=None, *, each=(10, 10, 10), language=ENGLISH):
    """Which vowel is it? Synthetic sounds of a tenth of a second, as the 40 numbers that `features` makes of
    them. 5000 take about a second.

    Parameters
    ----------
    train, validation, test : sequence of str
        Who speaks in each part: names as `people` gives them. Any number names a speaker, always the same
        one. Without `validation` and `test` the speakers of `train` say everything anew for these parts.
    each : int or tuple of three int
        How often each speaker says each vowel, in each part.
    language : Language

    Returns
    -------
    VowelSet
        Its parts are `Voices`, with the vowels as classes.

    Raises
    ------
    CourseError
        If there is no such speaker, or a number is not positive.
    """
    names = [train, train if validation is None else validation, train if test is None else test]
    takes = tuple(each) if isinstance(each, list | tuple) else (each,) * 3
    if len(takes) != 3 or not all(isinstance(n, int) and n > 0 for n in takes):
        raise CourseError('Every speaker must say every vowel at least once in each part, but each is '
                          f'{each!r}: write one number from 1, or three, for training, validation and test.')
    parts = {part: _spoken(who, n, number, language)
             for number, (part, who, n) in enumerate(zip(_PARTS, names, takes, strict=True))}
    return VowelSet('vowels', **parts, classes=language.vowels,
                    about=f'Vowels of {language.name}, made by this package from published formants, not '
                          'recorded')


def say(speaker, vowel, seconds=.3, language=ENGLISH):
    """One vowel as a sound to listen to, without the noise that the datasets have.

    Parameters
    ----------
    speaker, vowel : str
    seconds : float
    language : Language

    Returns
    -------
    numpy.ndarray, shape (seconds * RATE,)
        From -1 to 1, fading in and out.

    Raises
    ------
    CourseError
        If there is no such speaker or vowel.
    """
    label = _place(vowel, language)
    throat = _Throat(speaker, language)
    rng = numpy.random.default_rng((_key(speaker), _key(vowel)))
    sound, = throat.speak(rng, numpy.array([label]), seconds)
    fade = numpy.minimum(1, numpy.minimum(numpy.arange(len(sound)), numpy.arange(len(sound))[::-1])
                         / (.02 * RATE))
    return fade * sound / numpy.abs(sound).max()


def formants(speaker, vowel, language=ENGLISH):
    """Where a speaker aims: the first three formants of a vowel in this throat. Single sounds scatter around
    them, by 5 %.

    Parameters
    ----------
    speaker, vowel : str
    language : Language

    Returns
    -------
    numpy.ndarray, shape (3,)
        In Hz.

    Raises
    ------
    CourseError
        If there is no such speaker or vowel.
    """
    return _Throat(speaker, language).aims[_place(vowel, language)][:3]


def microphone(number):
    """What a microphone does to the loudness of the 40 bands of `features`: it takes all voices in with the
    same smooth change.

    Parameters
    ----------
    number : int
        Which one: any number names a microphone, always the same one.

    Returns
    -------
    numpy.ndarray, shape (40,)
        To be added to features (logarithms). Mean 0, standard deviation 2, which is 9 decibels: a bad one.
    """
    waves = numpy.cos(numpy.pi * numpy.outer(numpy.arange(1, 7), numpy.arange(BANDS) + .5) / BANDS)
    change = numpy.random.default_rng(_key(f'microphone {number}')).standard_normal(6) @ waves
    return 2 * change / change.std()


def features(sounds, rate=RATE):
    """What a network hears: the loudness of 40 bands of frequency, spaced as the ear spaces them (*mel*
    scale), the mean over the sound.

    Parameters
    ----------
    sounds : numpy.ndarray, shape (n, samples)
    rate : int
        Samples a second; only `RATE` is possible.

    Returns
    -------
    numpy.ndarray of float32, shape (n, 40)
        Logarithms, less their mean over the bands: so it does not matter how loud the whole sound is.

    Raises
    ------
    CourseError
        If the sounds are of another rate, unequally long, shorter than 25 ms, or one sound without the axis
        of examples.
    """
    length, hop = RATE // 40, RATE // 100  # 25 ms, every 10 ms
    if rate != RATE:
        raise CourseError(f'These sounds have {rate:g} samples a second, but the 40 bands are made for '
                          f'{RATE}, and every frequency would be misread: resample them to {RATE} first.')
    if len({len(sound) for sound in sounds if numpy.ndim(sound)}) > 1:
        raise CourseError('The sounds are not equally long, so they do not fit into one array: cut them to '
                          'the shortest, or call features for each.')
    sounds = numpy.asarray(sounds)
    if sounds.ndim != 2:
        raise CourseError(f'features takes sounds of shape (n, samples), not {sounds.shape}: for one sound '
                          'write features(sound[None]).')
    if sounds.shape[1] < length:
        raise CourseError(f'A sound of {sounds.shape[1]} samples is too short: one window of 25 ms takes '
                          f'{length} samples at {RATE} a second.')
    frames = numpy.lib.stride_tricks.sliding_window_view(sounds, length, axis=1)[:, ::hop]
    frames = frames * numpy.hanning(length)
    power = numpy.abs(numpy.fft.rfft(frames, 512)) ** 2
    loudness = numpy.log(power @ _mel_bands().T + 1e-10).mean(axis=1)
    return (loudness - loudness.mean(axis=1, keepdims=True)).astype('float32')


def band_centres():
    """Where the 40 bands of `features` lie.

    Returns
    -------
    numpy.ndarray, shape (40,)
        In Hz.
    """
    return _edges()[1:-1]


def interpolation(frequencies):
    """How to read the loudness at other frequencies than the centres of the bands: linear interpolation
    between two bands, as a matrix.

    Below the lowest and above the highest band there is nothing to read, so the value of that band is taken.

    Parameters
    ----------
    frequencies : array, shape (m,)
        In Hz.

    Returns
    -------
    numpy.ndarray of float32, shape (40, m)
        ``x @ interpolation(frequencies)`` reads features ``x`` of shape (n, 40) at these frequencies.

    Raises
    ------
    CourseError
        If a frequency lies more than an octave outside of the bands.
    """
    frequencies, centres = numpy.asarray(frequencies, dtype=float), band_centres()
    low, high = centres[0] / 2, centres[-1] * 2
    if not ((frequencies >= low) & (frequencies <= high)).all():
        wrong = frequencies[~((frequencies >= low) & (frequencies <= high))][0]
        raise CourseError(f'{wrong:.0f} Hz is out of range: the bands lie between {centres[0]:.0f} and '
                          f'{centres[-1]:.0f} Hz, and can be read up to an octave beyond. If you warp by a '
                          'factor, take one from 0.5 to 2.')
    return numpy.stack([numpy.interp(frequencies, centres, band)
                        for band in numpy.eye(BANDS)]).astype('float32')


def _edges():
    lowest, highest = 2595 * numpy.log10(1 + numpy.array((LOWEST, HIGHEST)) / 700)
    return 700 * (10 ** (numpy.linspace(lowest, highest, BANDS + 2) / 2595) - 1)


def _mel_bands():
    """Triangles over the frequencies of the spectrum, shape (bands, 257)."""
    edges, frequencies = _edges(), numpy.fft.rfftfreq(512, 1 / RATE)
    rise = (frequencies - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - frequencies) / (edges[2:] - edges[1:-1])[:, None]
    return numpy.clip(numpy.minimum(rise, fall), 0, None)


def _place(vowel, language):
    if vowel not in language.formants:
        raise CourseError(f'{language.name} has no vowel {vowel!r} here: choose one of '
                          f'{", ".join(language.vowels)}.')
    return language.vowels.index(vowel)


class _Throat:
    """What stays the same whenever a speaker speaks."""

    def __init__(self, speaker, language):
        kind, _, number = str(speaker).partition(' ')
        if kind not in KINDS or not number.isdecimal():
            raise CourseError(f'There is no speaker {speaker!r}: write man, woman or child and a number, for '
                              "instance 'child 3'.")
        means = numpy.array([language.formants[vowel][kind] for vowel in language.vowels], dtype=float)
        rng = numpy.random.default_rng(_key(speaker))
        # a throat shorter or longer than others of the kind moves all formants
        scale = 1 + .04 * rng.standard_normal()
        self._pitch = _PITCH[kind] * numpy.exp(.12 * rng.standard_normal())
        self._tilt = rng.uniform(100, 400)  # Hz: above it the voice gets weaker
        self._wide = rng.uniform(.8, 1.4)  # resonances more or less sharp
        # where this speaker aims, vowel by vowel
        habits = numpy.random.default_rng((_key(speaker), _key(language.name)))
        means *= scale * (1 + .03 * habits.standard_normal(means.shape))
        above = _ABOVE * scale * {'man': 1, 'woman': 1.17, 'child': 1.36}[kind]
        self.aims = numpy.hstack([means, numpy.tile(above, (len(means), 1))])

    def speak(self, rng, labels, seconds):
        """A sound for each label, shape (n, samples): pulses of the vocal folds and a little breath, through
        six resonances.
        """
        n, samples = len(labels), round(seconds * RATE)
        formants = self.aims[labels] * (1 + .05 * rng.standard_normal((n, 6)) * (numpy.arange(6) < 3))
        pitch = self._pitch * numpy.exp(.06 * rng.standard_normal((n, 1)))
        periods = (1 + .01 * rng.standard_normal((n, int(seconds * 2 * pitch.max()) + 2))) / pitch
        pulses = ((rng.random((n, 1)) / pitch + periods.cumsum(axis=1)) * RATE).astype(int)
        source = .02 * rng.standard_normal((n, samples))
        rows, columns = numpy.nonzero(pulses < samples)
        numpy.add.at(source, (rows, pulses[rows, columns]), 1)

        size = 2 * samples  # so that the end of a sound does not run into its beginning
        z = numpy.exp(-2j * numpy.pi * numpy.fft.rfftfreq(size))
        spectrum = numpy.fft.rfft(source, size) / (1 - numpy.exp(-2 * numpy.pi * self._tilt / RATE) * z)
        for formant, width in zip(formants.T, self._wide * _BANDWIDTHS, strict=True):
            c = -numpy.exp(-2 * numpy.pi * width / RATE)
            b = 2 * numpy.exp(-numpy.pi * width / RATE) * numpy.cos(2 * numpy.pi * formant / RATE)[:, None]
            spectrum *= (1 - b - c) / (1 - b * z - c * z ** 2)
        return numpy.fft.irfft(spectrum, size)[:, :samples]


def _spoken(speakers, each, part, language):
    """Every speaker says every vowel so often; with noise, 8 to 18 dB weaker than the voice."""
    labels = numpy.repeat(numpy.arange(len(language.vowels)), each)
    x = []
    if len(set(speakers)) < len(speakers):
        raise CourseError('A part of the vowels names a speaker twice, and both would say the same: name '
                          'each once, and set with each=… how often each speaks.')
    for speaker in speakers:
        throat = _Throat(speaker, language)
        # no two parts share a sound
        rng = numpy.random.default_rng((_key(speaker), _key(language.name), part, each))
        sounds = throat.speak(rng, labels, SECONDS)
        noise = rng.standard_normal(sounds.shape) * sounds.std(axis=1, keepdims=True)
        x.append(features(sounds + noise * 10 ** (-rng.uniform(8, 18, (len(sounds), 1)) / 20)))
    if not x:
        raise CourseError('A part of the vowels has no speakers: name at least one, for instance '
                          "people('child', 1).")
    return Voices(numpy.concatenate(x), numpy.tile(labels, len(speakers)),
                  numpy.repeat(list(speakers), len(labels)))


def _key(text):
    """A number for a name, the same in every process."""
    return zlib.crc32(str(text).encode())
