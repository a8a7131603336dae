"""The pages in a real browser: both languages and sizes, keyboard, accessibility, and a server that goes away."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from cammon_probes.model import Fault
from tests.web.fake_desk import SHIFT, Broken, FakeDesk

pytestmark = pytest.mark.needs("chromium")
PAGES = (
    "/",
    "/map",
    "/cameras",
    "/cameras/C-24",
    "/cameras/C-05",
    "/places",
    "/upgrades",
    "/first-views",
    "/site-files",
    "/nowhere",
)
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LOCALES = {"zh": "zh-CN", "en": "en-US"}
SOON = {"login_limit": "100/minute", "refresh_s": 0.3}
UNIT = "svg => svg.viewBox.baseVal.width / svg.clientWidth"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_loads_clean_and_fits_its_screen(serve, open_page, language, size):
    address = serve(FakeDesk()).address
    page = open_page(address, locale=LOCALES[language], **size)
    for path in PAGES:
        page.goto(address + path)
        assert page.locator("html").get_attribute("lang").startswith(language), path
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)"), path


def test_no_serious_violation_of_accessibility(serve, open_page):
    address = serve(FakeDesk()).address
    page = open_page(address, **DESKTOP)
    wrong = []
    for path in PAGES:
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(node => { node.open = true; })")
        wrong += [(path, *one) for one in _serious(page)]
    assert not wrong


@pytest.mark.parametrize("path", ["/login", "/first-login"])
def test_the_forms_before_the_login_are_accessible(serve, open_page, path):
    address = serve(FakeDesk(users={} if path == "/first-login" else FakeDesk().users)).address
    page = open_page(address, login=False)
    page.goto(address + path)
    assert not _serious(page)


def _serious(page) -> list[tuple[str, str]]:
    found = Axe().run(page).response["violations"]
    return [
        (one["id"], one["nodes"][0]["html"][:150])
        for one in found
        if one["impact"] in ("serious", "critical", "moderate")
    ]


def test_a_privacy_mask_lies_over_its_part_of_the_picture(serve, open_page):
    page = open_page(serve(FakeDesk()).address, **DESKTOP)
    page.goto(page.url.rsplit("/", 1)[0] + "/cameras/C-05")
    picture, mask = (page.locator(f"#now {what}").bounding_box() for what in ("img", ".masks polygon"))
    middle = ((mask["x"] + mask["width"] / 2 - picture["x"]) / picture["width"], mask["height"] / picture["height"])
    assert middle == pytest.approx((0.125, 0.5), abs=0.04), "the left quarter of the upper half, and its line's width"


def test_somebody_can_begin_with_the_keyboard_alone(serve, open_page):
    desk = FakeDesk(users={})
    address = serve(desk).address
    page = open_page(address, login=False, locale="en-US")
    page.goto(f"{address}/first-login/one-time-token")
    page.wait_for_selector("#name:focus")
    page.keyboard.type("admin")
    for text in ("long enough now", "long enough now"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    assert list(desk.users) == ["admin"]


def test_the_map_by_keyboard(serve, open_page):
    address = serve(FakeDesk()).address
    page = open_page(address, locale="en-US")
    page.goto(f"{address}/map")
    svg = page.locator("#map-figure svg.sitemap").first
    svg.focus()
    whole = _view(svg)
    marker = page.locator(".camera .faulty rect").first
    size = marker.bounding_box()["width"]
    bar = page.locator(".bar text").text_content()

    page.keyboard.press("+")
    page.keyboard.press("+")
    near = _view(svg)
    assert near[2] < whole[2] / 1.9
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    moved = _view(svg)
    assert moved[0] > near[0]
    assert moved[1] >= near[1]
    assert marker.bounding_box()["width"] == pytest.approx(size, abs=0.2)
    assert page.locator(".bar text").text_content() != bar
    page.keyboard.press("0")
    assert _view(svg) == pytest.approx(whole, abs=0.01)

    page.keyboard.press("Tab")
    for _ in range(len(FakeDesk().places())):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')").startswith("/cameras/")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/cameras/C-"))


def _view(svg) -> list[float]:
    return [float(number) for number in svg.get_attribute("viewBox").split()]


def test_the_scale_bar_is_as_long_as_it_says(serve, open_page):
    address = serve(FakeDesk()).address
    page = open_page(address, locale="en-US")
    for path, size in (("/map", DESKTOP), ("/", DESKTOP), ("/map", PHONE)):
        page.set_viewport_size(size)
        page.goto(address + path)
        svg = page.locator("#map-figure svg.sitemap").first
        for key in ("0", "+", "+"):
            svg.press(key)
            metres = float(page.locator(".bar text").text_content().removesuffix(" m"))
            drawn = page.locator(".bar path").evaluate("path => path.getBBox().width * path.getScreenCTM().a")
            assert drawn * svg.evaluate(UNIT) == pytest.approx(metres, rel=0.01)
            one = page.locator("a[href='/cameras/C-10'] .fixed circle").bounding_box()
            other = page.locator("a[href='/cameras/C-24'] .fixed rect").bounding_box()
            if key == "0":
                apart = (other["x"] + other["width"] / 2) - (one["x"] + one["width"] / 2)
                assert apart * svg.evaluate(UNIT) == pytest.approx(1358 - 60, rel=0.01)


def test_a_page_renews_itself_and_keeps_what_somebody_looks_at(serve, open_page):
    desk = FakeDesk(broken={})
    address = serve(desk, **SOON).address
    page = open_page(address, locale="en-US")
    svg = page.locator("#map-figure svg.sitemap").first
    svg.press("+")
    zoomed = svg.get_attribute("viewBox")
    desk.broken = {"C-24": Broken(Fault.BLACK, 1)}
    page.wait_for_selector(".card.dark >> text=民爆物品储存库")
    assert page.locator("#map-figure svg.sitemap").first.get_attribute("viewBox") == zoomed
    assert page.evaluate("document.activeElement.classList.contains('sitemap')")
    desk.broken = {}
    page.wait_for_selector(".all-well")


def test_pictures_are_not_fetched_again_while_nothing_changes(serve, open_page):
    desk = FakeDesk()
    address = serve(desk, **SOON).address
    page = open_page(address)
    page.wait_for_load_state("load")
    seen = len(desk.views)
    with page.expect_response(lambda answer: answer.url == f"{address}/"):
        pass
    with page.expect_response(lambda answer: answer.url == f"{address}/"):
        pass
    assert len(desk.views) == seen == page.locator("img").count()


def test_a_note_in_the_making_survives_and_is_said_to_be_held(serve, open_page):
    desk = FakeDesk()
    address = serve(desk, **SOON).address
    page = open_page(address, locale="en-US")
    page.goto(f"{address}/cameras/C-24")
    page.fill("#incidents input[name=note]", "on my way")
    desk.broken = dict(SHIFT) | {"C-24": Broken(Fault.BLUR, 1)}
    page.wait_for_selector("#now >> text=blurred")
    assert page.input_value("#incidents input[name=note]") == "on my way"
    page.wait_for_selector("#incidents[data-held]")
    page.click("#incidents button")
    page.wait_for_selector("text=on my way")
    assert [note for _name, note in desk.acknowledged.values()] == ["on my way"]


def test_a_page_that_lost_its_server_does_not_look_fresh(serve, open_page):
    served = serve(FakeDesk(), **SOON)
    page = open_page(served.address, locale="en-US")
    assert not page.locator("#lost").is_visible()
    assert "page renewed" in page.locator("#fresh").text_content()
    served.stop()
    page.wait_for_selector("#lost:has-text('Connection lost. What you see is')")
    assert page.locator("#lost").get_attribute("role") == "alert"
    assert page.evaluate("getComputedStyle(document.querySelector('main')).filter") == "grayscale(1)"
    assert page.locator("#fresh").text_content() == ""


def test_a_page_whose_login_ended_says_so(serve, open_page):
    desk = FakeDesk()
    page = open_page(serve(desk, **SOON).address, locale="en-US")
    desk.users.clear()
    page.wait_for_selector("#lost:has-text('You are no longer logged in')")


def test_a_page_comes_back_with_its_server(serve, open_page):
    desk = FakeDesk()
    page = open_page(serve(desk, **SOON).address, locale="en-US")
    page.route("**/*", lambda route: route.abort())
    page.wait_for_selector("#lost:visible")
    page.unroute("**/*")
    page.wait_for_selector("#lost", state="hidden")
    assert page.evaluate("getComputedStyle(document.querySelector('main')).filter") == "none"


def test_hostile_names_do_not_run(serve, open_page):
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    page = open_page(serve(FakeDesk(rename={"*": hostile}), **SOON).address)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    with page.expect_response(lambda answer: answer.url.endswith("/")):
        pass
    assert page.locator("img[src=x]").count() == 0
    assert hostile in page.locator("h3").first.text_content()


def test_status_is_readable_without_script(serve, browser):
    address = serve(FakeDesk()).address
    context = browser.new_context(java_script_enabled=False, locale="en-US")
    page = context.new_page()
    page.goto(f"{address}/login")
    page.fill("#name", "王班长")
    page.fill("#password", "correct horse battery")
    page.click("main button")
    assert page.locator("noscript").count() > 0
    assert "renews itself every 30 seconds" in page.locator("#fresh").inner_text()
    assert page.locator(".card").count() == 5
    context.close()
