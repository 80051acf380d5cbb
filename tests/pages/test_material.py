"""What goes with a report: files, cases, the text out of a Word document, and the proofreader's remarks beside the text."""

import struct
import urllib.error
import urllib.request
import zlib

import pytest
from browser import DESKTOP, PHONE

from support.servers import DEMO_PASSWORD, ROOT

DOCX = ROOT / "services/submission/tests/samples/report-with-picture.docx"
SUM = "全校共有学生100人，其中一年级学生60人，二年级学生45人。"


@pytest.fixture
def school(browser):
    """The school, in Chinese, with or without scripts, at the draft that the demonstration leaves to it."""
    browser.resize(*DESKTOP)

    def sign_in(scripts=True):
        browser.scripts(scripts)
        browser.sign_out()
        browser.open("/?lang=zh")
        browser.sign_in("school", DEMO_PASSWORD)
        browser.console()
        browser.open("/submissions?year=2026")
        rows = [row for row in browser.all("main table tbody tr") if "企业" not in row.text]
        drafts = [row for row in rows if "草稿" in row.text or "高等职业院校" in row.text]
        path = drafts[0].find_element("css selector", "a").get_attribute("href").removeprefix(browser.base)
        return browser, path

    yield sign_in
    browser.scripts(True)
    browser.resize(*DESKTOP)
    browser.sign_out()


