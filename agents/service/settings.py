"""Settings of the service: what a command says, else the environment (`SOCIETY_…`), else a TOML file, else these."""

from __future__ import annotations

import ipaddress
import ssl
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from knowledge.access import AccessError, titles_of
from knowledge.errors import SocietyError, StoreError
from knowledge.store.access_store import AccessStore
from knowledge.store.accounts import Accounts
from knowledge.store.engines import told, url_of
from protocols.notices import NoticeKind


class ServiceError(SocietyError):
    """A service that cannot be run as it was asked to."""


class Clock(StrEnum):
    """Which clock the society lives by: the machine's, or the times at which its documents say they were received."""

    REAL = "real"
    RECEIVED = "received"


class LogFormat(StrEnum):
    """How a line of the log is written."""

    HUMAN = "human"
    JSON = "json"


class Notify(BaseModel):
    """Somebody who is told what happens, by a URL of apprise: of these kinds of notices, for these roles; else of all.

    A `name` keeps what still waits for a listener apart when others are added before it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr
    name: str = Field("", pattern=r"^[a-z0-9._-]{0,40}$")
    kinds: tuple[NoticeKind, ...] = ()
    roles: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: object) -> object:
        return {"url": value} if isinstance(value, str) else value


class OpenIdProvider(BaseModel):
    """Who signs people in instead of a password (OpenID Connect), and what their claims mean here.

    `roles` says for a value of the claim `roles_claim` which roles it gives; what is none of the society's roles is a
    title, as the rules of plant.toml name them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str
    client_id: str
    client_secret: SecretStr | None = None
    scope: str = "openid profile email"
    name_claim: str = "preferred_username"
    roles_claim: str = "groups"
    roles: dict[str, tuple[str, ...]] = Field(min_length=1)
    title: str = Field("your organisation", max_length=80)

    @model_validator(mode="after")
    def _sound(self) -> OpenIdProvider:
        place = urlsplit(self.issuer)
        if place.scheme != "https" and not (place.scheme == "http" and is_loopback(place.hostname or "")):
            raise ValueError("issuer: https is needed, but on this machine itself")
        if "openid" not in self.scope.split():
            raise ValueError("scope: has to name openid")
        try:
            titles_of(title for titles in self.roles.values() for title in titles)
        except AccessError as error:
            raise ValueError(f"roles: {error}") from error
        return self


