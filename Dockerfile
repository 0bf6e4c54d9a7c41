# Carelane's image: one for every process of the Procfile. `docker run carelane run relay` starts one of them.
# The Python that the tests run on.
ARG PYTHON=python:3.11-slim

FROM ${PYTHON} AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/carelane
# Before the source, so that a change of it does not install everything again.
COPY requirements/production.txt requirements/
RUN /opt/carelane/bin/pip install --quiet --require-hashes -r requirements/production.txt
COPY pyproject.toml README.md LICENSE Procfile ./
COPY schemas schemas
COPY shared shared
COPY workers workers
COPY ingress ingress
# Built by the pinned setuptools, not by a fresh download; what builds and installs does not go into the image.
RUN /opt/carelane/bin/pip install --quiet --no-deps --no-build-isolation --no-index . \
    && /opt/carelane/bin/python -m compileall -q /opt/carelane/lib \
    && /opt/carelane/bin/pip uninstall --quiet --yes setuptools pip

FROM ${PYTHON}
# A number, so that whoever runs it can see that it is not root; secrets that are mounted as files belong to it.
RUN groupadd --gid 10001 carelane \
    && useradd --uid 10001 --gid carelane --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin carelane \
    && install -d -o carelane -g carelane -m 0700 /run/carelane
COPY --from=build /opt/carelane /opt/carelane
# CARELANE_HOME holds marks and figures of the running process only, so a tmpfs serves and the rest may be read-only.
ENV PATH=/opt/carelane/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CARELANE_HOME=/run/carelane/home \
    CARELANE_HOST=0.0.0.0
USER 10001:10001
# Not a directory that this user can write to: Celery and granian look for modules where they are started.
WORKDIR /
STOPSIGNAL SIGTERM
# Asks about the process that CARELANE_PROCESS names.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["carelane", "alive"]
ENTRYPOINT ["carelane"]
CMD ["--help"]
