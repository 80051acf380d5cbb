"""Every kind of page that a role can reach by following links: is it sound, in both languages and on a phone?"""

import re

import pytest
from browser import DESKTOP, PHONE, pattern

from support.servers import DEMO_PASSWORD

ROLES = [None, "school", "reviewer", "chair", "publisher", "commission"]
# Not pages: data, files, and doors that lead out.
ELSEWHERE = re.compile(r"^/(open|assets)/|^/sign-out|^/keys$")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# How many kinds of page each role reaches at least; fewer means that links are missing.
LEAST = {None: 5, "school": 6, "reviewer": 3, "chair": 5, "publisher": 3, "commission": 6}


# How many pages of each kind are visited.
EACH = 2


def discover(browser, start):
    """A few addresses for each kind of page that links lead to, nearest first."""
    kinds, queue, seen = {}, list(start), set()
    while queue:
        path = re.sub(r"[?&]lang=\w+", "", queue.pop(0))
        if path in seen or ELSEWHERE.match(path) or not path.startswith("/"):
            continue
        seen.add(path)
        pages = kinds.setdefault(pattern(path), [])
        if len(pages) < EACH:
            pages.append(path)
            browser.open(path)
            # A workbook is downloaded, not shown.
            queue += [link for link in browser.links() if '.xlsx' not in link]
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
    for kind, number, path in [(kind, at, path) for kind, pages in kinds.items() for at, path in enumerate(pages, 1)]:
        place = kind.split("?")[0].replace("/", "-").replace("*", "x").rstrip("-")
        name = f"{role or 'anybody'}{place}{'' if number == 1 else f'-{number}'}"
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
        # A report is in the language in which it was published.
        ours = ":not([lang]):not(article[lang] *)"
        for element in browser.all(f"nav a{ours}, main button{ours}, main th[scope=col]{ours}"):
            if CHINESE.search(element.text):
                wrong.append(f"{path}: Chinese on the English page: {element.text[:60]!r}")
        browser.open("/?lang=zh")
        browser.console()
    assert not wrong, "\n" + "\n".join(wrong)
