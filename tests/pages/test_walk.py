"""Every kind of page that a role can reach by following links: is it sound, in both languages and on a phone?

With ZHIJIAN_TEST_PICTURES=1 each kind is also left as a picture, to be looked at.
"""

import os
import re

import pytest
from browser import DESKTOP, PHONE, pattern

from support.servers import DEMO_PASSWORD

ROLES = [None, "school", "reviewer", "chair", "publisher", "commission"]
# Not pages: data, files, and doors that lead out.
ELSEWHERE = re.compile(r"^/(open|assets)/|^/sign-out|^/keys$|/files/[0-9a-f]{64}$")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# How many kinds of page each role reaches at least; fewer means that links are missing.
LEAST = {None: 5, "school": 6, "reviewer": 3, "chair": 5, "publisher": 3, "commission": 6}
# How many pages of each kind are visited.
EACH = 2
PICTURES = os.environ.get("ZHIJIAN_TEST_PICTURES") == "1"


def walk(browser, start):
    """Visits a few pages of each kind that links lead to, nearest first; answers the kinds and whatever is wrong."""
    kinds, queue, seen, wrong = {}, list(start), set(), []
    while queue:
        path = re.sub(r"[?&]lang=\w+", "", queue.pop(0))
        if path in seen or ELSEWHERE.match(path) or not path.startswith("/"):
            continue
        seen.add(path)
        pages = kinds.setdefault(pattern(path), [])
        if len(pages) < EACH:
            pages.append(path)
            # Words are the same on every page of a kind: one of them is read in English.
            if len(pages) == 1:
                wrong += in_english(browser, path)
            wrong += in_chinese(browser, path)
            # A workbook is downloaded, not shown.
            queue += [link for link in browser.links() if ".xlsx" not in link]
    return kinds, wrong


def in_english(browser, path):
    """What is wrong with one page in English."""
    browser.open(asking(path, "en"))
    wrong = browser.judge()
    if not browser.one("html").get_attribute("lang").startswith("en"):
        wrong.append(f"{path}: not in English when asked")
    # A report is in the language in which it was published.
    ours = ":not([lang]):not(article[lang] *)"
    for words in browser.texts(f"nav a{ours}, main button{ours}, main th[scope=col]{ours}"):
        if CHINESE.search(words):
            wrong.append(f"{path}: Chinese on the English page: {words[:60]!r}")
    return wrong


def in_chinese(browser, path):
    """What is wrong with one page in Chinese, and on a phone. Leaves it open."""
    browser.open(asking(path, "zh"))
    wrong = browser.judge()
    if not browser.one("html").get_attribute("lang").startswith("zh"):
        wrong.append(f"{path}: not in Chinese when asked")
    browser.resize(*PHONE)
    wrong += [f"{path} on a phone: {each}" for each in browser.sideways()]
    browser.resize(*DESKTOP)
    return wrong


def asking(path, lang):
    return f"{path}{'&' if '?' in path else '?'}lang={lang}"


def picture(browser, role, kind, path):
    """Pictures of one page, to be looked at: target/screenshots/walk/."""
    place = kind.split("?")[0].replace("/", "-").replace("*", "x").rstrip("-")
    name = f"walk/{role or 'anybody'}{place}"
    browser.open(path)
    browser.screenshot(name)
    browser.resize(*PHONE)
    browser.screenshot(f"{name}-phone")
    browser.resize(*DESKTOP)


# Some hundred pages on a machine that may be busy.
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("role", ROLES)
def test_walk(browser, role):
    browser.sign_out()
    browser.resize(*DESKTOP)
    if role:
        browser.sign_in(role, DEMO_PASSWORD)
    browser.console()
    kinds, wrong = walk(browser, ["/work", "/"] if role else ["/", "/sign-in"])
    assert len(kinds) >= LEAST[role], f"{role} reaches only {sorted(kinds)}"
    if PICTURES:
        for kind, pages in kinds.items():
            picture(browser, role, kind, pages[0])
    assert not wrong, "\n" + "\n".join(wrong)
