# Rust as it is on the machine that makes the image, and the C compiler that a few crates want.
ARG DEBIAN
FROM ${DEBIAN}
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends gcc libc6-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
COPY rust /usr/local
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
