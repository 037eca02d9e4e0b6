#!/usr/bin/env bash
# Installs the real programs that suites run against (test/support/requirements.ts names them). Needs root and Debian.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
packages=(openssh-server openssh-sftp-server openssh-client unzip python3 tmux)
missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "everything is here already"
  exit 0
fi
# Services are not started: suites start their own servers, on loopback and free ports.
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d.icepack
made_policy=false
if [ ! -e /usr/sbin/policy-rc.d ]; then
  mv /usr/sbin/policy-rc.d.icepack /usr/sbin/policy-rc.d
  chmod +x /usr/sbin/policy-rc.d
  made_policy=true
else
  rm /usr/sbin/policy-rc.d.icepack
fi
trap '[ "$made_policy" = false ] || rm -f /usr/sbin/policy-rc.d' EXIT
apt-get update -q
apt-get install -y -q --no-install-recommends "${missing[@]}"
