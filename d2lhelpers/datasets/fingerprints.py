"""Fingerprints of data, made from their content: are these the data that a record was made from?

What is the same on every machine is hashed: sizes, shapes, names, labels, encoded photos. Numbers that were
drawn or computed are not, for another processor may round them otherwise (the last bits of a float, a pixel
here and there). A *sketch* stands for them: their mean, their root mean square and a few sums with random
signs, in which any other picture shows, and a rounding does not.
"""
import functools
import hashlib
import json

import numpy

_SUMS = 8         # one alone may miss a single other picture among many thousands
_ALLOWED = 1e-3   # difference of two sketches, as a share of the root mean square
_AT_ONCE = 500    # examples


def of(parts, classes):
    """The fingerprint of some data.

    Parameters
    ----------
    parts : dict of str to Pictures or Examples
    classes : list of str

    Returns
    -------
    dict
        ``exact``, a hash, and ``sketches``, numbers by name of the part. JSON takes it as it is.
    """
    exact = hashlib.sha256(json.dumps(list(classes)).encode())
    sketches = {}
    for name, part in parts.items():
        exact.update(f'{name} {len(part)}'.encode() + part.labels.astype('<i4').tobytes())
        sketch = _sketch(part, exact)
        if sketch:
            sketches[name] = sketch
    return {'exact': exact.hexdigest()[:16], 'sketches': sketches}


def same(one, other):
    """Whether two fingerprints are those of the same data, or of the same weights.

    Parameters
    ----------
    one, other : dict or str
        As ``Dataset.fingerprint`` and ``Backbone.fingerprint`` are, also after a way through JSON.

    Returns
    -------
    bool
    """
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    if one['exact'] != other['exact']:
        return False
    return all(_alike(sketch, other['sketches'][name]) for name, sketch in one['sketches'].items())


def _alike(one, other):
    allowed = _ALLOWED * max(one[1], other[1])
    return all(abs(a - b) <= allowed for a, b in zip(one, other, strict=True))


def _sketch(part, exact):
    """Mean, root mean square and signed sums of all numbers of a part, or None where they are not numbers but
    encoded photos, or pictures of different sizes; those go into the hash `exact`.
    """
    of_examples = _signs(0, len(part))
    count, total, squares, sums = 0, 0., 0., numpy.zeros(_SUMS)
    for start in range(0, len(part), _AT_ONCE):
        some = [part.kept(i) for i in range(start, min(start + _AT_ONCE, len(part)))]
        if isinstance(some[0], bytes) or len({one.shape for one in some}) > 1:
            for one in some:
                data = one if isinstance(one, bytes) else one.tobytes()
                exact.update(f'{numpy.shape(one)} {len(data)} '.encode() + data)
            continue
        exact.update(repr(some[0].shape).encode())
        x = numpy.stack(some).reshape(len(some), -1).astype('float32')
        sums += (of_examples[start:start + len(x)] * (x @ _signs(1, x.shape[1]))).sum(axis=0, dtype=float)
        total += x.sum(dtype=float)
        squares += numpy.square(x).sum(dtype=float)
        count += x.size
    if not count:
        return None
    found = (total / count, numpy.sqrt(squares / count), *sums / numpy.sqrt(count))
    return [float(f'{number:.6g}') for number in found]


@functools.cache
def _signs(seed, n):
    """1 and -1 at random, float32, shape (n, _SUMS); the same on every machine."""
    return 1 - 2 * numpy.random.default_rng(seed).integers(0, 2, (n, _SUMS)).astype('float32')
