#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# tools/deps.sh LIST: install the Debian packages of LIST that are missing; says exactly which. Asks sudo when not root.
set -eu
wanted=$(sed -e 's/#.*//' "$1")
missing=
for package in $wanted; do
    case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
    *' installed') ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null; then
    as_root=sudo
else
    echo "deps: these packages are missing, and there is neither root nor sudo:$missing" >&2
    exit 4
fi
echo "deps: installing with ${as_root:+$as_root }apt-get:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086 # a list of words on purpose
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
