"""The commission reminds schools of what is due in rectifications and procedures: looked at first, then drafted into the outbox."""

import pytest
from browser import DESKTOP, PHONE

PAGES = {"/rectifications": "/rectifications/reminders", "/procedures": "/procedures/reminders"}


@pytest.fixture
def commission(as_role):
    browser = as_role("commission")
    browser.console()
    yield browser
    browser.resize(*DESKTOP)
    browser.open("/work?lang=zh")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_what_would_be_said_is_looked_at_from_the_list(commission, page, language):
    commission.open(f"{page}?lang={language}")
    commission.one(f"main a[href='{PAGES[page]}']").click()
    assert commission.path() == PAGES[page]
    for details in commission.all("main details"):
        commission.driver.execute_script("arguments[0].open = true", details)
    wrong = commission.judge()
    name = f"reminders{page.replace('/', '-')}-{language}"
    commission.screenshot(name)
    commission.resize(*PHONE)
    wrong += commission.sideways()
    commission.screenshot(f"{name}-phone")
    assert not wrong, "\n".join(wrong)
    rows, buttons = commission.all("main table tbody tr"), commission.all(f"main form[action='{PAGES[page]}'] button")
    # A fresh demonstration has dates that are far off: either there is something to draft, or the page says that there is nothing.
    assert bool(rows) or commission.all("main .empty"), commission.text("main")
    assert bool(buttons) == any("待起草" in row.text or "To be drafted" in row.text for row in rows)


def test_reminding_is_the_commissions(as_role):
    school = as_role("school")
    for page, address in PAGES.items():
        school.open(page)
        assert not school.all(f"main a[href='{address}']")
        school.open(address)
        assert school.status() == 403
