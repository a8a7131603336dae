# cammon in a container: docker build -t cammon .
# pip takes the locked packages from wherever it is configured to (for a mirror inside the site: --build-arg PIP_INDEX_URL=...).
FROM python:3.11-slim-bookworm AS build
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/cammon
COPY locks/run.txt /src/locks/run.txt
RUN /opt/cammon/bin/pip install --quiet --require-hashes -r /src/locks/run.txt
COPY setup.cfg pyproject.toml README.md /src/
COPY cammon /src/cammon
COPY config /src/config
COPY coverage /src/coverage
COPY probes /src/probes
COPY web /src/web
RUN /opt/cammon/bin/pip install --quiet --no-deps --no-build-isolation /src

FROM python:3.11-slim-bookworm
COPY --from=build /opt/cammon /opt/cammon
ENV PATH=/opt/cammon/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 LANG=C.UTF-8
RUN useradd --system --uid 10001 --home-dir /var/lib/cammon --create-home cammon
USER 10001:10001
VOLUME /var/lib/cammon
WORKDIR /var/lib/cammon
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["cammon"]
CMD ["serve", "/site", "--store", "/var/lib/cammon/cammon.sqlite"]
