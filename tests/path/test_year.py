"""One quality year from an empty server to open data, over gRPC by reflection alone."""

import copy
from types import SimpleNamespace

import pytest

from chapters.publish import Publish
from support import region


@pytest.fixture(scope="class")
def year(fresh):
    """What the steps leave to later ones."""
    return SimpleNamespace(
        server=fresh,
        nobody=fresh.caller,
        people={},
        figures=copy.deepcopy(region.FIGURES),
        submissions={},
        rounds={},
        grades={},
    )


@pytest.mark.story
class TestYear(Publish):
    """Each test is a step, in the order of the chapters; what later steps need is kept in `year`."""
