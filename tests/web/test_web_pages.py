"""What the pages say, over the fake mine."""

import csv
import io
import re
from dataclasses import replace

import pytest

from cammon_probes.model import Fault, PoseChange, Step
from cammon_web.desk import ComparedRow, FindingRow, Period, PlaceState, ProbeRow, TurnedView
from cammon_web.outline import outline_path
from tests.web.conftest import csrf_token, log_in, make_app
from tests.web.fake_desk import Broken, FakeDesk


def _page(desk: FakeDesk, path: str = "/", language: str = "en") -> str:
    client = make_app(desk).test_client()
    log_in(client)
    client.set_cookie("cammon_language", language)
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.text


def _part(page: str, part: str) -> str:
    """The text of one section of a page."""
    return re.search(rf'<(section|div) id="{part}".*?</\1>', page, re.S).group(0)


def _plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_first_screen_keeps_its_order(desk, language):
    page = _page(desk, "/", language)
    places = [page.index(f'id="{part}"') for part in ("looking", "dark", "new", "ratios", "threads", "map-section")]
    assert places == sorted(places)


def test_a_dark_place_tells_since_when_why_what_it_looked_like_and_whom_to_call(desk):
    dark = _part(_page(desk), "dark")
    card = next(card for card in dark.split('<li class="card') if "民爆物品储存库" in card)
    text = _plain(card)
    assert "since 12:28 ( 12 min )" in text
    assert "Not seen by 民爆库 Magazine now: black picture." in text
    assert "Check the lens cap" in text
    assert 'src="/pictures/pic-C-24"' in card
    assert 'href="tel:03515550110"' in card
    assert "保卫科 Security" in text
    assert 'href="tel:+863515550199"' in card
    assert 'href="/cameras/C-24"' in card


def test_times_are_the_sites(desk):
    assert "2026-03-04 12:40:05" in _part(_page(desk), "looking")


def test_new_incidents_stand_under_their_shared_cause(desk):
    new = _part(_page(desk), "new")
    assert "Switch SW-2: 5 cameras behind it fail together" in _plain(new)
    assert "变电所 Substation" in new
    assert len(re.findall(r'<li class="group', new)) == 4
    assert "1 cause open from before" in new


def test_a_healthy_site_is_quiet(desk):
    desk.broken = {}
    page = _page(desk)
    assert "All priority 1 key places are covered." in page
    assert "Nothing new." in page
    assert "2 key places of lower priority not covered" in page
    assert 'class="card' not in page


def test_before_the_first_look_nothing_is_claimed(desk):
    desk.broken, desk.read, desk.cause = {}, False, "starting"
    page = _page(desk)
    assert "cammon is starting" in page
    assert "no look yet" in page
    assert _part(page, "ratios").count("not known") == 3, "two figures, and what is only declared"
    assert "are covered." not in page
    assert "no single failure" not in page
    assert 'class="card' not in page
    assert 'class="looking starting"' in page


@pytest.mark.parametrize(
    ("cause", "said"),
    [("stopped", "its probes have stopped"), ("late", "behind with its looks"), ("own_network", "own network is down")],
)
def test_every_page_says_when_cammon_does_not_look(desk, cause, said):
    desk.cause = cause
    for path in ("/", "/map", "/cameras", "/cameras/C-24", "/places", "/upgrades", "/site-files"):
        page = _page(desk, path)
        assert said in page, path
        assert 'class="looking ill"' in page, path


def test_when_no_camera_can_be_judged_nothing_is_called_covered_or_unread(desk, monkeypatch):
    """Every login refused: cammon looks, and knows nothing of coverage all the same."""
    ratios = tuple(replace(row, ratio=None) if row.basis == "effective" else row for row in desk.status().ratios)
    unknown = tuple(
        replace(place, state=PlaceState.UNKNOWN, since=None) for place in desk.places() if place.priority == 1
    )
    status = replace(desk.status(), dark=unknown, ratios=ratios, threads=())
    monkeypatch.setattr(desk, "status", lambda: status)
    page = _page(desk)
    assert page.count('class="card unknown"') == len(unknown)
    assert "before the first look" not in page
    assert "no single failure" not in page
    assert "too many cameras could not be judged" in page


