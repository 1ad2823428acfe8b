#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what building, testing and linting need: Debian packages with apt, the contract's tools with npm, schemathesis and aiocoap
# with pip into environments of their own.
#   tools/install.sh [build|lint]      YES=1 installs without asking
# A stamp under build/ makes the second run quick; it is keyed to the lists below and to the lock files.
set -euo pipefail
cd "$(dirname "$0")/.."

group=${1:-build}
packages=(ca-certificates gcc libc6-dev meson ninja-build pkg-config gettext
  libglib2.0-dev libglib2.0-dev-bin libglib2.0-bin libsoup-3.0-dev libjson-glib-dev libsqlite3-dev zlib1g-dev
  libssl-dev openssl libcurl4-openssl-dev libsecp256k1-dev nettle-dev
  libgtk-4-dev libgtk-4-bin libadwaita-1-dev libshumate-dev libsecret-1-dev libcairo2-dev
  libcoap3-dev libcoap3-bin
  libmongoc-dev
  libmosquitto-dev mosquitto python3-paho-mqtt nats-server
  nginx haproxy caddy
  libjpeg62-turbo-dev libpng-dev libwebp-dev
  adwaita-icon-theme librsvg2-common fonts-cantarell fonts-dejavu-core fonts-noto-core desktop-file-utils appstream
  gmt-gshhg-high netcdf-bin
  python3 python3-venv python3-cryptography python3-yaml dbus dbus-daemon procps curl
  # an authority's key in a token
  softhsm2 opensc libengine-pkcs11-openssl
  # what the tests of windows and pages start
  xvfb xauth x11-utils xdotool imagemagick at-spi2-core python3-gi gir1.2-atspi-2.0 gnome-keyring libgl1-mesa-dri chromium)
[ "$group" = lint ] && packages=(clang-format shellcheck git)
# Those of the list that Debian starts and enables as services of the machine; tests start their own.
services=(mosquitto nats-server nginx haproxy caddy)
node_folders=(contracts web data/basemap)
python_tools=build/schemathesis python_lock=tests/attacks/schemathesis/requirements.txt
aiocoap=build/aiocoap aiocoap_lock=tests/integration/aiocoap/requirements.txt
crypto_mb=build/crypto-mb crypto_mb_lock=common/crypto/crypto-mb.txt

missing=() sudo=() log=

fail () { echo "tools/install.sh: $*" >&2; exit 1; }
# The log's own words, for those who see nothing but this output.
fail_with_log () { grep -E '^(E:|npm ERR|npm error|ERROR:)' "$2" | head -n 15 >&2 || true; fail "$1: see $2"; }

fingerprint () {
  { printf '%s\n' "$group" "${packages[@]}"; [ "$group" = lint ] || cat "${node_folders[@]/%//package-lock.json}" "$python_lock" "$aiocoap_lock" "$crypto_mb_lock" 2>/dev/null || true; } | sha256sum | cut -d ' ' -f 1
}

# A Node from elsewhere brings its own npm and counts.
missing_packages () {
  local package wanted=("${packages[@]}")
  if [ "$group" = build ] && ! { command -v node && command -v npm; } >/dev/null; then
    wanted+=(nodejs npm)
  fi
  for package in "${wanted[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || echo "$package"
  done
}

# Asks once, with the command that would run; root and YES=1 have said yes already.
agreed () {
  local answer
  if [ "$(id -u)" = 0 ] || [ "${YES:-}" = 1 ]; then return 0; fi
  [ -t 0 ] || fail "missing: $1. Run it again with YES=1 to install this, or install it yourself."
  read -r -p "Install with apt: $1? [y/N] " answer
  [[ $answer == [yY]* ]]
}

install_packages () {
  log=build/apt.log
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -gt 0 ] || return 0
  agreed "${missing[*]}" || fail "not installed: ${missing[*]}"
  [ "$(id -u)" = 0 ] || sudo=(sudo)
  echo "installing ${#missing[@]} Debian packages (log: $log)"
  "${sudo[@]}" apt-get -o DPkg::Lock::Timeout=1800 update >"$log" 2>&1 || fail_with_log "apt-get update failed" "$log"
  start_no_service
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=1800 install -y --no-install-recommends "${missing[@]}" \
    >>"$log" 2>&1 || fail_with_log "apt-get install failed" "$log"
  enable_no_service
}

