"""Classical optimisers for whatever a task declares as `problem`; on the path of every kernel. Also what the offline model writes.

    from nbevolve_search import polish
    submission = polish(problem, submission)
"""

from .search import Search

__all__ = ["Search", "polish"]


def polish(problem, submission):
    """The submission at the last bits of the optimum it is near, or the submission itself where that is no better. Never worse."""
    return Search(problem).polish(submission)
