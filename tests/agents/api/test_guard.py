"""What is let in at all: names, proxies, https, and the limits of a request."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from agents.service.settings import ServiceError, settings
from tests.agents.api.people import People, add_people, peopled, sign_in
from tests.serving import API, served

HTTPS = "max-age=31536000"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """A service that others reach by one name, and through a proxy on this machine."""
    said: dict[str, Any] = {"host": "0.0.0.0", "allowed_hosts": ("Plant.example",), "forwarded_allow_ips": "127.0.0.1"}
    with peopled(tmp_path_factory.mktemp("guarded"), body_limit=8192, **said) as found:
        yield found


def test_without_accounts_no_address_but_the_loopback_is_listened_on(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path}/plant.db"
    with pytest.raises(ServiceError, match="users add"):
        settings(None, knowledge="k", db=db, host="0.0.0.0")
    add_people(db)
    assert settings(None, knowledge="k", db=db, host="0.0.0.0").host == "0.0.0.0"


def test_the_password_of_a_database_is_not_told(tmp_path: Path) -> None:
    with pytest.raises(ServiceError) as caught:
        settings(None, knowledge="k", db="postgresql+psycopg://u:secret@127.0.0.1:1/none", host="0.0.0.0")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("plant.example", 200),
        ("PLANT.EXAMPLE:8443", 200),
        ("localhost", 200),
        ("evil.example", 421),
        ("plant.example.evil.example", 421),
        ("", 421),
        ("[", 421),
        ("a b", 421),
    ],
)
def test_the_service_answers_to_its_own_names_only(people: People, host: str, status: int) -> None:
    response = people.anonymous.get("/health/live", headers={"Host": host})
    assert response.status_code == status, response.text


def test_without_accounts_no_other_name_is_answered_to_whatever_is_set(tmp_path: Path) -> None:
    with served(tmp_path, allowed_hosts=("plant.example", "*")) as (_, client):
        assert client.get("/health/live", headers={"Host": "plant.example"}).status_code == 421
        assert client.get("/health/live").status_code == 200


def test_a_proxy_that_is_trusted_says_where_a_request_came_from_and_that_it_was_https(people: People) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    with people.client(headers=forwarded) as client:
        response = sign_in(client, "viewer")
        assert "Secure" in response.headers["set-cookie"]
        assert response.headers["strict-transport-security"].startswith(HTTPS)
    assert "203.0.113.9" in [session.address for session in people.service.gate.accounts.sessions("viewer")]


def test_nobody_else_is_believed_about_that(tmp_path: Path) -> None:
    with peopled(tmp_path) as people, people.client(headers={"X-Forwarded-Proto": "https"}) as client:
        response = sign_in(client, "viewer")
        assert "Secure" not in response.headers["set-cookie"]
        assert "strict-transport-security" not in response.headers


def test_https_is_served_with_a_certificate(tmp_path: Path) -> None:
    authority = trustme.CA()
    made = authority.issue_cert("localhost")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    for blob in made.cert_chain_pems:
        blob.write_to_path(certificate, append=True)
    made.private_key_pem.write_to_path(key)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with peopled(tmp_path, tls_certificate=certificate, tls_key=key) as people:
        address = f"https://localhost:{people.url.port}"
        with httpx.Client(base_url=address, verify=trusting, timeout=30) as client:
            response = sign_in(client, "viewer")
            assert "Secure" in response.headers["set-cookie"]
            assert response.headers["strict-transport-security"].startswith(HTTPS)
            assert client.get(f"{API}/me").json()["name"] == "viewer"
            origin = {"Origin": address, "X-CSRF-Token": client.get(f"{API}/me").json()["csrf"]}
            assert client.post("/logout", headers=origin).status_code == 303


def test_a_certificate_that_is_not_there_or_lacks_its_key_is_told_before_anything_starts(tmp_path: Path) -> None:
    authority = trustme.CA()
    one, other = authority.issue_cert("localhost"), authority.issue_cert("localhost")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    one.cert_chain_pems[0].write_to_path(certificate)
    other.private_key_pem.write_to_path(key)
    said = {"knowledge": "k", "db": "sqlite:///x.db"}
    for pair in ({"tls_certificate": certificate}, {"tls_key": key}):
        with pytest.raises(ServiceError, match="needs both"):
            settings(None, **said, **pair)
    for found in (certificate, tmp_path / "none.pem"):
        with pytest.raises(ServiceError, match="tls_certificate"):
            settings(None, **said, tls_certificate=found, tls_key=key)


def test_a_body_that_is_too_large_is_refused_whether_its_length_is_told_or_not(people: People) -> None:
    limit, headers = people.service.settings.body_limit, people.by_key("integrator")
    told = people.anonymous.post(f"{API}/documents", headers=headers, content=b"x" * (limit + 1))
    pieces = (b"x" * 1024 for _ in range(limit // 1024 + 1))
    silent = people.anonymous.post(f"{API}/documents", headers=headers, content=pieces)
    assert (told.status_code, silent.status_code) == (413, 413)
    form = people.anonymous.post("/login", data={"name": "x" * limit, "password": "y"})
    assert form.status_code == 413


@pytest.mark.parametrize("origin", ["http://[", "null", "file://", "http://evil.example", "é"])
def test_a_strange_origin_is_refused(people: People, origin: str) -> None:
    response = people.anonymous.post(
        "/login", headers=[(b"Origin", origin.encode())], data={"name": "a", "password": "b"}
    )
    assert response.status_code == 403
