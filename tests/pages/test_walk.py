"""Every kind of page that a role can reach by following links: is it sound, in both languages and on a phone?"""

import re

import pytest
from browser import DESKTOP, PHONE, pattern

from support.servers import DEMO_PASSWORD

ROLES = [None, "school", "reviewer", "chair", "publisher", "commission"]
# Not pages: data, files, and doors that lead out.
ELSEWHERE = re.compile(r"^/(open|assets)/|^/sign-out")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# How many kinds of page each role reaches at least; fewer means that links are missing.
LEAST = {None: 5, "school": 6, "reviewer": 3, "chair": 5, "publisher": 3, "commission": 6}


def discover(browser, start):
    """One address for each kind of page that links lead to, nearest first."""
    kinds, queue = {}, list(start)
    while queue:
        path = queue.pop(0)
        path = re.sub(r"[?&]lang=\w+", "", path)
        kind = pattern(path)
        if kind in kinds or ELSEWHERE.match(path) or not path.startswith("/"):
            continue
        kinds[kind] = path
        browser.open(path)
        queue += browser.links()
    return kinds


@pytest.mark.parametrize("role", ROLES)
def test_walk(browser, role):
    browser.sign_out()
    browser.resize(*DESKTOP)
    if role:
        browser.sign_in(role, DEMO_PASSWORD)
    browser.console()
    kinds = discover(browser, ["/work", "/"] if role else ["/", "/sign-in"])
    assert len(kinds) >= LEAST[role], f"{role} reaches only {sorted(kinds)}"
    wrong = []
    for kind, path in kinds.items():
        name = f"{role or 'anybody'}{kind.split('?')[0].replace('/', '-').replace('*', 'x').rstrip('-')}"
        browser.open(path)
        wrong += browser.judge()
        assert browser.one("html").get_attribute("lang").startswith("zh")
        browser.screenshot(f"walk/{name}")

        browser.resize(*PHONE)
        wrong += [f"{path} on a phone: {each}" for each in browser.sideways()]
        browser.screenshot(f"walk/{name}-phone")
        browser.resize(*DESKTOP)

        browser.open(path + ("&" if "?" in path else "?") + "lang=en")
        wrong += browser.judge()
        if not browser.one("html").get_attribute("lang").startswith("en"):
            wrong.append(f"{path}: not in English when asked")
        for element in browser.all("nav a:not([lang]), main button:not([lang]), main th[scope=col]:not([lang])"):
            if CHINESE.search(element.text):
                wrong.append(f"{path}: Chinese on the English page: {element.text[:60]!r}")
        browser.open("/?lang=zh")
        browser.console()
    assert not wrong, "\n" + "\n".join(wrong)
