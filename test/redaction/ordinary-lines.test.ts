import { describe, expect, it } from 'vitest';
import { redact } from './redact.ts';

describe('what an ordinary log says', () => {
  it.each([
    '\tat com.example.auth.PasswordEncoder.encode(PasswordEncoder.java:45)',
    '\tat com.example.auth.TokenFilter.doFilter(TokenFilter.java:112) ~[app.jar:1.2]',
    '2026-11-20 10:31:12 bearer lost on interface ppp0',
    '2026-11-20 10:31:12 LTE bearer established qci=9',
    '2026-11-20 10:31:12 EPS bearer 5 activated',
    '2026-11-20 10:31:12 cookie: rejected because of domain mismatch event=17',
    '2026-11-20 10:31:12 authorization: denied for user bob on interface ge1 rule=17',
    'cat: /etc/passwd: Permission denied',
    'open /run/secrets/db_password: No such file or directory',
    "cp: cannot remove `/etc/passwd': Not a directory",
    'lib/passphrase.c (main): Likewise',
    '<a href="u.html" accesskey="u">up</a>',
    "2026-11-20 10:31:12 pass '-R' to the server; pass 0 instead of 1",
    '2026-11-20 10:31:12 the host is identified by its address as gw1',
    'the files are "lib/dbutil", "lib/passwd", "lib/server"',
    '250-AUTH PLAIN LOGIN CRAM-MD5',
    '250 AUTH LOGIN PLAIN',
    '5 * * 1 *',
    'a1 LOGIN failed for user bob again',
    "INSERT INTO policy (name, password_age) VALUES ('strict', '90')",
    '2026-11-20 10:31:12 password from 10.2.2.5 to 10.2.2.6 not forwarded',
    'password management is disabled',
    '2026-11-20 10:31:12 the password is also accepted.',
  ])('stays: %s', (line) => {
    expect(redact(`${line}\n`)).toBe(`${line}\n`);
  });

  it.each([
    ['Cookie: active; sid=hunter2', 'Cookie: <redacted:cookie>'],
    ['Authorization: denied-hunter2', 'Authorization: <redacted:authorization>'],
    ['token.java: hunter2', 'token.java: <redacted:token>'],
  ])('hides no secret that begins like it: %s', (line, masked) => {
    expect(redact(`${line}\n`)).toBe(`${masked}\n`);
  });
});
