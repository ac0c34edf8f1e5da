"""Tasks as plain arrays: several of them may share pictures, and a picture may have several labels."""
import cv2
import numpy

from ..errors import CourseError
from .base import Examples


class Task(Examples):
    """Labelled arrays as a Gluon dataset whose items are NumPy arrays: `batches` stacks those far faster than MXNet's.

    Parameters
    ----------
    x : array, shape (n, …)
    labels : sequence of int, length n
        Class of each example, from 0. The same arrays with other labels are another task: ``Task(digits.x, digits.labels % 2)``.
    shift : int
        Pictures, shape (n, channels, height, width), are moved by up to so many pixels, drawn anew each time one is asked for: cheap new data.

    Raises
    ------
    CourseError
        If there are no labels, they are not whole numbers from 0, or not as many as examples.
    """

    def __init__(self, x, labels, shift=0):
        if labels is None:
            raise CourseError('This task has no labels, so nothing can be learned from it here: give every example a class, Task(x, labels).')
        found = numpy.asarray(labels)
        if found.ndim != 1 or found.dtype.kind not in 'iu' or (len(found) and found.min() < 0):
            raise CourseError(f'The labels of a task are whole numbers from 0, one for each example; these are of shape {found.shape} and type '
                              f'{found.dtype}' + (f', the lowest is {found.min()}.' if found.dtype.kind in 'iuf' and found.size else '.'))
        super().__init__(x, found)
        if shift and self.x.ndim != 4:
            raise CourseError(f'Only pictures can be shifted, and these examples have the shape {self.x.shape[1:]}: leave out shift.')
        self.shift = shift
        self._wide = numpy.pad(self.x, ((0, 0), (0, 0), (shift, shift), (shift, shift))) if shift else None

    def __getitem__(self, i):
        label = int(self.labels[i])
        if not self.shift:
            return self.x[i], label
        height, width = self.x.shape[2:]
        down, right = numpy.random.randint(0, 2 * self.shift + 1, 2)  # NumPy's generator, which seed_all seeds
        return self._wide[i, :, down:down + height, right:right + width], label

    def pick(self, places):
        """The examples at the given places, as a `Task`."""
        return Task(self.x[places], self.labels[places], self.shift)


def grey(pictures, side, shift=0):
    """Pictures of one size in shades of grey from 0 to 1, with their labels.

    Parameters
    ----------
    pictures : Pictures
    side : int
        Height and width, in pixels, that every picture is brought to.
    shift : int
        As in `Task`.

    Returns
    -------
    Task
        Its ``x`` has the shape (n, 1, side, side).
    """
    x = []
    for i in range(len(pictures)):
        picture = pictures[i][0].asnumpy().mean(axis=2)
        # averaging over the pixels that become one is right for making pictures smaller, and does nothing for larger ones
        x.append(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA if len(picture) > side else cv2.INTER_LINEAR) / 255)
    return Task(numpy.array(x, dtype='float32').reshape(len(x), 1, side, side), pictures.labels, shift)
