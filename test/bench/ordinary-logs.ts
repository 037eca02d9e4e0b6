/** Lines as servers write them, in which no secret stands, though words for one do; `#` becomes a number, `@` a hex word. */
const templates = [
  'Nov 28 13:0#:12 gw sshd[#]: Accepted password for root from 10.2.#.5 port # ssh2',
  'Nov 28 13:0#:12 gw sshd[#]: Failed password for invalid user admin from 192.0.2.# port # ssh2',
  'Nov 28 13:0#:12 gw sshd[#]: Accepted publickey for bob from 10.2.#.5 port # ssh2: ED25519 SHA256:@@@@',
  'Nov 28 13:0#:12 gw sshd[#]: pam_unix(sshd:session): session opened for user root(uid=0) by (uid=#)',
  'Nov 28 13:0#:12 gw CRON[#]: (root) CMD (/usr/bin/test -x /usr/sbin/anacron || run-parts --report /etc/cron.daily)',
  'Nov 28 13:0#:12 gw passwd[#]: pam_unix(passwd:chauthtok): password changed for bob',
  'Nov 28 13:0#:12 gw kernel: [ #.12#] pinctrl core: registered pin # (GPIO_#) on 1000000.pinctrl',
  'Nov 28 13:0#:12 gw kernel: [ #.12#] random: crng init done, key schedule @ loaded',
  'Nov 28 13:0#:12 gw kernel: [ #.12#] usb 1-#: New USB device found, idVendor=8087, idProduct=@',
  'Nov 28 13:0#:12 gw systemd[1]: Started Forward Password Requests to Wall Directory Watch.',
  'Nov 28 13:0#:12 gw sudo: bob : TTY=pts/# ; PWD=/home/bob ; USER=root ; COMMAND=/usr/bin/apt-get -y install zip',
  '<134>[2026-11-28 13:0#:12] EFW: CONN: prio=1 id=006000# rev=1 event=conn_open rule=lan_to_wan conn=open connsrcip=10.2.#.7 conndestport=443',
  '<134>[2026-11-28 13:0#:12] EFW: IPSEC: prio=3 id=018020# event=ike_sa_negotiation_completed key=# auth=psk spi=0x@ cookie=0x@',
  '<134>[2026-11-28 13:0#:12] EFW: SYSTEM: prio=2 id=032000# event=admin_login authsystem=local username=admin password policy ok',
  'date=2026-11-28 time=13:0#:12 devname="fw" type="traffic" sessionid=### srcip=10.2.#.9 dstport=# policyid=# action="accept" key=#',
  '%ASA-6-302013: Built outbound TCP connection ### for outside:192.0.2.#/443 to inside:10.2.#.4/#',
  '%SYS-5-CONFIG_I: Configured from console by admin on vty0 (10.2.#.5)',
  '%BGP-5-ADJCHANGE: neighbor 10.2.#.5 Up, community 65000:#',
  '%SNMP-3-AUTHFAIL: Authentication failure for SNMP request from host 10.2.#.5',
  '2026-11-28 13:0#:12,123 INFO  [main] com.example.auth.PasswordEncoder - password encoder bcrypt ready in # ms',
  '2026-11-28 13:0#:12,123 WARN  [exec-#] c.e.security.TokenService - token expired for user # (session @)',
  '2026-11-28 13:0#:12,123 DEBUG [exec-#] c.e.limits.RateLimiter - token bucket refilled, # tokens left of 100',
  '2026-11-28 13:0#:12,123 INFO  [exec-#] c.e.mail.Sender - mail "Secret Santa #" sent to 12 people',
  '2026-11-28 13:0#:12,123 INFO  [exec-#] c.e.LoginController - no password was given by client 10.2.#.8',
  '2026-11-28 13:0#:12,123 INFO  [exec-#] c.e.LoginController - password expired for user bob#',
  '2026-11-28 13:0#:12,123 INFO  [exec-#] c.e.LoginController - the password is too short, # characters are needed',
  '2026-11-28 13:0#:12,123 INFO  [exec-#] c.e.Config - user preferences saved, set secret rotation interval to # days',
  "2026-11-28 13:0#:12,123 ERROR [exec-#] c.e.Handler - Unexpected token '<' at position # of the answer",
  '2026-11-28 13:0#:12,123 INFO  [exec-#] c.e.Cache - access key cache: # hits, # misses, private key file /etc/ssl/private/srv.pem read',
  '\tat com.example.auth.SecretManager$1$1.run(SecretManager.java:#)',
  '\tat com.example.auth.PasswordService.check(PasswordService.java:#) ~[auth-1.#.jar:1.#]',
  '\tat org.apache.tomcat.util.net.NioEndpoint$SocketProcessor.doRun(NioEndpoint.java:#)',
  'java.lang.IllegalStateException: password must not be null',
  'Caused by: javax.crypto.AEADBadTagException: Tag mismatch for key # of keystore',
  '10.2.#.9 - bob [28/Nov/2026:13:0#:12 +0100] "GET /api/tokens/#?page=# HTTP/1.1" 200 # "https://h.example/login" "Mozilla/5.0"',
  '10.2.#.9 - - [28/Nov/2026:13:0#:12 +0100] "POST /password/reset HTTP/1.1" 302 # "-" "curl/7.88.1"',
  'I1128 13:0#:12.123456 # reflector.go:255] Listing and watching *v1.Secret from object-"kube-system"/"token-#"',
  'E1128 13:0#:12.123456 # reconciler.go:21] MountVolume.SetUp failed for volume "secret-#" : secret "tls-#" not found',
  'level=info ts=2026-11-28T13:0#:12Z caller=head.go:# component=tsdb msg="WAL checkpoint complete" first=# last=# duration=#.#ms',
  'postgres[#]: LOG:  checkpoint complete: wrote # buffers (0.#%); 0 WAL file(s) added',
  'postgres[#]: FATAL:  password authentication failed for user "bob#"',
  "mysqld[#]: [Note] Access denied for user 'root'@'10.2.#.5' (using password: YES)",
  'slapd[#]: conn=# op=# BIND dn="cn=bob,dc=example" method=128',
  'radiusd[#]: Login incorrect (pap: Cleartext password does not match "known good" password): [bob#] (from client ap# port #)',
  'radiusd[#]: radius server 10.2.#.5 rejected the key exchange',
  'hostapd: wlan0: STA 02:00:00:00:0#:0# WPA: pairwise key handshake completed (RSN)',
  "charon: 0#[IKE] authentication of 'gw.example' with pre-shared key successful",
  'charon: 0#[CFG] no shared key found for 10.2.#.5 - 192.0.2.#',
  'dockerd[#]: time="2026-11-28T13:0#:12" level=info msg="image sha256:@@@@@@@@ pulled" container=@@',
  'Usage: tool [-p password] [-u user]: -p, --password PASSWORD   the password to log in with',
  '  --token-file FILE   read the token from FILE; --psk-file FILE   the same for a pre-shared key',
  'deploy[#]: helm upgrade app ./chart --set image.tag=1.#.#; docker run -p 8080:80 app:@',
  'backup[#]: zip -r /var/backup/b#.zip /etc; mysql --defaults-file=/etc/b.cnf app; curl -s https://h.example/x?id=#',
  'app[#]: user 550e8400-e29b-41d4-a716-@ opened node #, object com.example.Node@@',
  'app[#]: tjänsten startade, lösenordet har bytts, nästa byte om # dagar',
  'app[#]: {"time":"2026-11-28T13:0#:12Z","level":"info","msg":"token refresh done","user":"bob","took":#}',
];

/** About so many bytes of lines, always the same. */
export function ordinaryLogs(bytes: number, seed = 1): Buffer {
  let state = seed;
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state;
  };
  const lines: string[] = [];
  for (let length = 0, index = 0; length < bytes; index++) {
    const template = templates[index % templates.length] ?? '';
    const line = `${template.replace(/#/g, () => String(next() % 1000)).replace(/(?<=[0x=/ :@"])@|@(?=@|$)|(?<=key schedule )@/g, () => next().toString(16).padStart(8, '0'))}\n`;
    lines.push(line);
    length += line.length;
  }
  return Buffer.from(lines.join(''));
}
