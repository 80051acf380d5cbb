"""A pytest plugin: tests marked `story` are steps, in order; after a step that failed the later ones are not tried."""

import pytest

# The steps that failed, by story and server.
_broken = {}


def pytest_configure(config):
    config.addinivalue_line("markers", "story: the tests of this class or module are the steps of one story, in order")


def _story(item):
    if item.get_closest_marker("story") is None:
        return None
    parameters = getattr(item, "callspec", None)
    return item.cls or item.module, parameters and parameters.params.get("fresh")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and _story(item):
        _broken.setdefault(_story(item), item.name)
    return report


def pytest_runtest_setup(item):
    if _story(item) in _broken:
        # The run has failed already; what could not be tried is not another failure.
        pytest.skip(f"an earlier step of the story failed: {_broken[_story(item)]}")
