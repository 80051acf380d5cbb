"""One quality year from an empty server to open data, over gRPC by reflection alone."""

import copy
from types import SimpleNamespace

import pytest

from chapters.publish import Publish
from support import region


@pytest.mark.story
class TestYear(Publish):
    """Each test is a step, in the order of the chapters; what later steps need is kept in `year`."""

    @pytest.fixture(scope="class")
    def year(self, fresh):
        return SimpleNamespace(
            server=fresh,
            nobody=fresh.caller,
            people={},
            figures=copy.deepcopy(region.FIGURES),
            submissions={},
            rounds={},
            grades={},
        )