def png(path, colour):
    """A small picture of one colour."""

    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + bytes(colour) * 40 for _ in range(25))
    header = struct.pack(">IIBBBBB", 40, 25, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    return path


def pdf(path):
    path.write_bytes(b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
    return path


def choose(browser, form, file):
    """Chooses a file in the form that holds this hidden value."""
    browser.one(f"form:has(input[name=form][value='{form}']) input[type=file]").send_keys(str(file))


def send(browser, form):
    browser.press(f"form:has(input[name=form][value='{form}']) button[type=submit]")


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_a_signed_declaration_is_uploaded_and_taken_out(school, tmp_path, scripts):
    browser, report = school(scripts)
    browser.open(f"{report}/attachments")
    browser.screenshot("attachments")
    send(browser, "annex.declaration")
    assert "请选择要上传的文件" in browser.text("main")

    disguised = png(tmp_path / "声明.pdf", (10, 90, 80))
    choose(browser, "annex.declaration", disguised)
    send(browser, "annex.declaration")
    assert "PNG" in browser.text("main [role=alert]"), "it says what the file is"
    assert browser.status() == 422

    choose(browser, "annex.declaration", pdf(tmp_path / "声明（盖章）.pdf"))
    send(browser, "annex.declaration")
    assert "文件已收下" in browser.text("main [role=status]")
    assert "声明（盖章）.pdf" in browser.text("main")
    assert browser.all("form:has(input[value='annex.declaration'])") == [], "one is all that is taken"
    row = next(row for row in browser.all(".file-list li") if "声明（盖章）" in row.text)
    browser._press(row.find_element("css selector", "button"))
    assert "已删除" in browser.text("main [role=status]")


def test_a_file_that_is_too_large_is_told_before_it_is_sent(school, tmp_path):
    browser, report = school()
    browser.open(f"{report}/attachments")
    large = tmp_path / "大图.png"
    with large.open("wb") as file:
        file.truncate(11 << 20)
    browser.driver.execute_script("document.querySelectorAll('#pictures > details').forEach(d => d.open = true)")
    choose(browser, "picture", large)
    browser.wait(lambda: "最大 10 MB" in browser.text("#pictures"), "the word that it is too large")


def test_the_server_refuses_a_file_of_200_mib_in_words(school, region):
    browser, report = school(scripts=False)
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in browser.driver.get_cookies())
    request = urllib.request.Request(
        f"{region.http}{report}/attachments",
        data=b"\0" * (200 << 20),
        headers={"Cookie": cookies, "Content-Type": "multipart/form-data; boundary=x"},
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 422
    assert "200 MB" in refused.value.read().decode()


def test_a_file_is_downloaded_in_parts_and_not_twice(school, region, tmp_path):
    browser, report = school()
    browser.open(f"{report}/attachments")
    address = browser.one("#pictures figure:first-of-type img").get_attribute("src")
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in browser.driver.get_cookies())

    def get(**headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(address, headers={"Cookie": cookies, **headers})
        try:
            return urllib.request.urlopen(request)
        except urllib.error.HTTPError as refused:
            return refused

    whole = get()
    content = whole.read()
    assert content.startswith(b"\x89PNG") and whole.headers["Accept-Ranges"] == "bytes"
    part = get(Range="bytes=4-7")
    assert (part.status, part.read(), part.headers["Content-Range"]) == (206, content[4:8], f"bytes 4-7/{len(content)}")
    assert get(If_None_Match=whole.headers["ETag"]).status == 304
    assert get(Range=f"bytes={len(content)}-").status == 416
    assert urllib.request.urlopen(address).url.startswith(f"{region.http}/sign-in"), "nobody else reads it"


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_a_case_is_written_with_a_picture(school, tmp_path, scripts):
    browser, report = school(scripts)
    browser.open(f"{report}/cases/new?section=service")
    browser.screenshot("case-new")
    browser.fill("case.title", "社区里的修理日")
    browser.fill("case.body", "育" * 1001)
    browser.fill("new.caption", "图 1 修理现场")
    browser.fill("new.alt_text", "学生在社区摆摊修理小家电")
    browser.one("input[name='new.file']").send_keys(str(png(tmp_path / "修理.png", (180, 120, 40))))
    browser.press("form button[data-save]")
    assert "请删去 1 字" in browser.text("main"), "too long, and by how much"
    assert browser.one("[name='case.title']").get_attribute("value") == "社区里的修理日"
    assert browser.one("[name='picture.0.caption']").get_attribute("value") == "图 1 修理现场", "the picture is kept already"
    browser.screenshot("case-refused")

    browser.fill("case.body", "师生每月在社区为居民免费修理小家电，并讲解用电安全。")
    browser.press("form button[data-save]")
    assert "案例已保存" in browser.text("main [role=status]")
    card = next(card for card in browser.all("article.case") if "社区里的修理日" in card.text)
    assert card.find_element("css selector", "img").get_attribute("alt") == "学生在社区摆摊修理小家电"
    browser._press(next(each for each in card.find_elements("css selector", "button") if each.text == "上移"))
    assert browser.all("article.case h2")[0].text.endswith("社区里的修理日")
    card = browser.all("article.case")[0]
    browser._press(next(each for each in card.find_elements("css selector", "button") if each.text == "删除"))
    assert "社区里的修理日" not in browser.text("main")


def test_a_word_document_is_previewed_assigned_and_applied(school):
    browser, report = school(scripts=False)
    browser.open(f"{report}/narrative")
    browser.one("main input[type=file]").send_keys(str(DOCX))
    browser.press("main form[enctype] button.primary")
    assert "一、基本情况" in browser.text("main") and "按名称" in browser.text("main")
    browser.screenshot("narrative-preview")
    preview = browser.path()
    before = browser.driver.current_url
    assert before.endswith(preview)

    selects = browser.all("main select[name^='part.']")
    assert len(selects) == 2
    option = selects[0].find_element("css selector", "option[value='preface']")
    option.click()
    browser.press("button[name=again]")
    assert "人工指定" in browser.text("main")
    browser.press("main form button.primary")
    assert "已读入" in browser.text("main [role=status]")

    browser.open(f"{report}/sections/preface")
    assert "始建于1956年" in browser.one("textarea[name='section.body']").get_attribute("value")
    browser.open(f"{report}/sections/talent")
    assert "attachment:att_" in browser.one("textarea[name='section.body']").get_attribute("value")
    assert browser.all("#preview figure.picture img"), "its picture is shown"
    assert browser.all("#preview table"), "and its table"
    browser.screenshot("section-with-picture")
    browser.resize(*PHONE)
    browser.screenshot("section-with-picture-phone")


def test_a_remark_stands_beside_its_passage_and_is_dismissed_with_a_reason(school):
    browser, report = school(scripts=False)
    browser.open(f"{report}/sections/culture")
    browser.fill("section.body", f"学校重视文化传承。\n\n{SUM}")
    browser.press("button[formaction]")
    assert "还没有保存" in browser.text("#preview h2")
    assert browser.one("textarea[name='section.body']").get_attribute("value").strip().endswith(SUM)
    browser.press("form button[data-save]")
    card = next(card for card in browser.all("article.remark") if "105" in card.text)
    passage = card.find_element("xpath", "ancestor::div[contains(@class, 'passage')]")
    assert "一年级学生60人" in passage.text and passage.find_elements("css selector", "mark"), "beside the words it is about"
    browser.screenshot("remark")

    summary = card.find_element("css selector", "summary")
    browser.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", summary)
    summary.click()
    browser._press(card.find_element("css selector", "form button"))
    assert "请写明理由" in browser.text("main")
    card = next(card for card in browser.all("article.remark") if "105" in card.text)
    card.find_element("css selector", "textarea").send_keys("含借读生五人")
    browser._press(card.find_element("css selector", "form button"))
    assert "已标为无需修改" in browser.text("main [role=status]")

    # Remembered by its words, wherever they stand.
    browser.fill("section.body", f"新增一段。\n\n学校重视文化传承。\n\n{SUM}")
    browser.press("form button[data-save]")
    card = next(card for card in browser.all("article.remark") if "105" in card.text)
    assert "含借读生五人" in card.text
    browser._press(next(each for each in card.find_elements("css selector", "button") if each.text == "恢复这一条"))
    card = next(card for card in browser.all("article.remark") if "105" in card.text)
    assert "含借读生五人" not in card.text


def test_the_commission_reads_what_goes_with_a_report(browser):
    browser.resize(*DESKTOP)
    browser.sign_out()
    browser.open("/?lang=zh")
    browser.sign_in("commission", DEMO_PASSWORD)
    browser.open("/desk?year=2026&state=submitted")
    report = next(
        link.get_attribute("href").removeprefix(browser.base)
        for link in browser.all("main a[href*='/submissions/']")
    )
    browser.open(f"{report}/attachments")
    assert "内容真实性责任声明（演示）" in browser.text("main")
    assert browser.all("main input[type=file]") == [], "it only reads"
    browser.screenshot("attachments-desk")
    browser.open(f"{report}/cases")
    assert browser.all("article.case") and not browser.all("article.case button")
    browser.open(report)
    assert "案例与附件" in browser.text("main")
    browser.sign_out()


@pytest.mark.parametrize("page", ["attachments", "cases", "cases/new", "narrative", "sections/talent"])
def test_the_pages_hold_what_every_page_is_held_to(school, page):
    browser, report = school()
    for size in [DESKTOP, PHONE]:
        browser.resize(*size)
        browser.open(f"{report}/{page}")
        assert browser.judge() == [] and browser.sideways() == []
    browser.screenshot(f"material-{page.replace('/', '-')}-phone")
    browser.resize(*DESKTOP)
    browser.open(f"{report}/{page}?lang=en")
    assert browser.judge() == []
    browser.screenshot(f"material-{page.replace('/', '-')}-en")
