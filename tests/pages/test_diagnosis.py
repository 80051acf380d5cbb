"""Diagnosis of status data and the map of programmes and industries, in a real browser on the demonstration region."""

import csv
import io
import urllib.request

import pytest
from browser import DESKTOP

NARROW = (375, 740)


def download(browser, path):
    """A file as the browser's session gets it, as rows."""
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in browser.driver.get_cookies())
    request = urllib.request.Request(browser.base + path, headers={"Cookie": cookies})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return list(csv.DictReader(io.StringIO(answer.read().decode("utf-8-sig"))))


def sound(browser, path, name):
    """Everything that is wrong with a page, with its tables open, on a desk and on a phone."""
    browser.console()
    assert browser.open(path) == 200
    for details in browser.all("main details"):
        browser.driver.execute_script("arguments[0].open = true", details)
    wrong = browser.judge()
    browser.screenshot(name)
    browser.resize(*NARROW)
    wrong += browser.sideways()
    browser.screenshot(f"{name}-phone")
    browser.resize(*DESKTOP)
    return wrong


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_schools_own_page_is_sound_and_names_no_peer(as_role, language):
    school = as_role("school")
    wrong = sound(school, f"/diagnosis?lang={language}", f"diagnosis-{language}")
    peers = len(school.all("main .measured svg.dots")[0].find_elements("css selector", "circle.peer"))
    names = school.text("main")
    school.open("/diagnosis?lang=zh")
    assert not wrong, "\n".join(wrong)
    assert peers == 24, "every other higher institution is a dot"
    own = school.text("main .lead").split("，")[0]
    # Of the region's invented institutions the page names the reader's own and no other.
    assert school.text("main").count("演示") == own.count("演示"), "a peer is named"
    assert "4111" not in names.replace("2004", ""), "a peer is named by its code"


def test_what_to_look_at_first_leads_to_its_indicator(as_role):
    school = as_role("school")
    school.open("/diagnosis?lang=zh&year=2025")
    first = school.all("main ol.first li a")
    assert 1 <= len(first) <= 5
    for link in first:
        anchor = link.get_attribute("href").rpartition("#")[2]
        assert link.text in school.text(f"main figure[id='{anchor}'] figcaption")
    # Years that are released make a trend, where both asked for the indicator.
    assert school.all("main svg.trend circle.own"), "2024 and 2025 are released"
    assert all(figure.find_elements("css selector", "details table") for figure in school.all("main figure.measured"))
    # The file has what the page has.
    rows = download(school, "/diagnosis/file.csv?year=2025")
    assert len(rows) == len(school.all("main figure.measured"))
    strengths = sum("优势" in row["标记"] for row in rows)
    assert str(strengths) == school.all("main .tallies b")[0].text
    # Another institution, and a year that is not released, are not the school's to see.
    assert school.open("/diagnosis?school=4111090002") == 403
    assert school.open("/diagnosis?year=2026") == 404
    assert school.open("/diagnosis/region") == 403


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_regions_page_is_sound_on_a_phone(as_role, language):
    commission = as_role("commission")
    wrong = sound(commission, f"/diagnosis/region?lang={language}", f"diagnosis-region-{language}")
    commission.open("/diagnosis/region?lang=zh")
    assert not wrong, "\n".join(wrong)


def test_the_commission_goes_from_the_region_to_an_institution(as_role):
    commission = as_role("commission")
    commission.open("/diagnosis/region?year=2025&group=specialised&indicator=RES01")
    rows = commission.table("main table.ranking")
    rates = [float(row[1]) for row in rows[1:] if row[1][:1].isdigit()]
    assert len(rates) > 10 and rates == sorted(rates, reverse=True)
    assert len(commission.all("main .region-strip circle.peer")) == len(rates)
    listed = download(commission, "/diagnosis/region/institutions.csv?year=2025&group=specialised&indicator=RES01")
    assert [row["学校"] for row in listed[: len(rows) - 1]] == [row[0] for row in rows[1:]]
    distributions = download(commission, "/diagnosis/region/distributions.csv?year=2025&group=specialised")
    assert next(row for row in distributions if row["指标代码"] == "RES01")["有数"] == str(len(rates))
    # An indicator that this kind of institution is not asked gives place to the first.
    assert commission.open("/diagnosis/region?year=2025&group=specialised&indicator=BAS14") == 200
    name = rows[1][0]
    commission.open("/diagnosis/region?year=2025&group=specialised&indicator=RES01")
    commission.press_named(name)
    assert commission.path().startswith("/diagnosis?") and name in commission.text("main .lead")
    # A year that is still collected is shown as provisional.
    commission.open("/diagnosis/region?year=2026")
    assert "尚未发布" in commission.text("main .banner")


@pytest.mark.parametrize("path", ["/map", "/map?industry=it", "/map?industry=none", "/map?grade=C*&level=secondary"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_map_is_sound_for_anybody(browser, path, language):
    browser.sign_out()
    sign = "&" if "?" in path else "?"
    name = "map" + "".join(c if c.isalnum() else "-" for c in path[4:])
    wrong = sound(browser, f"{path}{sign}lang={language}", f"{name}-{language}")
    browser.open("/map?lang=zh")
    assert not wrong, "\n".join(wrong)


def test_the_map_is_filtered_and_leads_down_to_an_institution(browser):
    browser.sign_out()
    browser.open("/map?year=2025&lang=zh")
    everything = download(browser, "/map/programmes.csv?year=2025")
    assert browser.all("main .map-tallies b")[0].text == str(len(everything))
    assert len(browser.all("main svg.tiles a")) == len({row["区"] for row in everything})
    assert browser.all("main svg.matrix rect") and browser.all("main svg.flow path.band")
    # Industry, then institution; the address holds it all.
    browser.press_named("智能装备")
    assert "industry=equipment" in browser.path()
    of_industry = [row for row in everything if row["主导产业"] == "智能装备"]
    assert browser.all("main .map-tallies b")[0].text == str(len(of_industry))
    school = browser.all("main table.map-list tbody td a")[0].text
    browser.press_named(school)
    assert "school=" in browser.path()
    of_school = [row for row in of_industry if row["学校"] == school]
    assert browser.all("main .map-tallies b")[0].text == str(len(of_school))
    # A tile leads to its district, a grade to those that have it.
    browser.open("/map?year=2025")
    tile = browser.all("main svg.tiles a")[0]
    district, count = tile.get_attribute("aria-label").rsplit(" ", 1)
    assert count == str(sum(row["区"] == district for row in everything))
    browser.open("/map?year=2025&grade=A*")
    graded = [row for row in everything if row["等级"].startswith("A")]
    assert browser.all("main .map-tallies b")[0].text == str(len(graded)) != "0"
    # With a form and no script; and the years that are not released are nobody's.
    browser.scripts(False)
    browser.open("/map?year=2025")
    browser.one("main select[name=level] option[value=secondary]").click()
    browser.press_named("查看")
    secondary = sum(row["层次"] == "中职" for row in everything)
    assert browser.all("main .map-tallies b")[0].text == str(secondary)
    browser.scripts(True)
    assert browser.open("/map?year=2026") == 404
