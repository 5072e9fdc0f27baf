"""Shopify's GraphQL Admin interface: how it is asked, what it refuses, and its ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from agents.sources.asking import ClientCredentials, answered, asked, body_of
from agents.sources.errors import FetchError, SourceError
from agents.sources.fetching import Fetch, Request
from agents.sources.json_values import Json, child, children, text
from agents.sources.texts import one_line

_TOKEN = "x-shopify-access-token"
_CURES = {
    401: "the access token is refused: make one for this shop, or correct it",
    403: "the app may not do this: give it the scopes that docs/shops-and-crms.md names",
    404: "there is no such shop or API version: correct shop or api_version",
}
_SCOPE = "ACCESS_DENIED"


def gid(kind: str, number: str) -> str:
    """The interface's id of what has a number in webhooks."""
    return f"gid://shopify/{kind}/{number}"


def number_of(gid: str) -> str:
    """The number that webhooks give what has this id."""
    return gid.rpartition("/")[2].partition("?")[0]


@dataclass(frozen=True, slots=True)
class Admin:
    """The interface of one shop, with a token of its own or one by client credentials."""

    shop: str
    url: str
    version: str
    token: SecretStr
    credentials: ClientCredentials

    def ask(self, fetch: Fetch, query: str, variables: Mapping[str, Any]) -> Json:
        """The data of an answer. Raises FetchError where the shop refuses, or has not come to it."""
        url = f"{self.url}/admin/api/{self.version}/graphql.json"
        headers = {"accept": "application/json", "content-type": "application/json"}
        request = Request(url, "POST", headers, body_of({"query": query, "variables": variables}))
        if token := self.token.get_secret_value():
            response = asked(fetch, Request(url, "POST", {**headers, _TOKEN: token}, request.body), self.shop, _CURES)
        else:
            signed = self.credentials
            response = asked(lambda each: signed.ask(fetch, _TOKEN, "{}", each), request, self.shop, _CURES)
        told = answered(response, self.shop)
        told = told if isinstance(told, dict) else {}
        if problems := children(told, "errors"):
            raise FetchError(f"{self.shop} refuses: {'; '.join(map(_problem, problems))}")
        data = told.get("data")
        if not isinstance(data, dict):
            raise FetchError(f"{self.shop} answered no data: {one_line(str(told))[:200]}")
        return data

    def change(self, fetch: Fetch, name: str, mutation: str, variables: Mapping[str, Any]) -> Json:
        """What a mutation gives. Raises FetchError where it is not asked rightly, SourceError where it may not be."""
        done = child(self.ask(fetch, mutation, variables), name)
        if problems := children(done, "userErrors"):
            raise SourceError(f"{self.shop} refuses {name}: {'; '.join(text(each, 'message') for each in problems)}")
        return done


def _problem(error: Json) -> str:
    said, code = one_line(text(error, "message")), text(child(error, "extensions"), "code")
    return f"{said} ({_CURES[403]})" if code == _SCOPE else said
