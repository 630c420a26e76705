"""What the proxy's configuration lets pass; test_proxy.py shows the same of an nginx that runs."""

from __future__ import annotations

import re

import pytest

from tests.nginx import Directive, read_configuration

each_front = pytest.mark.parametrize("front", ["plain", "tls"])


def site(http: Directive, port: str) -> Directive:
    """The server on a port."""
    (found,) = (server for server in http.all("server") if server.all("listen")[0].arguments[0] == port)
    return found


def forwarded_to(server: Directive, path: str) -> str | None:
    """Whom a server passes a path on to, if anyone: by the exact location, else the regular one, else `/`."""
    locations = {tuple(location.arguments): location for location in server.all("location")}
    regular = [arguments for arguments in locations if arguments[0] == "~" and re.search(arguments[1], path)]
    chosen = locations.get(("=", path)) or locations[regular[0] if regular else ("/",)]
    for condition in chosen.all("if"):
        opening, operator, pattern, closing = condition.arguments
        assert (opening, operator, closing) == ("($request_uri", "!~", ")"), "not known to this test"
        if not re.search(pattern, path):
            return None
    return chosen.value("proxy_pass")


@each_front
@pytest.mark.parametrize(
    "path", ["/webhooks/webchat/", "/webhooks/webchat/events", "/webhooks/webchat/widget/a.js"]
)
def test_customers_reach_the_channels(front: str, path: str) -> None:
    assert forwarded_to(site(read_configuration(front), "8000"), path) == "$bot"


@each_front
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/version",
        "/status",
        "/model/parse",
        "/conversations/c/tracker",
        "/webhooks",
        "/webhooks/../model",
    ],
)
def test_customers_reach_nothing_else(front: str, path: str) -> None:
    assert forwarded_to(site(read_configuration(front), "8000"), path) is None


@each_front
def test_every_location_for_customers_judges_the_path_as_it_was_sent_or_passes_nothing(front: str) -> None:
    for location in site(read_configuration(front), "8000").all("location"):
        judged = [c for c in location.all("if") if c.arguments[0] == "($request_uri"]
        assert judged or location.value("proxy_pass") is None
        assert judged or location.value("return") == "404"
        assert all(condition.value("return") == "404" for condition in judged)


@each_front
def test_the_desk_s_port_leads_to_the_desk_only(front: str) -> None:
    server = site(read_configuration(front), "8080")
    assert forwarded_to(server, "/cases/RV-1") == "$desk"
    assert forwarded_to(server, "/events/queue") == "$desk"
    assert forwarded_to(server, "/health") is None
    assert {location.value("proxy_pass") for location in server.all("location")} == {"$desk", None}


@each_front
def test_the_names_are_those_of_the_services_and_where_they_listen(front: str) -> None:
    http = read_configuration(front)
    assert site(http, "8000").value("set") == "$bot http://bot:5005"
    assert site(http, "8080").value("set") == "$desk http://desk:8080"


@each_front
def test_nothing_else_listens_outside_of_the_container(front: str) -> None:
    ports = [server.all("listen")[0].arguments[0] for server in read_configuration(front).all("server")]
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == ["8000", "8080"]


@each_front
@pytest.mark.parametrize(
    ("port", "location"), [("8000", ["=", "/webhooks/webchat/events"]), ("8080", ["~", "^/events/"])]
)
def test_event_streams_are_neither_held_back_nor_cut_off(front: str, port: str, location: list[str]) -> None:
    locations = site(read_configuration(front), port).all("location")
    (stream,) = (candidate for candidate in locations if candidate.arguments == location)
    assert stream.value("proxy_buffering") == "off"
    assert stream.value("proxy_read_timeout") == "1h"
    assert stream.value("gzip") is None


@each_front
def test_scripts_are_compressed_well(front: str) -> None:
    locations = site(read_configuration(front), "8000").all("location")
    (channels,) = (candidate for candidate in locations if candidate.arguments == ["~", "^/webhooks/"])
    assert (channels.value("gzip"), channels.value("gzip_comp_level")) == ("on", "6")


@each_front
def test_bodies_and_rates_are_limited(front: str) -> None:
    http = read_configuration(front)
    assert http.value("client_max_body_size") == "64k"
    zones = {d.arguments[1].split("=")[1].split(":")[0]: d.arguments[0] for d in http.all("limit_req_zone")}
    for port in ("8000", "8080"):
        limit = site(http, port).all("limit_req")[0].arguments[0]
        assert zones[limit.removeprefix("zone=")] == "$binary_remote_addr"


@each_front
def test_the_client_s_address_is_the_proxy_s_word(front: str) -> None:
    headers = {d.arguments[0]: d.arguments[1] for d in read_configuration(front).all("proxy_set_header")}
    assert headers["X-Forwarded-For"] == "$remote_addr"


def test_only_behind_another_proxy_is_a_header_believed() -> None:
    assert read_configuration("plain").value("real_ip_header") == "X-Forwarded-For"
    assert read_configuration("tls").value("real_ip_header") is None


@each_front
def test_no_headers_are_set_where_they_would_undo_the_common_ones(front: str) -> None:
    """nginx takes over `proxy_set_header` from outside only where a block has none of its own."""
    for server in read_configuration(front).all("server"):
        assert not server.all("proxy_set_header")
        assert not [d for location in server.all("location") for d in location.all("proxy_set_header")]


@each_front
def test_the_access_log_has_no_query_header_or_body(front: str) -> None:
    (log_format,) = read_configuration(front).all("log_format")
    assert set(re.findall(r"\$\w+", " ".join(log_format.arguments))) == {
        "$remote_addr",
        "$time_iso8601",
        "$request_method",
        "$logged_path",
        "$status",
        "$body_bytes_sent",
        "$request_time",
    }


def test_tls_is_spoken_on_both_ports_and_browsers_are_told_to_keep_to_it() -> None:
    for port in ("8000", "8080"):
        server = site(read_configuration("tls"), port)
        assert server.all("listen")[0].arguments == [port, "ssl"]
        assert (server.value("add_header") or "").startswith("Strict-Transport-Security")
