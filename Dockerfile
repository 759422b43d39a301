# One image for both processes: `assent serve`, and `assent-vault worker` on a machine of its own.

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
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/assent --create-home assent \
 && install -d -o assent -g assent -m 0700 /var/lib/assent/data /var/lib/assent/vault /var/lib/assent/exports
USER assent
WORKDIR /var/lib/assent
ENV PATH=/opt/assent/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ASSENT_LISTEN_HOST=0.0.0.0 \
    ASSENT_DATA_DIR=/var/lib/assent/data \
    ASSENT_VAULT_DIR=/var/lib/assent/vault \
    ASSENT_EXPORTS_DIR=/var/lib/assent/exports
VOLUME ["/var/lib/assent/data", "/var/lib/assent/vault", "/var/lib/assent/exports"]
EXPOSE 8080/tcp 7881/udp 7881/tcp
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["assent", "serve"]