class Settings(BaseSettings):
    """Everything that can be set. `SOCIETY_PORT=9000`, or `port = 9000` in the file that `--config` names."""

    model_config = SettingsConfigDict(env_prefix="SOCIETY_", env_nested_delimiter="__", extra="forbid", frozen=True)

    knowledge: Path = Field(description="The knowledge folder of the plant.")
    db: str = Field(description="Database URL, e.g. sqlite:///plant.db")
    host: str = Field("127.0.0.1", description="The address to listen on; until there are accounts, the loopback only.")
    allowed_hosts: tuple[str, ...] = Field((), description="Names under which the service is asked for; `*` is any.")
    port: int = Field(8000, ge=0, le=65535, description="The port; 0 takes a free one.")
    clock: Clock = Field(Clock.REAL, description="real, or received: the clock follows the documents, for replays.")
    start: AwareDatetime | None = Field(None, description="When a new society begins where the clock is `received`.")
    seed: int = Field(0, description="Seed of the solver.")
    log_format: LogFormat = LogFormat.HUMAN
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$")
    intake_limit: int = Field(500, ge=1, description="Documents under way at most; beyond that, 429.")
    batch_limit: int = Field(20, ge=1, description="Documents that the society takes at one instant.")
    body_limit: int = Field(16 * 2**20, ge=1024, description="Bytes of a request's body at most.")
    tls_certificate: Path | None = Field(None, description="Certificate chain (PEM), to serve https.")
    tls_key: Path | None = Field(None, description="The certificate's key (PEM).")
    forwarded_allow_ips: str = Field("", description="Proxies whose X-Forwarded-For and -Proto are believed.")
    oidc: OpenIdProvider | None = Field(None, description="An OpenID provider that signs people in, as a table.")
    session_idle_minutes: int = Field(60, ge=1, description="After so long without a request a browser signs in anew.")
    session_hours: int = Field(12, ge=1, description="And so long after it signed in, in any case.")
    notify: tuple[Notify, ...] = Field(
        (),
        description="Who is told of approvals, quarantine and dead letters: URLs, or tables of url, kinds, roles.",
    )
    traces: str = Field(
        "",
        pattern=r"^(|console|https?://\S+)$",
        description="Where OpenTelemetry traces go: console, or an OTLP address such as http://127.0.0.1:4318/v1/traces.",
    )
    improve_seconds: int = Field(
        0, ge=0, le=3600, description="Processor seconds, beside the agents, to improve the plan in; 0: it is not."
    )
    improve_after_seconds: int = Field(
        60, ge=1, le=86400, description="How long after a change of the plan it is improved again."
    )
    notify_attempts: int = Field(
        12, ge=1, le=30, description="How often a notice is tried, with growing waits, until it is a dead letter."
    )
    sources: dict[str, dict[str, Any]] = Field(
        default_factory=dict, repr=False, description="Connectors that are switched on: tables by name, each of a kind."
    )
    sinks: dict[str, dict[str, Any]] = Field(
        default_factory=dict, repr=False, description="Systems that are told what is decided: tables by name."
    )
    outage_seconds: int = Field(
        900, ge=0, description="How long a database that is away, or its full disk, is waited for before it ends."
    )
    stop_seconds: int = Field(20, ge=1, description="How long a stop may take to finish what is under way.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The command first, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def settings(config: Path | None, **said: Any) -> Settings:
    """Settings from all places; what is None was not said. Raises ServiceError, which names every problem."""
    if config is not None and not config.is_file():
        raise ServiceError(f"--config {config}: there is no such file")
    known = type("Settings", (Settings,), {"model_config": SettingsConfigDict(toml_file=config)})
    try:
        found: Settings = known(**{name: value for name, value in said.items() if value is not None})
    except ValidationError as error:
        raise ServiceError("\n".join(_problem(each["loc"], each["msg"]) for each in error.errors())) from error
    except ValueError as error:  # the file is not TOML
        raise ServiceError(f"--config {config}: {error}") from error
    if found.improve_seconds and found.clock is Clock.RECEIVED:
        raise ServiceError("setting improve_seconds: improving takes the machine's time; with clock = received write 0")
    check_certificate(found)
    check_address(found)
    return found


class _Tables(BaseSettings):
    """The tables of connectors alone, for commands that need nothing else."""

    model_config = SettingsConfigDict(env_prefix="SOCIETY_", env_nested_delimiter="__", extra="ignore", frozen=True)

    sources: dict[str, dict[str, Any]] = Field(default_factory=dict, repr=False)
    sinks: dict[str, dict[str, Any]] = Field(default_factory=dict, repr=False)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then the file."""
        return env_settings, TomlConfigSettingsSource(settings_cls)


def read_tables(which: str, config: Path | None) -> dict[str, dict[str, Any]]:
    """The tables of one kind (`sources`, `sinks`), from a file and the environment. Raises ServiceError."""
    if config is not None and not config.is_file():
        raise ServiceError(f"--config {config}: there is no such file")
    known = type("Tables", (_Tables,), {"model_config": SettingsConfigDict(toml_file=config)})
    try:
        found: dict[str, dict[str, Any]] = getattr(known(), which)
    except ValidationError as error:
        raise ServiceError("\n".join(_problem(each["loc"], each["msg"]) for each in error.errors())) from error
    except ValueError as error:  # the file is not TOML
        raise ServiceError(f"--config {config}: {error}") from error
    return found


def check_certificate(found: Settings) -> None:
    """Raise ServiceError unless https is not wanted, or certificate and key are there and belong together."""
    certificate, key = found.tls_certificate, found.tls_key
    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        raise ServiceError("settings tls_certificate and tls_key: https needs both")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except OSError as error:  # SSLError is one
        raise ServiceError(f"settings tls_certificate {certificate} and tls_key {key}: {error}") from error


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(found: Settings) -> None:
    """Refuse an address that others can reach while there are no accounts: whoever reaches it could do everything.

    Where a provider signs people in nobody is let in without an account from the beginning.
    """
    if is_loopback(found.host) or found.oidc is not None:
        return
    try:
        with closing(AccessStore(found.db)) as store:
            reason = "" if Accounts(store).any() else "its database has no accounts yet"
    except StoreError as error:
        reason = str(error)
    if reason:
        raise ServiceError(
            f"host {found.host}: {reason}. Without accounts the service listens on the loopback address only"
            " (127.0.0.1, ::1 or localhost); add one:"
            f" python run_agents.py users add NAME --role operator --db {_hidden(found.db)}"
        )


def _hidden(db: str) -> str:
    """A database's URL without its password."""
    try:
        return told(url_of(db))
    except StoreError:
        return db


def _problem(place: tuple[int | str, ...], text: str) -> str:
    name = ".".join(map(str, place))
    return f"setting {name} (--{name.replace('_', '-')}, SOCIETY_{name.upper()}): {text}"
