#!/bin/bash
# Redmine 5 of Debian as a help desk for tests: an instance of its own in $RM_HOME, on loopback, on SQLite.
#   redmine.sh init    database, project, tracker, states, reference field, account and key (in $RM_HOME/token)
#   redmine.sh start   starts the server; its process group is in $RM_HOME/pid
set -euo pipefail
: "${RM_HOME:?where the instance lies; www-data must be able to get there}"
: "${RM_PORT:?}"
: "${RM_ATTACHMENT_KB:=30720}" # Redmine's own default is 5120
export RM_HOME RM_PORT RM_ATTACHMENT_KB
# Debian joins "/usr/share/redmine/instances" with this name: the ../ let an instance lie anywhere.
export REDMINE_INSTANCE="../../../../../../..$RM_HOME" RAILS_ENV=production SCHEMA=/dev/null REDMINE_LANG=en
as_rm() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=www-data --regid=www-data --clear-groups "$@"; else "$@"; fi; }

do_init() {
  mkdir -p "$RM_HOME"/{config,files,log,tmp/cache,public/plugin_assets}
  cat > "$RM_HOME/config/database.yml" <<Y
production:
  adapter: sqlite3
  database: $RM_HOME/redmine.db
  timeout: 20000
  encoding: utf8
Y
  head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$RM_HOME/config/secret_key.txt"
  SRC=/var/lib/dbconfig-common/sqlite3/redmine/instances/default/redmine_default
  if [ -r "$SRC" ]; then cp "$SRC" "$RM_HOME/redmine.db"; fi      # already migrated + default data by the package
  cat > "$RM_HOME/seed.rb" <<'RB'
Setting.rest_api_enabled = '1'
Setting.login_required = '0'
Setting.attachment_max_size = ENV.fetch('RM_ATTACHMENT_KB')
Setting.host_name = "127.0.0.1:#{ENV['RM_PORT']}"
Setting.protocol = 'http'
open     = IssueStatus.find_or_create_by!(name: 'Open')                  { |s| s.is_closed = false }
awaiting = IssueStatus.find_or_create_by!(name: 'Awaiting Information') { |s| s.is_closed = false }
fixed    = IssueStatus.find_or_create_by!(name: 'Fixed')                { |s| s.is_closed = false }
closed   = IssueStatus.find_by!(name: 'Closed')
all = [open, awaiting, fixed, closed]
tracker = Tracker.find_or_create_by!(name: 'Support ticket') { |t| t.default_status = open }
role = Role.find_or_create_by!(name: 'Support agent') do |r|
  r.permissions = [:view_issues, :add_issues, :edit_issues, :add_issue_notes, :edit_own_issue_notes, :set_notes_private, :log_time, :view_time_entries]
end
WorkflowTransition.where(tracker_id: tracker.id, role_id: role.id).delete_all
all.each { |a| all.each { |b| next if a == b
  next if a == closed && b != open            # closed tickets can only be re-opened
  WorkflowTransition.create!(tracker: tracker, role: role, old_status: a, new_status: b) } }
project = Project.find_by(identifier: 'support') || Project.create!(name: 'Support', identifier: 'support', is_public: false,
  enabled_module_names: ['issue_tracking', 'time_tracking'], trackers: [tracker])
%w[Support Travel].each { |name| TimeEntryActivity.find_or_create_by!(name: name) }
cf = IssueCustomField.find_by(name: 'External Reference') || IssueCustomField.create!(name: 'External Reference', field_format: 'string',
  is_for_all: true, is_filter: true, searchable: true, max_length: 64, regexp: '^[A-Za-z0-9._:-]*$', trackers: [tracker])
unsearched = IssueCustomField.find_by(name: 'Serial Number') || IssueCustomField.create!(name: 'Serial Number', field_format: 'string',
  is_for_all: true, is_filter: false, trackers: [tracker])
escalations = Project.find_by(identifier: 'escalations') || Project.create!(name: 'Escalations', identifier: 'escalations', is_public: false,
  enabled_module_names: ['issue_tracking'], trackers: [tracker])
bot = User.find_by_login('support-bot') || User.new(firstname: 'Support', lastname: 'Bot', mail: 'support-bot@localhelp.invalid', language: 'en', admin: false).tap do |u|
  u.login = 'support-bot'; u.password = u.password_confirmation = 'bot-password'; u.save!
end
Member.create_principal_memberships(bot, project_ids: [project.id, escalations.id], role_ids: [role.id]) unless bot.member_of?(project)
# Asks for fields, and has who works on issues.
strict_tracker = Tracker.find_or_create_by!(name: 'Strict ticket') { |t| t.default_status = open }
strict = Project.find_by(identifier: 'strict') || Project.create!(name: 'Strict', identifier: 'strict', is_public: false,
  enabled_module_names: ['issue_tracking'], trackers: [strict_tracker])
cf.trackers << strict_tracker unless cf.trackers.include?(strict_tracker)
{ 'Site' => { field_format: 'list', possible_values: ['Lund', 'Malmo'] }, 'Contract' => { field_format: 'string' } }.each do |name, what|
  IssueCustomField.find_by(name: name) || IssueCustomField.create!(name: name, is_required: true, is_for_all: false,
    trackers: [strict_tracker], projects: [strict], **what)
end
Setting.issue_group_assignment = '1'
watcher_role = Role.find_or_create_by!(name: 'Watcher') { |r| r.permissions = [:view_issues]; r.assignable = false }
{ 'kim' => ['Kim', 'Agent', role], 'robin' => ['Robin', 'Watcher', watcher_role] }.each do |login, (first, last, as)|
  next if User.find_by_login(login)
  person = User.new(firstname: first, lastname: last, mail: "#{login}@localhelp.invalid", language: 'en')
  person.login = login; person.password = person.password_confirmation = "#{login}-password"; person.save!
  Member.create_principal_memberships(person, project_ids: [strict.id], role_ids: [as.id])
end
team = Group.find_by(lastname: 'Network team') || Group.create!(lastname: 'Network team')
[team, bot].each { |who| Member.create_principal_memberships(who, project_ids: [strict.id], role_ids: [role.id]) }
IssueCategory.find_or_create_by!(project: strict, name: 'VPN')
Version.find_or_create_by!(project: strict, name: '2.2.6')
# May comment, but neither privately nor change anything.
guest_role = Role.find_or_create_by!(name: 'Guest') { |r| r.permissions = [:view_issues, :add_issues, :add_issue_notes] }
guest = User.find_by_login('guest') || User.new(firstname: 'A', lastname: 'Guest', mail: 'guest@localhelp.invalid', language: 'de', admin: false).tap do |u|
  u.login = 'guest'; u.password = u.password_confirmation = 'guest-password'; u.save!
end
Member.create_principal_memberships(guest, project_ids: [project.id], role_ids: [guest_role.id]) unless guest.member_of?(project)
admin = User.find_by_login('admin')
admin.password = admin.password_confirmation = 'local-test-admin-pw'; admin.must_change_passwd = false; admin.save!
File.write("#{ENV['RM_HOME']}/token", bot.api_key); File.chmod(0600, "#{ENV['RM_HOME']}/token")
File.write("#{ENV['RM_HOME']}/ids.json", { project_id: project.id, tracker_id: tracker.id, cf_id: cf.id, unsearched_cf_id: unsearched.id, guest_token: guest.api_key, admin_token: admin.api_key,
  statuses: all.map { |s| [s.name, s.id] }.to_h }.to_json)
RB
  [ "$(id -u)" != 0 ] || chown -R www-data:www-data "$RM_HOME"
  cd /usr/share/redmine
  if [ ! -s "$RM_HOME/redmine.db" ]; then
    # two processes, as the package does: in one, the default data is loaded with stale column information
    as_rm bundle exec rake db:migrate > "$RM_HOME/log/init.log" 2>&1
    as_rm bundle exec rake redmine:load_default_data >> "$RM_HOME/log/init.log" 2>&1
  fi
  as_rm bundle exec rails runner "$RM_HOME/seed.rb" >> "$RM_HOME/log/init.log" 2>&1 || { tail -20 "$RM_HOME/log/init.log"; return 1; }
  chmod 600 "$RM_HOME/token"
}

do_start() {
  cd /usr/share/redmine
  # Without bundler: config.ru activates the bundle itself; -C /dev/null avoids stray configuration.
  as_rm setsid --fork bash -c 'echo $$ > "$RM_HOME/pid"; exec puma -C /dev/null -e production -w 0 -t 2:4 -b "tcp://127.0.0.1:$RM_PORT" --dir /usr/share/redmine config.ru' >>"$RM_HOME/log/server.log" 2>&1 </dev/null
}

case "${1:-}" in
  init) do_init ;;
  start) do_start ;;
  *) echo "usage: $0 init|start" >&2; exit 2 ;;
esac