def test_a_flood_of_causes_is_folded(desk):
    desk.broken = {f"C-{n:02}": Broken(Fault.BLACK, 5 + n) for n in range(1, 25)}
    page = _page(desk)
    new = _part(page, "new")
    assert "16 more causes" in new
    assert len(re.findall(r'<li class="group', new)) == 24


def test_a_place_whose_camera_cannot_be_judged_is_not_called_dark(desk, monkeypatch):
    magazine = desk.camera("C-24").places[0]
    unknown = replace(magazine, state=PlaceState.UNKNOWN, since=None)
    status = replace(desk.status(), dark=(unknown,))
    monkeypatch.setattr(desk, "status", lambda: status)
    dark = _part(_page(desk), "dark")
    assert 'class="card unknown"' in dark
    assert 'class="count bad"' not in dark
    assert "not known" in _plain(dark)


def test_four_figures_stand_together(desk):
    text = _plain(_part(_page(desk), "ratios"))
    for figure in (
        "Design, by day 88.8 %",
        "Design, by night 83.3 %",
        "Effective, by day now 55.5 %",
        "Effective, by night 50.0 %",
    ):
        assert figure in text
    assert "10 of 18" in text


def test_a_first_day_without_map_and_key_places(desk, monkeypatch):
    monkeypatch.setattr(desk, "with_map", False)
    none = tuple(
        replace(row, ratio=None, weighted_ratio=None, area_share=None, covered=0, places=0)
        for row in desk.status().ratios
    )
    status = replace(desk.status(), dark=(), ratios=none, threads=(), new=(), open=())
    monkeypatch.setattr(desk, "status", lambda: status)
    monkeypatch.setattr(desk, "places", list)
    page = _page(desk)
    assert "names no key places yet" in page
    assert _part(page, "ratios").count("no key places") == 4
    assert "before the first look" not in page
    assert "no map yet" in page
    assert "no map yet" in _page(desk, "/map")
    assert "names no key places yet" in _page(desk, "/places")


def test_what_is_uncovered_by_design_is_not_shown_as_lost(desk):
    dark = _plain(_part(_page(desk), "dark"))
    assert "南围墙 South fence not covered by design" in dark
    places = _part(_page(desk, "/places"), "places")
    row = re.search(r'<tr id="place-KP-17".*?</tr>', places, re.S).group(0)
    assert "No camera is near enough" in row
    assert "state standing" in row


def test_what_was_lost_stands_above_what_was_never_covered(desk, monkeypatch):
    never = replace(desk.camera("C-24").places[0], id="KP-99", name="绞车房 Never", design_day=False, since=None)
    status = replace(desk.status(), dark=(never, *desk.status().dark))
    monkeypatch.setattr(desk, "status", lambda: status)
    dark = _part(_page(desk), "dark")
    assert '<span class="count bad">5</span>' in dark
    assert dark.count('class="card standing"') == 1
    assert dark.index("绞车房 Never") > dark.rindex('class="card dark"')


def test_places_are_judged_by_the_light_of_now(desk):
    desk.broken = {"C-10": Broken(Fault.BLACK, 5), "C-11": Broken(Fault.BLACK, 5)}
    row = r'<tr id="place-KP-09".*?</tr>'
    assert "state dark" in re.search(row, _page(desk, "/places"), re.S).group(0)
    desk.period = Period.NIGHT
    assert "state standing" in re.search(row, _page(desk, "/places"), re.S).group(0)


def test_the_camera_page_shows_what_was_measured(desk):
    page = _page(desk, "/cameras/C-24")
    assert "black picture" in _part(page, "now")
    assert "Check the lens cap" in _part(page, "now")
    assert "4.2 (mean brightness, of 255)" in _part(page, "findings")
    assert "0.98" in _part(page, "findings")
    probes = _plain(_part(page, "probes"))
    assert "first whole picture well 99.2 ms 1920 x 1080 H.264" in probes
    assert "connect well 3.1 ms" in probes
    assert "民爆物品储存库" in _part(page, "covers")


def test_a_failed_step_says_so(desk):
    probes = _plain(_part(_page(desk, "/cameras/C-05"), "probes"))
    assert "connect failed 5000 ms no route to host" in probes


