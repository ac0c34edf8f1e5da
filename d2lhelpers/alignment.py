"""How far apart two domains are in the eyes of a network: a number, and a picture."""
import numpy

from .errors import CourseError


def a_distance(source, target, *, most=1000, seed=0):
    """Proxy A-distance: how well a fresh linear classifier tells two domains apart from their features.

    It learns on one half of the features and is judged on the other: 2 (1 - 2 error). 2 means that it is
    never wrong, 0 that it can only guess; a little below 0 is chance. (Ben-David et al. 2007, *Analysis of
    representations for domain adaptation*.)

    Parameters
    ----------
    source, target : array, shape (examples, features)
        Take examples that the network was not trained on.
    most : int
        Use at most this many examples of each domain: the first ones, the same number from both.
    seed : int
        Decides which half is learned from.

    Returns
    -------
    float
        From -2 to 2.

    Raises
    ------
    CourseError
        If the features differ in number, or there are fewer than four examples of a domain.
    """
    from sklearn.linear_model import LogisticRegression  # here, because it takes a second to import
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    source, target = _alike(source, target)
    n = min(len(source), len(target), most)
    if n < 4:
        raise CourseError('The A-distance needs at least four examples of each domain; there are '
                          f'{len(source)} and {len(target)}.')
    order = numpy.random.default_rng(seed).permutation(n)
    learn, judge = ((numpy.concatenate([source[half], target[half]]), numpy.repeat([0, 1], len(half)))
                    for half in (order[:n // 2], order[n // 2:]))
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=.1, max_iter=500)).fit(*learn)
    return float(2 * (2 * probe.score(*judge) - 1))


def tsne(*groups, perplexity=30, seed=0):
    """Points in the plane for several groups of features, all fitted together: only so can they be compared.

    Neighbours stay neighbours; the size of a cluster and the distance between clusters mean nothing. (Van der
    Maaten and Hinton 2008, *Visualizing data using t-SNE*.)

    Parameters
    ----------
    *groups : array, shape (examples, features)
        For instance the features of the source and of the target.
    perplexity : float
        About how many neighbours a point attends to. Look at several.
    seed : int

    Returns
    -------
    list of numpy.ndarray, shape (examples, 2)
        One for each group.

    Raises
    ------
    CourseError
        If the groups differ in their number of features, or there are too few examples for the perplexity.
    """
    from sklearn.manifold import TSNE  # here, because it takes a second to import

    groups = _alike(*groups)
    together = numpy.concatenate(groups)
    if perplexity >= len(together):
        raise CourseError(f't-SNE was asked for a perplexity of {perplexity:g}, but there are only '
                          f'{len(together)} examples: take a smaller one.')
    points = TSNE(perplexity=perplexity, init='pca', random_state=seed).fit_transform(together)
    return numpy.split(points, numpy.cumsum([len(group) for group in groups])[:-1])


def _alike(*groups):
    groups = [numpy.asarray(group.asnumpy() if hasattr(group, 'asnumpy') else group, dtype='float32')
              for group in groups]
    if any(group.ndim != 2 for group in groups) or len({group.shape[1] for group in groups}) > 1:
        raise CourseError('Features of several domains must be arrays with the same number of columns, one '
                          'row per example; these have the shapes '
                          f'{", ".join(str(group.shape) for group in groups)}: take them from one layer of '
                          'one network.')
    return groups
