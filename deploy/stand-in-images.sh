#!/usr/bin/env bash
# Makes base images from Debian's packages, for a machine with a container engine that reaches no image registry.
set -euo pipefail

usage() {
    cat <<'USAGE'
Usage: bash deploy/stand-in-images.sh [--binary FILE] [--env-file FILE] [--mirror URL]

Makes zhijian-stand-in/debian and zhijian-stand-in/postgres, and writes the variables that make docker-compose use
them to --env-file (default target/stand-in.env):

  bash deploy/stand-in-images.sh --binary target/release/zhijian
  docker-compose --env-file target/stand-in.env up --build

  --binary FILE    ship this binary (built on Debian 12 or older) instead of compiling in a container. Without it
                   zhijian-stand-in/build is made as well, with this machine's Rust, and the image compiles there
  --mirror URL     Debian's archive (default http://deb.debian.org/debian)

Needs root, docker and debootstrap (apt-get install debootstrap). Images made before by this same script are kept.
USAGE
}

fail() {
    echo "stand-in-images: $1" >&2
    exit 1
}

binary=
env_file=
mirror=http://deb.debian.org/debian
while [ $# -gt 0 ]; do
    case "$1" in
    --binary) binary=$(realpath -e "${2:?--binary wants a file}") || exit 1; shift 2 ;;
    --env-file) env_file=$(realpath -m "${2:?--env-file wants a file}"); shift 2 ;;
    --mirror) mirror=${2:?--mirror wants an address}; shift 2 ;;
    --help) usage; exit 0 ;;
    *) usage >&2; fail "unknown argument $1" ;;
    esac
done

script=$(realpath "$0")
cd "$(dirname "$script")/.."
env_file=${env_file:-$PWD/target/stand-in.env}
[ "$(id -u)" = 0 ] || fail "debootstrap needs root: run this with sudo"
docker info >/dev/null 2>&1 || fail "no container engine answers: start docker, then run this again"
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"

readonly suite=bookworm label=org.zhijian.stand-in
version=$(sha256sum "$script" deploy/stand-in/* | sha256sum | cut -c1-16)
debian=zhijian-stand-in/debian:$suite
postgres=zhijian-stand-in/postgres:15
build=zhijian-stand-in/build:$suite

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# is_current IMAGE: made by this version of the script?
is_current() {
    [ "$(docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$1" 2>/dev/null)" = "$version" ]
}

# build_image IMAGE CONTEXT DOCKERFILE: builds with the host's network, which is the one known to work.
build_image() {
    docker build --network host --label "$label=$version" --build-arg "DEBIAN=$debian" --tag "$1" --file "$3" "$2"
}

if ! is_current "$debian"; then
    echo "== $debian"
    debootstrap --variant=minbase --include=ca-certificates "$suite" "$scratch/root" "$mirror" >"$scratch/log" 2>&1 ||
        { tail -20 "$scratch/log" >&2; fail "debootstrap could not build from $mirror: see above"; }
    rm -rf "$scratch"/root/var/cache/apt/archives/*.deb "$scratch"/root/var/lib/apt/lists/*
    tar --create --numeric-owner --directory "$scratch/root" . |
        docker import --change "LABEL $label=$version" --change 'CMD ["/bin/bash"]' - "$debian" >/dev/null
    rm -rf "$scratch/root"
fi

if ! is_current "$postgres"; then
    echo "== $postgres"
    build_image "$postgres" deploy/stand-in deploy/stand-in/postgres.Dockerfile
fi

if [ -z "$binary" ] && ! is_current "$build"; then
    echo "== $build"
    sysroot=$(rustc --print sysroot) || fail "no Rust on this machine to put into $build: install it, or give --binary"
    mkdir -p "$scratch/build/rust"
    cp -a "$sysroot/bin" "$sysroot/lib" "$scratch/build/rust/"
    # Behind a company's proxy the host's certificates are the ones that work.
    cp -L /etc/ssl/certs/ca-certificates.crt "$scratch/build/"
    build_image "$build" "$scratch/build" deploy/stand-in/build.Dockerfile
fi

mkdir -p "$(dirname "$env_file")"
{
    echo "RUNTIME_IMAGE=$debian"
    echo "POSTGRES_IMAGE=$postgres"
    if [ -n "$binary" ]; then
        install -D -m 0755 "$binary" target/image/zhijian
        strip target/image/zhijian 2>/dev/null || true
        echo "ZHIJIAN_IMAGE_TARGET=prebuilt"
        # Compose reads it even for the stages it does not build.
        echo "BUILD_IMAGE=$debian"
    else
        echo "BUILD_IMAGE=$build"
    fi
} >"$env_file"
echo "Stand-in images are ready: docker-compose --env-file $env_file up --build"
