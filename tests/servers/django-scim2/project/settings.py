"""django-scim2 over SQLite: settings, routes and the token check. Models stand in models.py."""

import os
from types import SimpleNamespace

from django.core.wsgi import get_wsgi_application
from django.urls import include, path

SECRET_KEY = "only-for-tests"  # signs nothing: there are no sessions
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django_scim", "project"]
AUTH_USER_MODEL = "project.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "project.settings"
MIDDLEWARE = ["project.settings.token_check"]
USE_TZ = True
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.path.join(os.environ["STATE"], "roll.sqlite3"),
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
        },
    }
}
SCIM_SERVICE_PROVIDER = {
    "SCHEME": "http",
    "NETLOC": "127.0.0.1:" + os.environ["PORT"],
    "GROUP_MODEL": "project.models.Group",
    "AUTHENTICATION_SCHEMES": [
        {"type": "oauthbearertoken", "name": "bearer", "description": "a token by environment"}
    ],
}

urlpatterns = [path("scim/v2/", include("django_scim.urls", namespace="scim"))]


def token_check(get_response):
    """Calls a request with the right token somebody, and every other nobody."""
    right = "Bearer " + os.environ["TOKEN"]

    def check(request):
        known = request.headers.get("Authorization") == right
        request.user = SimpleNamespace(is_authenticated=known, is_anonymous=not known)
        return get_response(request)

    return check


def application(environ, start_response):
    """The WSGI entry; built at the first request, when the settings are loaded."""
    global _application
    if _application is None:
        _application = get_wsgi_application()
    return _application(environ, start_response)


_application = None
