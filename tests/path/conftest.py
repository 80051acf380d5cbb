"""Which servers the tests run against, and what the servers said when a test fails."""

import pytest

# Before they are imported: their assertions then say what was compared.
pytest.register_assert_rewrite("support", "chapters")

from support import servers

pytest_plugins = ["support.story"]


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
            scope = "class" if fixture == "fresh" else "session"
            metafunc.parametrize(fixture, kinds, indirect=True, scope=scope)


@pytest.fixture(scope="class")
def fresh(request):
    """A region that has just been started and not been set up."""
    running = servers.start(request.param)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def demonstration(request):
    """A region with the demonstration loaded; the tests that read it share it."""
    running = servers.start(request.param, "demo")
    yield running
    running.stop()


def pytest_configure(config):
    config.addinivalue_line("markers", "apart: only where each service is a process of its own")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for fixture in ("fresh", "demonstration"):
            if fixture in getattr(item, "funcargs", {}):
                report.sections.append(("the servers' last words", item.funcargs[fixture].last_words()))
    return report
