"""Headers that every answer has: nothing is loaded from elsewhere, framed, sniffed or kept."""

from __future__ import annotations

from flask import Flask, Response, g, request

from tracer.access.edge import csp_nonce

# Files of ours, which hold no one's data; the browser asks whether they changed (ETag).
FILES = frozenset({"static", "bootstrap.static", "swagger.static", "openapi.static"})


def install_headers(app: Flask) -> None:
    app.after_request(protect)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def protect(response: Response) -> Response:
    """Put the headers on; a view that set one of them itself keeps it."""
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Content-Security-Policy", policy())
    if response.mimetype == "text/html":
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
    if request.endpoint not in FILES:
        headers.setdefault("Cache-Control", "no-store")
    return response


def policy() -> str:
    """The content security policy of this answer."""
    nonce = f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
    # With a nonce in the list browsers ignore 'unsafe-inline', so it is one or the other.
    style = " 'unsafe-inline'" if g.get("inline_styles") else nonce
    return (
        f"default-src 'none'; script-src 'self'{nonce}; style-src 'self'{style}; img-src 'self' data: blob:;"
        " font-src 'self' data:; connect-src 'self'; media-src 'self' blob: data:; worker-src 'self';"
        " manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
