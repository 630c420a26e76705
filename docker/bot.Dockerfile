# The bot: Rasa with Relevo's channels and stores, and the model of the data that the image carries.
# Build from the repository's root: docker build -f docker/bot.Dockerfile -t relevo-bot .

FROM python:3.10-slim-bookworm AS packages
WORKDIR /build
COPY requirements-installer.lock requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-installer.lock \
    && uv venv --no-cache /opt/relevo
# Three packages have no wheel: what builds them is held to the lock file too.
RUN --mount=type=cache,target=/root/.cache/uv UV_LINK_MODE=copy \
    uv pip sync --python /opt/relevo/bin/python --require-hashes --build-constraints requirements.lock \
    --compile-bytecode requirements.lock

FROM python:3.10-slim-bookworm AS relevo
ENV PATH=/opt/relevo/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONWARNINGS=ignore \
    RASA_TELEMETRY_ENABLED=false \
    SQLALCHEMY_SILENCE_UBER_WARNING=1 \
    TF_CPP_MIN_LOG_LEVEL=3 \
    HOME=/tmp
# The base image comes without bytecode, and the containers' file systems are read-only: compile it here, once.
RUN useradd --uid 10001 --no-create-home --home-dir /tmp relevo \
    && mkdir -m 700 /data && chown 10001 /data \
    && python -m compileall -q -x site-packages /usr/local/lib/python3.10
COPY --from=packages /opt/relevo /opt/relevo
COPY --chmod=755 docker/relevo /usr/local/bin/relevo
WORKDIR /app
COPY config.yml domain.yml endpoints.yml credentials.yml ./
COPY data data
COPY protocol protocol
COPY actions actions
COPY relevo relevo
RUN python -m compileall -q relevo actions

# Trained from the very files that the image carries: the bot looks for the model by their digest.
FROM relevo AS model
RUN relevo train

FROM relevo
COPY --from=model /app/models models
USER 10001
EXPOSE 5005
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:5005/webhooks/webchat/health', timeout=4)"]
CMD ["python", "-m", "relevo.bot"]