def test_unknown_things_are_not_found(client):
    for path in ("/cameras/C-99", "/pictures/pic-C-99", "/pictures/nothing", "/nowhere"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "no such page" in answer.text


def test_a_picture_is_a_jpeg_and_its_view_is_recorded(client, desk):
    answer = client.get("/pictures/pic-C-24")
    assert answer.mimetype == "image/jpeg"
    assert answer.data.startswith(b"\xff\xd8\xff")
    assert desk.views == [("王班长", "picture pic-C-24 of C-24")]
    client.get("/pictures/pic-C-24")
    assert len(desk.views) == 2


def test_one_note_acknowledges_a_whole_group(client, desk):
    page = client.get("/").text
    group = re.search(r'<li class="group open">.*?SW-2.*?</form>', page, re.S).group(0).rsplit("<form", 1)[1]
    incidents = re.findall(r'name="incident" value="(\d+)"', group)
    assert len(incidents) == 5
    form = {"csrf_token": csrf_token(client, "/"), "incident": incidents, "note": "电工已去配电柜", "back": "/"}
    assert client.post("/incidents/acknowledge", data=form).location == "/"
    assert {desk.acknowledged[int(incident)] for incident in incidents} == {("王班长", "电工已去配电柜")}
    after = client.get("/").text
    assert "✓ 王班长: 电工已去配电柜" in after
    assert "Acknowledged." in after


@pytest.mark.parametrize(
    ("form", "status"),
    [({"note": "  "}, 302), ({"incident": "9999"}, 404), ({"incident": "x"}, 404), ({"incident": []}, 404)],
    ids=["no note", "unknown", "not a number", "none"],
)
def test_an_acknowledgement_that_will_not_do(client, desk, form, status):
    filled = {"csrf_token": csrf_token(client, "/cameras/C-24"), "incident": "101", "note": "seen", "back": "/"} | form
    assert client.post("/incidents/acknowledge", data=filled).status_code == status
    assert not desk.acknowledged


@pytest.mark.parametrize("fault", [Fault.FIRMWARE_CHANGED, Fault.IDENTITY_CHANGED])
def test_a_device_that_was_changed_on_purpose_is_accepted(client, desk, fault):
    desk.broken = {"C-03": Broken(fault, 5)}
    action = re.search(r'action="(/cameras/[^"]+/accept-device)"', client.get("/cameras/C-03").text)[1]
    form = {"csrf_token": csrf_token(client, "/cameras/C-03")}
    assert client.post(action, data=form).location == "/cameras/C-03"
    assert desk.accepted == [("C-03", "王班长")]
    assert client.post("/cameras/C-04/accept-device", data=form).status_code == 404


def test_a_device_is_accepted_only_where_one_has_changed_and_never_by_a_viewer(stranger, desk):
    desk.broken = {"C-03": Broken(Fault.BLACK, 5), "C-04": Broken(Fault.FIRMWARE_CHANGED, 5)}
    log_in(stranger)
    assert "accept-device" not in stranger.get("/cameras/C-03").text
    stranger.post("/logout", data={"csrf_token": csrf_token(stranger, "/cameras/C-03")})
    log_in(stranger, "viewer")
    assert "accept-device" not in stranger.get("/cameras/C-04").text
    form = {"csrf_token": csrf_token(stranger, "/cameras/C-03")}
    assert stranger.post("/cameras/C-04/accept-device", data=form).status_code == 403
    assert not desk.accepted


def test_a_view_is_accepted_as_it_should_look_and_never_by_a_viewer(stranger, desk):
    desk.broken = {"C-03": Broken(Fault.MOVED, 5)}
    log_in(stranger)
    action = re.search(r'action="(/cameras/[^"]+/accept-view)"', stranger.get("/cameras/C-03").text)[1]
    assert stranger.post(action, data={}).status_code == 400
    form = {"csrf_token": csrf_token(stranger, "/cameras/C-03")}
    assert stranger.post(action, data=form).location == "/cameras/C-03"
    assert [name for name, _ in desk.accepted] == ["view of C-03"]
    stranger.post("/logout", data=form)
    log_in(stranger, "viewer")
    assert "accept-view" not in stranger.get("/cameras/C-03").text
    form = {"csrf_token": csrf_token(stranger, "/cameras/C-03")}
    assert stranger.post(action, data=form).status_code == 403
    assert len(desk.accepted) == 1


TURNED_VIEWS = {
    "known how far": (
        TurnedView(PoseChange(12.0, 0.0, 0.0, 1.0), 5.2, 9.8, 54.0),
        ("Against the ledger: turned 12° to the right.", "about 5° azimuth, 10° tilt, 54° angle of view"),
        ("向右转动 12°", "方位角约 5°，俯角约 10°"),
    ),
    "not known": (TurnedView(), ("measure it, or calibrate",), ("请现场测量或进行标定",)),
}


@pytest.mark.parametrize(("turned", "english", "chinese"), TURNED_VIEWS.values(), ids=TURNED_VIEWS.keys())
def test_a_camera_that_was_turned_says_what_belongs_into_the_ledger(stranger, desk, turned, english, chinese):
    known = replace(desk.camera("C-03"), turned=turned)
    desk.camera = lambda _camera: known
    desk.broken = {"C-03": Broken(Fault.MOVED, 5)}
    for language, expected in (("en", english), ("zh", chinese)):
        page = _page(desk, "/cameras/C-03", language)
        assert all(text in page for text in expected)
    log_in(stranger)
    action = re.search(r'action="(/cameras/[^"]+/ledger-is-right)"', stranger.get("/cameras/C-03").text)[1]
    form = {"csrf_token": csrf_token(stranger, "/cameras/C-03")}
    assert stranger.post(action, data={}).status_code == 400
    assert stranger.post("/cameras/C-04/ledger-is-right", data=form).status_code == 404
    assert stranger.post(action, data=form).location == "/cameras/C-03"
    assert [name for name, _ in desk.accepted] == ["ledger of C-03"]
    stranger.post("/logout", data=form)
    log_in(stranger, "viewer")
    assert "ledger-is-right" not in stranger.get("/cameras/C-03").text
    form = {"csrf_token": csrf_token(stranger, "/cameras/C-03")}
    assert stranger.post(action, data=form).status_code == 403


@pytest.mark.parametrize(
    ("fault", "notes", "told"),
    [(Fault.MOVED, (), True), (Fault.BLUR, (), False), (Fault.BLUR, ("not_at_home",), True)],
    ids=["turned", "blurred", "a PTZ away from home"],
)
def test_who_accepts_a_turned_view_is_told_that_coverage_follows_the_ledger(stranger, desk, fault, notes, told):
    desk.broken = {"C-03": Broken(fault, 5)}
    known = replace(desk.camera("C-03"), notes=notes)
    desk.camera = lambda _camera: known
    log_in(stranger)
    form = {"csrf_token": csrf_token(stranger, "/cameras/C-03")}
    stranger.post("/cameras/C-03/accept-view", data=form)
    said = re.findall('class="flash"[^>]*>([^<]*)', stranger.get("/cameras/C-03").text)
    assert said[0].startswith("已确认")
    assert [line for line in said[1:] if "台账" in line] == said[1:]
    assert len(said) == 1 + told


def test_how_far_a_view_has_moved_stands_beside_its_fault(desk):
    desk.broken = {"C-03": Broken(Fault.MOVED, 5)}
    finding = FindingRow("moved", 0.9, 4.0, "°", True, moved=PoseChange(-4.0, 0.0, 0.0, 1.0))
    known = replace(desk.camera("C-03"), findings=(finding,))
    desk.camera = lambda _camera: known
    assert "view has moved : turned 4° to the left" in _plain(_part(_page(desk, "/cameras/C-03"), "now"))


def test_a_filter_does_not_keep_the_language_of_its_first_reader(app):
    template = None
    for language, said in (("en", "weather"), ("zh", "天气"), ("en", "weather")):
        with app.test_request_context("/", headers={"Cookie": f"cammon_language={language}"}):
            template = template or app.jinja_env.from_string('{{ "weather" | kind_name }}')
            assert template.render() == said


def test_evidence_is_told_in_the_sites_time_and_the_readers_language(desk):
    known = desk.camera("C-03")
    evidence = {"login_paused_until": "2026-11-28T01:14:22.585017+00:00", "login": "none configured"}
    steps = (Step("identity", False, 2.3, "auth_failed: 400"), Step("clock", True, 1.0, "+0.4 s"))
    probe = ProbeRow("device", known.row.last_looked_at, False, "auth_failed", 5.0, steps, evidence)
    desk.camera = lambda _camera: replace(known, probes=(probe,))
    page = _page(desk, "/cameras/C-03", "zh")
    assert "2026-11-28 09:14" in page
    assert all(text in page for text in ("未配置", "登录被拒：400", "+0.4 s"))
    assert "T01:14" not in page


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        pytest.param(("..", ".."), "", id="nothing"),
        pytest.param(("#.", ".."), "M0 0v1M1 0v1M0 0h1M0 1h1", id="one block"),
        pytest.param(("##",), "M0 0v1M0 0h1M0 1h1M2 0v1M1 0h1M1 1h1", id="two blocks, no line between"),
    ],
)
def test_the_line_around_what_is_hidden(rows, path):
    assert outline_path(rows) == path


