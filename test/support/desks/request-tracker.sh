#!/bin/bash
# Request Tracker 5 of Debian as a help desk for tests: an instance of its own in $RT_HOME, on loopback, on SQLite.
#   request-tracker.sh init    configuration, database, queue, reference field, account and token (in $RT_HOME/token)
#   request-tracker.sh start   starts the server; its process group is in $RT_HOME/pid
# No mail is sent: it goes to a file. $RT_OPTIONS are further lines of its configuration.
set -euo pipefail
: "${RT_HOME:?where the instance lies; www-data must be able to get there}"
: "${RT_PORT:?}"
: "${RT_ROOT_PASSWORD:=local-test-root-pw}"
export RT_HOME RT_PORT
RT_OPTIONS="${RT_OPTIONS:-}"
export RT_SITE_CONFIG="$RT_HOME/RT_SiteConfig.pm" RT_SITE_CONFIG_DIR="$RT_HOME/conf.d"
# RT is never run as root.
as_rt() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=www-data --regid=www-data --clear-groups "$@"; else "$@"; fi; }

do_init() {
  mkdir -p "$RT_HOME"/{conf.d,mason_data,session_data,log,mail,var}
  cat > "$RT_SITE_CONFIG" <<CONF
Set(\$rtname, 'localhelp');
Set(\$Organization, 'localhelp.invalid');
Set(\$CorrespondAddress, 'rt\@localhelp.invalid');
Set(\$CommentAddress, 'rt-comment\@localhelp.invalid');
Set(\$WebDomain, '127.0.0.1');
Set(\$WebPort, $RT_PORT);
Set(\$WebPath, '');
Set(\$WebBaseURL, 'http://127.0.0.1:$RT_PORT');
Set(\$DatabaseType, 'SQLite');
Set(\$DatabaseName, '$RT_HOME/rt.db');
Set(\$DatabaseUser, ''); Set(\$DatabasePassword, '');
Set(\$MailCommand, 'testfile');            # write mails to a file, send nothing
Set(\$LogToSyslog, undef); Set(\$LogToSTDERR, 'warning');
Set(\$MasonDataDir, '$RT_HOME/mason_data');
Set(\$MasonSessionDir, '$RT_HOME/session_data');
Set(\$RestrictReferrer, 0);
Set(\$Timezone, 'UTC');
Set(\$LexiconLanguages, qw(en));
# "open" is the initial status; working / awaiting information / fixed are active; closed, rejected, deleted inactive.
# (after a reply on an inactive ticket RT's own scrip moves it to the FIRST active status it may reach: working)
Set(%Lifecycles, support => {
    initial  => ['open'],
    active   => ['working', 'awaiting information', 'fixed'],
    inactive => ['closed', 'rejected', 'deleted'],
    defaults => { on_create => 'open', approved => 'open', denied => 'rejected',
                  reminder_on_open => 'open', reminder_on_resolve => 'closed' },
    transitions => {
        ''                     => ['open'],
        open                   => ['working', 'awaiting information', 'fixed', 'closed', 'rejected', 'deleted'],
        working                => ['open', 'awaiting information', 'fixed', 'closed', 'rejected', 'deleted'],
        'awaiting information' => ['open', 'working', 'fixed', 'closed', 'rejected', 'deleted'],
        fixed                  => ['open', 'working', 'awaiting information', 'closed', 'deleted'],
        closed                 => ['open', 'working'],
        rejected               => ['open', 'working'],
        deleted                => ['open'],
    },
    rights  => { '* -> deleted' => 'DeleteTicket', '* -> *' => 'ModifyTicket' },
    actions => [
        'open -> awaiting information' => { label => 'Ask for information', update => 'Respond' },
        'open -> fixed'                => { label => 'Mark fixed',          update => 'Respond' },
        'fixed -> closed'              => { label => 'Close',               update => 'Comment' },
        'closed -> open'               => { label => 'Re-open',             update => 'Comment' },
    ],
},
# needed only for moving tickets between queues with different lifecycles
__maps__ => {
    'default -> support' => { new => 'open', open => 'working', stalled => 'awaiting information',
                              resolved => 'closed', rejected => 'rejected', deleted => 'deleted' },
    'support -> default' => { open => 'new', working => 'open', 'awaiting information' => 'stalled',
                              fixed => 'resolved', closed => 'resolved', rejected => 'rejected', deleted => 'deleted' },
});
1;
CONF
  printf '%s\n1;\n' "$RT_OPTIONS" > "$RT_HOME/conf.d/options.pm"
  cat > "$RT_HOME/initialdata" <<'DATA'
# order in RT's InsertData: Users, Groups, Queues, CustomFields, ACL, Scrips, ... Final
our @Users = ({ Name => 'support-bot', Gecos => 'support-bot', RealName => 'Support Bot',
                EmailAddress => 'support-bot@localhelp.invalid', Privileged => 1,
                Password => 'bot-password' },
              { Name => 'kim', EmailAddress => 'kim@localhelp.invalid', Privileged => 1 },
              { Name => 'stranger', EmailAddress => 'stranger@localhelp.invalid', Privileged => 1 },
              { Name => 'reader-bot', EmailAddress => 'reader-bot@localhelp.invalid', Privileged => 1 });
our @Groups = ({ Name => 'Support Agents', Domain => 'UserDefined', Members => { Users => ['support-bot', 'kim', 'reader-bot'] } },
               { Name => 'Field Readers', Domain => 'UserDefined', Members => { Users => ['reader-bot'] } });
our @Queues = ({ Name => 'Support', Description => 'Product support', Lifecycle => 'support',
                 CorrespondAddress => 'support@localhelp.invalid', CommentAddress => 'support-comment@localhelp.invalid' },
               { Name => 'Strict', Description => 'Its forms ask for more', Lifecycle => 'support' },
               { Name => 'On-call', Description => 'After hours', Lifecycle => 'support' });
our @CustomFields = ({ Name => 'External Reference', Description => 'Reference number of the reporting system',
                       Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket', Queue => ['Support', 'Strict', 'On-call'],
                       Pattern => '(?#Reference)^[A-Za-z0-9._:-]{1,64}$' },
                     { Name => 'Site', Type => 'SelectSingle', LookupType => 'RT::Queue-RT::Ticket', Queue => ['Strict'],
                       Pattern => '(?#Mandatory).', Values => [{ Name => 'Lund' }, { Name => 'Malmo' }] },
                     { Name => 'Contract', Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket', Queue => ['Strict'],
                       Pattern => '(?#Mandatory).' },
                     { Name => 'Room', Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket', Queue => ['Strict'] });
our @ACL = ((map { my $queue = $_; map { { GroupDomain => 'UserDefined', GroupId => 'Support Agents', Queue => $queue, Right => $_ } }
             qw(SeeQueue ShowTicket ShowTicketComments CreateTicket CommentOnTicket ReplyToTicket ModifyTicket
                SeeCustomField ModifyCustomField OwnTicket) } qw(Support Strict On-call)),
            { GroupDomain => 'UserDefined', GroupId => 'Field Readers', Right => 'SeeCustomField' },
            { GroupDomain => 'UserDefined', GroupId => 'Support Agents', Right => 'ManageAuthTokens' });
our @Final = (sub {
    for (['support-bot', 'token'], ['reader-bot', 'reader-token']) {
        my ($name, $file) = @$_;
        my $user = RT::User->new(RT->SystemUser); $user->Load($name);
        my $t = RT::AuthToken->new(RT->SystemUser);
        my ($id, $msg, $auth) = $t->Create(Owner => $user->id, Description => 'local test');
        die "token: $msg" unless $id;
        open my $fh, '>', "$ENV{RT_HOME}/$file" or die $!; print $fh $auth; close $fh; chmod 0600, "$ENV{RT_HOME}/$file";
    }
});
1;
DATA
  printf '%s\n' "$RT_ROOT_PASSWORD" > "$RT_HOME/rootpw"
  chmod 600 "$RT_HOME/rootpw"
  [ "$(id -u)" != 0 ] || chown -R www-data:www-data "$RT_HOME"
  as_rt rt-setup-database-5 --action init --skip-create --root-password-file "$RT_HOME/rootpw" > "$RT_HOME/log/init.log" 2>&1
  as_rt rt-setup-database-5 --action insert --skip-create --datafile "$RT_HOME/initialdata" >> "$RT_HOME/log/init.log" 2>&1
}

do_start() {
  cd "$RT_HOME"
  as_rt setsid --fork bash -c 'echo $$ > pid; exec /usr/share/request-tracker5/libexec/rt-server --server Starlet --host 127.0.0.1 --port "$RT_PORT" --max-workers 2 --timeout 120' >>log/server.log 2>&1 </dev/null
}

case "${1:-}" in
  init) do_init ;;
  start) do_start ;;
  *) echo "usage: $0 init|start" >&2; exit 2 ;;
esac