# What is installed here listens nowhere: Debian asks this program before it starts a service.
policy=/usr/sbin/policy-rc.d policy_is_ours=
start_no_service () {
  [ ! -e "$policy" ] || return 0
  trap 'let_services_start' EXIT
  policy_is_ours=1
  printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
  "${sudo[@]}" chmod 755 "$policy"
}

let_services_start () {
  [ -z "$policy_is_ours" ] || "${sudo[@]}" rm -f "$policy"
  policy_is_ours=
}

# Nor after the machine starts anew; a service that was there before is left as it is.
enable_no_service () {
  local service
  let_services_start
  command -v systemctl >/dev/null || return 0
  for service in "${services[@]}"; do
    if [[ " ${missing[*]} " == *" $service "* ]]; then "${sudo[@]}" systemctl disable --quiet "$service" >>"$log" 2>&1 || true; fi
  done
}

install_node_modules () {
  local folder
  for folder in "${node_folders[@]}"; do
    [ -f "$folder/package-lock.json" ] || continue
    echo "installing the tools of $folder with npm (log: build/npm.log)"
    (cd "$folder" && npm ci --no-audit --no-fund --ignore-scripts) >build/npm.log 2>&1 || fail_with_log "npm ci in $folder failed" build/npm.log
  done
}

# FOLDER LOCK. Wheels alone, each held to its hash: nothing of them is run to install them.
install_python_tools () {
  local log=build/pip-${1##*/}.log
  echo "installing ${1##*/} with pip (log: $log)"
  rm -rf "$1"
  /usr/bin/python3 -m venv "$1" >"$log" 2>&1 || fail_with_log "no environment for Python's tools" "$log"
  "$1/bin/pip" install --disable-pip-version-check --require-hashes --only-binary :all: -r "$2" >>"$log" 2>&1 ||
    fail_with_log "pip install failed" "$log"
}

# Debian 13's libcoap, and not Debian 12's: without it nothing speaks to aiocoap.
has_oscore () { pkg-config --atleast-version=4.3.2 libcoap-3-openssl 2>/dev/null; }

# Without it signatures are checked one by one: slower, and the same verdicts.
install_crypto_mb () {
  [ "$(uname -m)" = x86_64 ] || return 0
  echo "installing crypto_mb with pip (log: build/crypto-mb.log)"
  rm -rf "$crypto_mb"
  "$python_tools/bin/pip" install --disable-pip-version-check --no-deps --require-hashes --only-binary :all: --ignore-installed \
    --prefix "$crypto_mb" -r "$crypto_mb_lock" >build/crypto-mb.log 2>&1 || {
    rm -rf "$crypto_mb"
    echo "tools/install.sh: no crypto_mb (see build/crypto-mb.log): signatures will be checked one by one" >&2
  }
}

has_node_modules () {
  local folder
  for folder in "${node_folders[@]}"; do
    [ ! -f "$folder/package-lock.json" ] || [ -d "$folder/node_modules" ] || return 1
  done
}

mkdir -p build
stamp=build/.installed-$group
if [ "$(cat "$stamp" 2>/dev/null)" = "$(fingerprint)" ] && { [ "$group" = lint ] || { has_node_modules && [ -x "$python_tools/bin/schemathesis" ] && { [ -x "$aiocoap/bin/python3" ] || ! has_oscore; }; }; }; then
  exit 0
fi
if command -v apt-get >/dev/null; then
  install_packages
else
  echo "tools/install.sh: no apt here; needed (Debian names): ${packages[*]}" >&2
fi
if [ "$group" = build ]; then
  install_node_modules
  install_python_tools "$python_tools" "$python_lock"
  if has_oscore; then install_python_tools "$aiocoap" "$aiocoap_lock"; fi
  install_crypto_mb
fi
fingerprint >"$stamp"
