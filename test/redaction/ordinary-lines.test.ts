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
