"""The application for any WSGI server: `gunicorn wsgi:app`, uWSGI, mod_wsgi.

`tracer serve` does more: it migrates, and restarts an embedded database that died. Started this way, the
database should be one that something else looks after: TRACER_DATABASE_URL.
"""

from dataclasses import replace

from tracer.app import create_app
from tracer.db.embedded import ensure
from tracer.settings import load_settings

_settings = load_settings()
app = create_app(replace(_settings, database_url=ensure(_settings)))