@pytest.mark.parametrize("bad", [True, False], ids=["bad", "well"])
def test_what_is_hidden_is_outlined_on_the_picture_while_it_is_bad(desk, bad):
    desk.broken = {"C-03": Broken(Fault.PARTIAL, 5)}
    known = desk.camera("C-03")
    finding = FindingRow("partial", 0.9, 0.25, "share of picture", bad, hidden=("##..", "...."))
    desk.camera = lambda _camera: replace(known, findings=(finding,))
    page = _page(desk, "/cameras/C-03", "en")
    assert "25.0 % of the picture hidden" in page
    assert ("because of another fault" in page) is not bad
    assert ('viewBox="0 0 4 2"' in page) is bad
    assert ("Outlined in red" in page) is bad


def test_the_camera_page_says_what_is_behind_the_numbers(desk):
    known = desk.camera("C-03")
    finding = FindingRow("moved", 0.9, 4.0, "°", True, moved=PoseChange(-4.0, 0.0, 0.0, 1.0), hidden=("##..", "...."))
    trend = ("lens_dirty_weeks", {"measure": "sharpness", "since": "2026-03-01", "percent": 4.2, "weeks": 3})
    told = replace(
        known,
        findings=(finding,),
        notes=("no_history", "infrared_chatter"),
        trend=trend,
        compared=(ComparedRow("sharpness", 0.914),),
        accepted_at=known.row.last_looked_at,
        accepted_by="李工",
    )
    desk.camera = lambda _camera: told
    for language, expected in (
        ("en", ("turned 4° to the left", "25.0 %", "about 3 weeks left", "sharpness 91.4 %", "again and again")),
        ("zh", ("向左转动 4°", "25.0 %", "约 3 周后", "清晰度 91.4 %", "反复切换")),
    ):
        page = _page(desk, "/cameras/C-03", language)
        assert all(text in page for text in expected)
        assert "李工" in page


