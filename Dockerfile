# The whole assistant in one image, since engine, actions and encoder are to be reached over the loopback only.
# Written without a builder at hand and not built yet: docs/installing.md, "Containers".

# Both Pythons are built for /usr/local on the same Debian, so they lie there side by side; `python3` is 3.13.
FROM python:3.10-slim-bookworm AS pythons
COPY --from=python:3.13-slim-bookworm /usr/local /usr/local
RUN ldconfig

FROM pythons AS environments
WORKDIR /srv/assistant
COPY . .
# Where the context has a wheelhouse (`make wheelhouse`), nothing is fetched.
RUN if [ -d wheelhouse ]; then export WHEELHOUSE=wheelhouse; fi \
 && python3 -m bot.running.environments \
 && rm -rf wheelhouse \
 && .venv/web/bin/python -m compileall -q bot actions

FROM pythons
# Fonts for notices as PDF, pg_dump and pg_restore for backups. The client's version must not be below the server's.
RUN apt-get update \
 && apt-get install -y --no-install-recommends fontconfig fonts-noto-cjk postgresql-client \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin assistant \
 && install -d -m 0700 -o assistant -g assistant /var/lib/assistant
COPY --from=environments /srv/assistant /srv/assistant
WORKDIR /srv/assistant
USER assistant
ENV VAR_DIR=/var/lib/assistant HOME=/tmp PYTHONDONTWRITEBYTECODE=1
VOLUME /var/lib/assistant
EXPOSE 8080
# The first start trains a model, which takes minutes.
HEALTHCHECK --interval=15s --timeout=5s --retries=4 --start-period=30m \
  CMD [".venv/web/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
STOPSIGNAL SIGTERM
CMD [".venv/web/bin/python", "-m", "bot", "run"]
