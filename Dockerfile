# One image for both processes, `assent serve` and `assent-vault worker`, in a container each, by two
# users: see docker-compose.yml.

FROM python:3.12-slim-bookworm AS build
WORKDIR /src
COPY requirements.txt requirements-build.txt requirements-node.txt ./
RUN python -m venv /opt/assent \
 && /opt/assent/bin/pip install --no-cache-dir --require-hashes -r requirements.txt \
 && python -m pip install --no-cache-dir --require-hashes -r requirements-build.txt \
 && python -m pip install --no-cache-dir --require-hashes -r requirements-node.txt
COPY . .
RUN python -m pip wheel --no-cache-dir --no-build-isolation --no-deps --wheel-dir /wheels . \
 && /opt/assent/bin/pip install --no-cache-dir --no-deps /wheels/*.whl


FROM python:3.12-slim-bookworm
COPY --from=build /opt/assent /opt/assent
# Two users who share a group: what both use is the group's, what one of them has is its own.
RUN groupadd --system --gid 10000 assent \
 && useradd --system --uid 10001 --gid assent --no-create-home --home-dir /var/lib/assent server \
 && useradd --system --uid 10002 --gid assent --no-create-home --home-dir /var/lib/assent vault \
 && install -d -o root -g assent -m 0755 /var/lib/assent \
 && install -d -o root -g assent -m 2770 /var/lib/assent/data \
 && install -d -o server -g assent -m 0700 /var/lib/assent/server \
 && install -d -o vault -g assent -m 0700 /var/lib/assent/vault /var/lib/assent/exports
USER server:assent
WORKDIR /var/lib/assent
ENV PATH=/opt/assent/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ASSENT_LISTEN_HOST=0.0.0.0 \
    ASSENT_WORKER=external \
    ASSENT_DATA_DIR=/var/lib/assent/data \
    ASSENT_SERVER_DIR=/var/lib/assent/server \
    ASSENT_VAULT_DIR=/var/lib/assent/vault \
    ASSENT_EXPORTS_DIR=/var/lib/assent/exports
EXPOSE 8080/tcp 7881/udp 7881/tcp
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["assent", "healthcheck"]
STOPSIGNAL SIGTERM
CMD ["assent", "serve"]