def test_views_that_nobody_has_confirmed_are_told_shown_and_confirmed(client, desk):
    desk.strangers = (("C-03", "主井口"), ("C-04", "副井口"))
    for path in ("/", "/upgrades"):
        assert "/first-views" in client.get(path).text
    assert "/first-views" in client.get("/cameras/C-03").text
    assert "/first-views" not in client.get("/cameras/C-05").text
    form = {"csrf_token": csrf_token(client, "/first-views"), "camera": "C-03"}
    client.post("/first-views", data=form)
    assert list(desk.confirmed) == ["C-03"]
    page = client.get("/first-views").text
    assert "副井口" in page
    assert "主井口" not in page
    client.post("/first-views", data={**form, "camera": ["C-03", "C-04", "C-99"]})
    assert list(desk.confirmed) == ["C-03", "C-04"]
    assert "/first-views" not in client.get("/").text


def test_a_viewer_sees_first_views_and_does_not_confirm_them(stranger, desk):
    desk.strangers = (("C-03", "主井口"),)
    log_in(stranger, "viewer")
    page = stranger.get("/first-views").text
    assert "主井口" in page
    assert 'type="checkbox"' not in page
    form = {"csrf_token": csrf_token(stranger, "/first-views"), "camera": "C-03"}
    assert stranger.post("/first-views", data=form).status_code == 403
    assert not desk.confirmed


