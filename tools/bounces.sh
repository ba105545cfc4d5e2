#!/bin/sh
# Fetch two public collections of bounced mails into the folder $2, for tests/delivery/returns: the
# rules of delivery/returns/knowledge/bounces.toml are measured on them. $1 is the environment whose
# pip is used. Repeatable; what cannot be fetched is left out, and the tests say so.
#
#   flufl/    the source package of flufl.bounce (Apache-2.0): 117 mails
#   debian/   the source of libmail-deliverystatus-bounceparser-perl (Artistic or GPL-1+): 126 mails,
#             only looked at, never part of this repository; needs apt-get and Debian's source lists
set -u

venv=$1
into=$2
flufl=a1df16b9d1877ae4536f7d76c00d8421fcefbe694f80f5285d05c45a2547b1bc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$into"

if [ ! -d "$into/flufl" ]; then
    echo "flufl.bounce==6.0.0 --hash=sha256:$flufl" >"$work/wanted.txt"
    if "$venv/bin/python" -m pip download -qq --no-deps --no-binary :all: --no-build-isolation \
        --require-hashes -d "$work" -r "$work/wanted.txt" >"$work/log" 2>&1; then
        mkdir "$work/flufl"
        tar -xzf "$work"/flufl*.tar.gz -C "$work/flufl" && mv "$work/flufl" "$into/flufl"
    else
        echo "bounces.sh: flufl.bounce could not be fetched: $(tail -1 "$work/log")" >&2
    fi
fi

lists=/etc/apt/sources.list.d/debian.sources
if [ ! -d "$into/debian" ] && [ -r "$lists" ] && command -v apt-get >/dev/null 2>&1; then
    mkdir -p "$work/parts" "$work/lists/partial" "$work/source"
    sed 's/^Types: deb$/Types: deb-src/' "$lists" >"$work/parts/source.sources"
    apt="apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=$work/parts \
        -o Dir::State::lists=$work/lists -o APT::Sandbox::User=root"
    # word splitting is meant
    # shellcheck disable=SC2086
    if $apt update >"$work/log" 2>&1 && (cd "$work/source" && $apt source --download-only \
        --tar-only libmail-deliverystatus-bounceparser-perl >"$work/log" 2>&1); then
        mkdir "$work/debian"
        tar -xf "$work"/source/*.orig.tar.* -C "$work/debian" && mv "$work/debian" "$into/debian"
    else
        echo "bounces.sh: Debian's mails could not be fetched: $(tail -1 "$work/log")" >&2
    fi
fi
exit 0
