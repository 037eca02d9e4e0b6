import type { Pattern } from './pattern-rules.js';

/** Patterns for files and dialogues in which only the position in a line shows what is the password. */
export const accountPatterns: readonly Pattern[] = [
  // .pgpass: host:port:database:user:password
  ['password', [':5432:', ':*:'], /^(?:[\w.-]{1,255}|\*):(?:\d{4,5}|\*):[\w*-]{1,64}:[\w.*-]{1,64}:([^\s:]{1,255})$/dg],
  // chap-secrets: client server secret address
  [
    'secret',
    [' *', '\t*'],
    /^(?:"?[\w.@\\-]{1,64}"?|\*)[ \t]{1,8}\*[ \t]{1,8}(?:"([^"]{1,255})"|([^\s"*]*[A-Za-z][^\s"*]*))(?=[ \t]{1,8}(?:\*|\d[\d.]{6,14})[ \t]*$)/dg,
  ],
  // SMTP and IMAP; what a server offers (`AUTH PLAIN LOGIN CRAM-MD5`) is in capitals
  [
    'password',
    ['auth plain', 'auth login', 'authenticate plain', 'authenticate login', 'auth xoauth2', 'authenticate xoauth2'],
    /(?<![\w-])AUTH(?:ENTICATE)? (?:PLAIN|LOGIN|XOAUTH2) (?![A-Z0-9-]+(?:\s|$))([A-Za-z0-9+/]{3,2048}={0,2})(?![\w-])/dg,
  ],
  [
    'password',
    [' login '],
    /(?<![\w.])[A-Za-z]{0,4}\d{1,6} LOGIN (?:"[^"\s]{1,128}"|[^\s"]{1,128}) (?:"([^"]{1,255})"|([^\s"]{1,255}))[ \t]*$/dg,
  ],
  [
    'password',
    ['credential'],
    /(?<![\w-])credentials?["']? ?[:=] ?["']?[\w.@-]{1,64}[:/](?!\/)([^\s"',;]*\d[^\s"',;]*)/dgi,
  ],
  [
    'password',
    ['password from', 'password changed from'],
    /password (?:changed )?from ["']?(?!\d{1,3}\.)(?=\S{0,64}[\d!#$%])([^\s"']{5,255})["']? to ["']?(?=\S{0,64}[\d!#$%])([^\s"',;]{5,255})/dgi,
  ],
  ['password', ['_auth'], /(?<![\w-])_auth ?= ?["']?([A-Za-z0-9+/]{4,1024}={0,2})/dg],
  [
    'password',
    ['"auth"'],
    /"auth" ?: ?"(?=[^"]{0,1024}[A-Z0-9=])((?:[A-Za-z0-9+/]{4}){2,256}(?:[A-Za-z0-9+/]{2,3}={1,2})?)"/dg,
  ],
  // the arguments of a program, in an audit log
  [
    'password',
    ['="sshpass"', '="/usr/bin/sshpass"', '="ldap', '="/usr/bin/ldap', '="redis-cli"', '="/usr/bin/redis-cli"'],
    /a0="(?:[^"\s]{0,64}\/)?(?:sshpass|ldap\w{1,16}|redis-cli)" (?:a\d{1,3}="[^"]{0,256}" ){0,16}?a\d{1,3}="-[pwa]" a\d{1,3}="([^"]{1,255})"/dg,
  ],
];
