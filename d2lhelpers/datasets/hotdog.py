"""Hot dogs against other things: the target task of lesson 1."""
from .. import files
from ..archives import as_folder
from ..environment import settings
from .photos import from_folders


def load_hotdog():
    """Hot dog or not? Prints which pictures it took.

    Embedded: pictures drawn by this package. Full: the photos in the learner's folder, as ``hotdog.zip``,
    ``hotdog1.zip`` or ``hotdog/<class>/…``; else d2l's hotdog.zip, downloaded once.

    Returns
    -------
    Dataset
        Classes are numbered by their sorted names: in the photos hotdog is 0, not-hotdog is 1.

    Raises
    ------
    CourseError
        If there are no photos, or some of them are damaged; see `d2lhelpers.files.get` and
        `d2lhelpers.datasets.photos.from_folders`.
    """
    files.mention_unused_data()
    if settings.embedded:
        from .picture_book import hotdog_or_not  # here, because the photos need not wait for what draws

        return hotdog_or_not().introduce()
    _, path = files.get(files.HOTDOG_PHOTOS)
    return from_folders(as_folder(path), 'hotdog').introduce()
