"""Problems as RFC 9457 has them: `application/problem+json`, whatever went wrong."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from agents.service.desk import DeskClosedError, DeskFullError
from knowledge.errors import StoreError

MEDIA = "application/problem+json"

log = structlog.get_logger("api")


class Fault(BaseModel):
    """One mistake in a request: where, and what is wrong."""

    place: str = Field(examples=["query.limit"])
    problem: str = Field(examples=["Input should be less than or equal to 500"])


class Problem(BaseModel):
    """Why a request was not done (RFC 9457)."""

    type: str = Field("about:blank", description="The kind of problem; about:blank means that the status says it all.")
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field("", examples=["there is no order manual/7"])
    errors: list[Fault] = Field(default_factory=list, description="Each mistake in the request, where they are known.")


class ProblemError(Exception):
    """A request that cannot be done, with the status to answer with, and each fault where several are known."""

    def __init__(
        self, status: int, detail: str, headers: dict[str, str] | None = None, faults: list[Fault] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers, self.faults = status, detail, headers, faults


_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    421: "Misdirected Request",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


def answer(
    status: int, detail: str, errors: list[Fault] | None = None, headers: dict[str, str] | None = None
) -> JSONResponse:
    """A problem as a response."""
    problem = Problem(title=_TITLES.get(status, "Error"), status=status, detail=detail, errors=errors or [])
    return JSONResponse(problem.model_dump(), status, headers, media_type=MEDIA)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, for OpenAPI."""
    content = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _TITLES[status], "content": content} for status in statuses}


def install(app: FastAPI) -> None:
    """Answer every error with a problem; a browser that asked for a page gets one that says it (`app.state.notice`)."""

    def told(
        request: Request,
        status: int,
        detail: str,
        faults: list[Fault] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Response:
        notice = getattr(app.state, "notice", None)
        if notice is None or "text/html" not in request.headers.get("accept", ""):
            return answer(status, detail, faults, headers)
        text = "; ".join([detail, *(f"{each.place}: {each.problem}" for each in faults or ())])
        page: Response = notice(request, status, _TITLES.get(status, "Error"), text)
        page.headers.update(headers or {})
        return page

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, ProblemError)
        return told(request, error.status, error.detail, error.faults, error.headers)

    def by_status(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return told(request, error.status_code, str(error.detail), headers=dict(error.headers or {}))

    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        faults = [Fault(place=".".join(map(str, each["loc"])), problem=each["msg"]) for each in error.errors()]
        return told(request, 422, f"{len(faults)} mistakes in the request", faults)

    def full(request: Request, error: Exception) -> Response:
        assert isinstance(error, DeskFullError)
        return told(request, 429, str(error), headers={"Retry-After": str(error.retry_after)})

    def unavailable(request: Request, error: Exception) -> Response:
        return told(request, 503, str(error), headers={"Retry-After": "2"})

    def failed(request: Request, error: Exception) -> Response:
        log.error("request failed", path=request.url.path, exc_info=error)
        return told(request, 500, "an internal error, which is in the log under this request's id")

    app.add_exception_handler(ProblemError, refused)
    app.add_exception_handler(HTTPException, by_status)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(DeskFullError, full)
    app.add_exception_handler(DeskClosedError, unavailable)
    app.add_exception_handler(StoreError, unavailable)
    app.add_exception_handler(Exception, failed)
