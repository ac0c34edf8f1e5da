"""The page that goes with a network: what it is for, what it learned from, how good it is, where it fails.

Mitchell and others (2019), Model Cards for Model Reporting.
"""
import base64
import dataclasses
import datetime
import hashlib
import html
import io
import json

import numpy
from PIL import Image

from .calibration import softmax
from .errors import CourseError
from .shares import share_interval

_PIXELS = 128  # longer side of a picture on the card
_STYLE = ('body{font:17px/1.5 sans-serif;max-width:44em;margin:auto;padding:1em;color:#222;background:#fff}'
          'table{border-collapse:collapse}td,th{border:1px solid #767676;padding:.3em .6em;text-align:left}'
          '@media(max-width:30em){td,th{padding:.3em;overflow-wrap:anywhere}}'  # a phone
          'figure{display:inline-block;width:9em;margin:.3em;vertical-align:top}img{max-width:100%}')


@dataclasses.dataclass(frozen=True)
class ModelCard:
    """What whoever gets the network has to know of it.

    Attributes
    ----------
    title : str
    purpose : str
        What it is for, and what it is not for.
    data : Dataset
        What it learned from and was judged by.
    right : dict of str to array_like of bool
        By the name of what was measured ("accuracy on test pictures") which examples were right: the card
        says the share, its interval and the number.
    mistakes : list of Mistake
        Its worst ones, see `worst_mistakes`. They are shown: leave out pictures that others must not see.
    source : str
        Whose weights it started from.
    licence : str
        On what terms those weights may be used, and on what terms this network.
    harm : str
        Who may be harmed when it is wrong, and when it is right.
    """

    title: str
    purpose: str
    data: object
    right: dict
    mistakes: list
    source: str
    licence: str
    harm: str

    def page(self, classes):
        """The card as one HTML page.

        Parameters
        ----------
        classes : list of str
            In the order of the network's outputs.

        Returns
        -------
        str

        Raises
        ------
        CourseError
            If a text is empty, nothing was measured, or the data have other classes than the network.
        """
        texts = {name: getattr(self, name).strip()
                 for name in ('title', 'purpose', 'source', 'licence', 'harm')}
        if empty := [name for name, text in texts.items() if not text]:
            raise CourseError(f'The model card says nothing under {" and ".join(empty)}: write a sentence. '
                              'Where you do not know, say that.')
        if not self.right:
            raise CourseError('The model card has no figure: hand it which test examples were right.')
        if list(classes) != list(self.data.classes):
            raise CourseError(f'The network tells {", ".join(classes)} apart, the data of the card are of '
                              f'{", ".join(self.data.classes)}: hand over both of the same task.')
        parts = self.data.parts
        counts = [[kind, *(str(int((held.labels == k).sum())) for held in parts.values())]
                  for k, kind in enumerate(classes)]
        figures = [[name, *self._figure(right)] for name, right in self.right.items()]
        mistakes = ''.join(mistake.figure() for mistake in self.mistakes) or '<p>None was found.</p>'
        p = {name: f'<p>{html.escape(text)}</p>' for name, text in texts.items()}
        return (f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
                f'content="width=device-width"><title>{html.escape(texts["title"])}</title>'
                f'<style>{_STYLE}</style></head><body><main><h1>{html.escape(texts["title"])}</h1>'
                f'<p>Model card, {datetime.date.today():%d %B %Y}.</p>'
                f'<h2>What it is for</h2>{p["purpose"]}'
                f'<h2>What it learned from</h2><p>{html.escape(self.data.about)}. Fingerprint of the data: '
                f'{_short(self.data.fingerprint)}. Pictures of each class:</p>'
                f'{_table(["class", *parts], counts)}'
                f'<h2>How good it is</h2>'
                f'{_table(["measured", "right", "95 % interval", "examples"], figures)}'
                '<p>The interval says what other examples of the same kind could have shown. It says nothing '
                'of pictures of another kind.</p>'
                f'<h2>Its worst mistakes</h2>{mistakes}'
                f'<h2>Where its weights come from</h2>{p["source"]}<h2>Licence</h2>{p["licence"]}'
                f'<h2>Who may be harmed</h2>{p["harm"]}</main></body></html>\n')

    @staticmethod
    def _figure(right):
        low, high = share_interval(right)
        return f'{numpy.mean(right):.1%}', f'{low:.1%} to {high:.1%}', str(len(right))


@dataclasses.dataclass(frozen=True)
class Mistake:
    """One picture that a network took for something else.

    Attributes
    ----------
    picture : array, uint8, height x width x 3
    label, said : str
        Names of the class it has, and of the class it was taken for.
    sure : float
        Probability given to the latter.
    """

    picture: object
    label: str
    said: str
    sure: float

    def figure(self):
        """As HTML, with its picture in it."""
        picture = self.picture.asnumpy() if hasattr(self.picture, 'asnumpy') else self.picture
        image, file = Image.fromarray(picture), io.BytesIO()
        image.thumbnail((_PIXELS, _PIXELS))
        image.save(file, 'PNG')
        label, said = html.escape(self.label), html.escape(self.said)
        return (f'<figure><img src="data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}" '
                f'alt="a picture labelled {label}"><figcaption>labelled {label}, taken for {said} '
                f'({self.sure:.0%})</figcaption></figure>')


def worst_mistakes(scores, data, classes, n=6, temperature=1.):
    """The mistakes that the network was surest of.

    Parameters
    ----------
    scores : array_like, shape (examples, classes)
        Of the network.
    data : Pictures
        The same examples, in the same order.
    classes : list of str
    n : int
        How many at most.
    temperature : float

    Returns
    -------
    list of Mistake
    """
    p = softmax(scores, temperature)
    said = p.argmax(axis=1)
    wrong = numpy.flatnonzero(said != data.labels)
    worst = wrong[numpy.argsort(-p[wrong, said[wrong]], kind='stable')][:n]
    return [Mistake(data[int(i)][0], classes[data.labels[i]], classes[said[i]], float(p[i, said[i]]))
            for i in worst]


def _short(fingerprint):
    """A dataset's fingerprint in 16 hexadecimal digits."""
    return hashlib.sha256(json.dumps(fingerprint).encode()).hexdigest()[:16]


def _table(head, rows):
    def line(cells, tag):
        return '<tr>' + ''.join(f'<{tag}>{html.escape(str(cell))}</{tag}>' for cell in cells) + '</tr>'
    return f'<table>{line(head, "th")}{"".join(line(row, "td") for row in rows)}</table>'
