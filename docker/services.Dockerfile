# Actions, desk and clock: one slim image without Rasa and TensorFlow; the command says which of them runs.
# Build from the repository's root: docker build -f docker/services.Dockerfile -t relevo-services .

FROM python:3.10-slim-bookworm AS packages
WORKDIR /build
COPY requirements-installer.lock requirements-services.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-installer.lock \
    && uv venv --no-cache /opt/relevo
RUN --mount=type=cache,target=/root/.cache/uv UV_LINK_MODE=copy \
    uv pip sync --python /opt/relevo/bin/python --require-hashes --only-binary :all: \
    --compile-bytecode requirements-services.lock

FROM python:3.10-slim-bookworm
ENV PATH=/opt/relevo/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONWARNINGS=ignore \
    HOME=/tmp
# The base image comes without bytecode, and the containers' file systems are read-only: compile it here, once.
RUN useradd --uid 10001 --no-create-home --home-dir /tmp relevo \
    && mkdir -m 700 /data && chown 10001 /data \
    && python -m compileall -q -x site-packages /usr/local/lib/python3.10
COPY --from=packages /opt/relevo /opt/relevo
COPY --chmod=755 docker/relevo /usr/local/bin/relevo
WORKDIR /app
COPY protocol protocol
COPY actions actions
COPY relevo relevo
RUN python -m compileall -q relevo actions
USER 10001
# Actions listen on 5055, the desk on 8080; the clock serves nothing.
EXPOSE 5055 8080
CMD ["python", "-m", "relevo.desk"]
