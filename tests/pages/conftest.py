"""One demonstration region for all page tests, and a browser for each module."""

import pytest

pytest.register_assert_rewrite("browser", "support")

from browser import Browser
from support import servers

pytest_plugins = ["support.story"]


@pytest.fixture(scope="session")
def region():
    """A running demonstration."""
    running = servers.start("sqlite", "demo")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser(region):
    browser = Browser(region.http)
    yield browser
    browser.close()


@pytest.fixture
def as_role(browser):
    """Signs in as a demonstration account, and out again at the end."""

    def sign_in(name):
        browser.sign_out()
        browser.sign_in(name, servers.DEMO_PASSWORD)
        return browser

    yield sign_in
    browser.sign_out()
