# One image for every process; compose.yaml and docs/containers.md say how each is started.

FROM python:3.11-slim-bookworm AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY requirements requirements
# Before the sources, so that a change of ours does not fetch everything again.
RUN python -m venv /opt/academy \
    && /opt/academy/bin/pip install --require-hashes -r requirements/run.txt \
    && sed -n '/^setuptools==/,/[^\\]$/p' requirements/dev.txt > requirements/build.txt \
    && pip install --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY domain domain
COPY schemas schemas
COPY runtime runtime
COPY ingest ingest
COPY extractor extractor
COPY learner learner
COPY decider decider
COPY projections projections
COPY analysis analysis
COPY infra infra
RUN pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/academy/bin/pip install --no-deps dist/*.whl

FROM python:3.11-slim-bookworm
# A number of its own: compose.yaml gives the master key to it, and Kubernetes asks for one.
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin academy
COPY --from=build /opt/academy /opt/academy
ENV PATH=/opt/academy/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /var/empty
USER 10001:10001
ENTRYPOINT ["academy"]
CMD ["--help"]