def test_a_viewer_sees_and_does_not_acknowledge(stranger, desk):
    log_in(stranger, "viewer")
    page = stranger.get("/cameras/C-24").text
    assert "/incidents/acknowledge" not in page
    form = {"csrf_token": csrf_token(stranger, "/cameras/C-24"), "incident": "101", "note": "seen"}
    assert stranger.post("/incidents/acknowledge", data=form).status_code == 403
    assert not desk.acknowledged


def test_the_upgrade_list_and_its_csv_agree(client, desk):
    rows = desk.upgrades()
    answer = client.get("/upgrades.csv")
    assert answer.mimetype == "text/csv"
    assert desk.views == [("王班长", "upgrades.csv")]
    table = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(table) == len(rows) + 1
    assert table[0][0] == "rank"
    assert [row[4] for row in table[1:]] == [row.camera for row in rows]
    assert "Confirmed fault: unreachable, since 2026-03-04 12:09." in table[1][9]
    page = client.get("/upgrades").text
    assert page.count("<circle cx=") - page.count('<circle cx="8"') == len(rows) + 1
    assert 'href="/cameras/M-03"' not in page


def test_no_curve_before_any_reading(desk):
    desk.broken, desk.read = {}, False
    page = _page(desk, "/upgrades")
    assert "Nothing to do" in page
    assert 'class="curve"' not in page


def test_site_files_show_what_was_set_aside(desk):
    page = _plain(_page(desk, "/site-files"))
    assert "set aside cameras.csv row 17 azimuth_deg north" in page


def test_a_partly_covered_place_tells_its_share(desk):
    row = next(place for place in desk.places() if place.state is PlaceState.PARTLY)
    assert row.share == 0.42
    assert "42.0 %" in _page(desk, "/places")


def test_privacy_masks_are_outlined_over_the_newest_picture(desk):
    now = _part(_page(desk, "/cameras/C-05"), "now")
    assert re.search(r'viewBox="0 0 1920 1080"[^>]*><svg[^>]*viewBox="0 0 1 1" preserveAspectRatio="none"', now)
    assert re.findall(r'<polygon points="([^"]*)"/>', now) == ["0.0,0.0 0.25,0.0 0.25,0.5 0.0,0.0 "]
    assert "Outlined: 1 privacy mask, hidden on purpose · <窗> windows" in _plain(now).replace("&lt;", "<").replace(
        "&gt;", ">"
    )
    assert "<窗>" not in now
    assert "style=" not in now
    assert "privacy mask" not in _part(_page(desk, "/cameras/C-06"), "now")


def test_what_is_declared_stands_beside_what_geometry_says(desk):
    row = re.search(r'<tr id="place-KP-04".*?</tr>', _page(desk, "/places"), re.S).group(0)
    lines = [_plain(line) for line in re.findall(r"<li.*?</li>", row.split('class="plain declared"')[1], re.S)]
    assert [line.split(" · ", 1)[1] for line in lines] == [
        "geometry agrees (100 %) · does not work now",
        "geometry does not see it 抽放站 Gas drainage would reach it but looks elsewhere.",
        "geometry cannot say",
        "seen, but not declared (50.0 %)",
    ]
    assert [line.startswith("declared: ") for line in lines] == [True, True, True, False]
    other = re.search(r'<tr id="place-KP-01".*?</tr>', _page(desk, "/places"), re.S).group(0)
    assert "declared" not in other


def test_places_only_declared_stand_below_the_four_figures(desk):
    text = _plain(_part(_page(desk), "ratios"))
    own = text.split("Only declared, in no figure above: ")[1]
    assert own.startswith("design, by day: 2 of 18 (geometry contradicts 1) · effective, by day: 1 of 18")
    bare = replace(desk.status(), declared_only=())
    desk.status = lambda: bare
    assert "Only declared" not in _page(desk)
