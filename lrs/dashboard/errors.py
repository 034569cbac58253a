"""What went wrong, as a page that people understand."""

from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response

from lrs.accept import accepted
from lrs.dashboard.dashboard import Dashboard
from lrs.dashboard.visitor import NotSignedIn
from lrs.dashboard.words import N_
from lrs.http.headers import listed
from lrs.problem import describe

_TITLES: Final = {
    400: N_("That address isn't quite right"),
    401: N_("Please sign in"),
    403: N_("This page isn't yours to see"),
    404: N_("There is nothing here"),
    405: N_("That can't be done here"),
    409: N_("Somebody was first"),
    503: N_("Back in a moment"),
}
_HELP: Final = {
    400: N_("Something in the address or the form can't be read. Go back and try again."),
    401: N_("Sign in, and you are taken to the page you wanted."),
    403: N_(
        "What people learn is shown to themselves and to who looks after them. If you should see this, ask whoever "
        "manages roles and teams."
    ),
    404: N_("It may have moved, or it was never there."),
    409: N_("It was changed at the same moment. Go back, look at it again, and try once more."),
    405: N_("Go back and use the buttons of the page."),
    503: N_(
        "Something that is needed for this can't be read right now. Try again in a few seconds; if it stays, tell "
        "whoever runs this, with the details below."
    ),
}
_OTHERWISE: Final = (
    N_("Something went wrong on our side"),
    N_("It isn't your fault. Try again; if it stays, tell whoever runs this, with the details below."),
)


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Tell whether a browser asks, for somebody to read the answer."""
    liked = accepted(listed(request, "accept") or "")
    return next((kind for kind in liked if kind in {"text/html", "application/json", "*/*"}), "") == "text/html"


def error_page(dashboard: Dashboard, request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer with a page that says what is the matter, and what to do."""
    if isinstance(error, NotSignedIn) and dashboard.sign_in.available and request.method == "GET":
        target = f"{dashboard.root}/sign-in?{urlencode({'return_to': error.wanted})}"
        return Response(b"", status_code=303, headers={"Location": target, "Cache-Control": "no-store"})
    problem = describe(error)
    title = _TITLES.get(problem.status, _OTHERWISE[0])
    help_ = _HELP.get(problem.status, _OTHERWISE[1])
    data = {"title": title, "help": help_, "problem": problem}
    return dashboard.welcome(request, "error.html", data, status=problem.status, headers=dict(problem.headers))
