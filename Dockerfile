# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1
WORKDIR /build
COPY requirements/bootstrap.lock requirements/base.lock ./
RUN pip install --require-hashes --requirement bootstrap.lock \
    && python -m venv --without-pip /opt/venv \
    && uv pip sync --require-hashes --compile-bytecode --python /opt/venv/bin/python base.lock


FROM python:3.11-slim-bookworm
# pg_dump reads the template of new sites; it must not be older than the server, so it comes from PostgreSQL's own archive
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-common ca-certificates \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install --yes --no-install-recommends postgresql-client-18 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --home-dir /app --shell /usr/sbin/nologin sitewright \
    && install --directory --owner sitewright /app /srv/media /srv/archives

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    MEDIA_ROOT=/srv/media \
    ARCHIVE_ROOT=/srv/archives \
    WEB_BIND=0.0.0.0:8000
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY . .
RUN python -m compileall -q . && SECRET_KEY=only-for-this-step python manage.py collectstatic --no-input --verbosity 0

USER sitewright
VOLUME /srv/media /srv/archives
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["gunicorn", "--config", "python:config.gunicorn"]
