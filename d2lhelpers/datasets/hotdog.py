"""Hot dogs against other things: the target task of lesson 1."""
from .. import files
from ..profile import PROFILE
from .photos import photos


def load_hotdog():
    """Hot dog or not? Prints which pictures it took.

    Embedded: pictures drawn by this package. Full: the photos in the learner's folder, as ``hotdog.zip``, ``hotdog1.zip`` or ``hotdog/<class>/…``;
    else d2l's hotdog.zip, downloaded once.

    Returns
    -------
    Dataset
        Classes are numbered by their sorted names: in the photos hotdog is 0, not-hotdog is 1.

    Raises
    ------
    CourseError
        If there are no photos, or some of them are damaged; see `d2lhelpers.files.get` and `d2lhelpers.datasets.photos.photos`.
    """
    files.mention_unused_data()
    if PROFILE == 'embedded':
        from .picture_book import hotdog  # drawing takes a second to import, which the photos need not wait for

        data = hotdog()
    else:
        _, path = files.get(files.HOTDOG)
        data = photos(files.as_folder(path), 'hotdog')
    print(data.about)
    return data
