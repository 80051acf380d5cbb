"""Which servers the tests run against, and what happens to a story when one of its steps fails."""

import pytest

# Before they are imported: their assertions then say what was compared.
pytest.register_assert_rewrite("support", "chapters")

from support import servers


def pytest_addoption(parser):
    parser.addoption(
        "--servers",
        default="sqlite,postgres,separate",
        help="which servers to test, of sqlite, postgres, separate, compose (default: all but compose)",
    )


def pytest_generate_tests(metafunc):
    for fixture in ("fresh", "demonstration"):
        if fixture in metafunc.fixturenames:
            kinds = metafunc.config.getoption("--servers").split(",")
            unknown = set(kinds) - set(servers.KINDS)
            if unknown:
                raise pytest.UsageError(f"--servers: no such server: {', '.join(sorted(unknown))}")
            if metafunc.definition.get_closest_marker("apart"):
                kinds = [kind for kind in kinds if kind in ("separate", "compose")]
            metafunc.parametrize(fixture, kinds, indirect=True, scope="class")


@pytest.fixture(scope="class")
def fresh(request):
    """A region that has just been started and not been set up."""
    running = servers.start(request.param)
    yield running
    running.stop()


@pytest.fixture(scope="class")
def demonstration(request):
    """A region with the demonstration loaded."""
    running = servers.start(request.param, "demo")
    yield running
    running.stop()


def pytest_configure(config):
    config.addinivalue_line("markers", "apart: only where each service is a process of its own")
    config.addinivalue_line("markers", "story: the tests of this class are the steps of one story, in order")


# The steps that failed, by story and server.
_broken = {}


def _story(item):
    if item.get_closest_marker("story") is None:
        return None
    parameters = getattr(item, "callspec", None)
    return item.cls, parameters and parameters.params.get("fresh")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and _story(item):
        _broken.setdefault(_story(item), item.name)
    if report.failed:
        for fixture in ("fresh", "demonstration"):
            if fixture in getattr(item, "funcargs", {}):
                report.sections.append(("the servers' last words", item.funcargs[fixture].last_words()))
    return report


def pytest_runtest_setup(item):
    if _story(item) in _broken:
        # The run has failed already; what could not be tried is not another failure.
        pytest.skip(f"an earlier step of the story failed: {_broken[_story(item)]}")
