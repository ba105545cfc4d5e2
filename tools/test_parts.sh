#!/bin/sh
# Debian's mail programs that tests compare ours with, its browser, and Java for Spark. They are installed for CI only, where nothing
# that can be installed may be missing; elsewhere tests without them are skipped, with that reason.
set -eu

wanted="chromium spamassassin opendkim opendkim-tools opendmarc postfix dovecot-imapd dovecot-lmtpd systemd"
# opendmarc wants a database for reports; this package stands for “no, thanks”.
instead="dbconfig-no-thanks"

command -v java >/dev/null || wanted="$wanted openjdk-17-jre-headless"

[ "${CI:-}" = true ] || exit 0
missing=""
for package in $wanted; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -q '^installed$' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "make: CI without$missing: only root on Debian can install them; their tests will fail" >&2
    exit 0
fi

# None of them may start as a service: tests start their own, on ports of their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi
echo "Installing$missing for the tests"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  (several words on purpose)
apt-get install -qq -y --no-install-recommends $instead $missing >/dev/null 2>&1 || {
    apt-get update -qq >/dev/null 2>&1 || true
    apt-get install -qq -y --no-install-recommends $instead $missing >/dev/null
}
