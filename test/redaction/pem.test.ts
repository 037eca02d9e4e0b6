import { describe, expect, it } from 'vitest';
import { redact, redactChunks } from './redact.ts';

const head = '-----BEGIN RSA PRIVATE KEY-----';
const foot = '-----END RSA PRIVATE KEY-----';
const body = 'MIIEpAIBAAKCAQEA7bq3Zs+lZ0n/4xQmKXyzAbCdEfGh';
const masked = '<redacted:pem-block>';

describe('the block of a private key', () => {
  it('is masked line by line (I08)', () => {
    const text = (line: string) => `before\n${head}\n${line}\n${line}\n${foot}\nafter\n`;

    const { clean, counts } = redactChunks([Buffer.from(text(body))]);

    expect(clean.toString()).toBe(text(masked));
    expect(counts).toEqual({ 'pem-block': 1 });
  });

  it('is masked with its headers, indented, quoted, and behind the times of a log (I08)', () => {
    expect(redact(`${head}\r\nProc-Type: 4,ENCRYPTED\r\n\r\n${body}\r\n${foot}\r\n`)).toBe(
      `${head}\r\n${masked}\r\n\r\n${masked}\r\n${foot}\r\n`,
    );
    expect(redact(`key: |\n  ${head}\n  ${body}\n  ${foot}\n`)).toBe(`key: |\n  ${head}\n  ${masked}\n  ${foot}\n`);
    expect(redact(`"${head}\\n"\n"${body}\\n"\n"${foot}"\n`)).toBe(`"${head}\\n"\n"${masked}\\n"\n"${foot}"\n`);
    expect(redact(`10:30:00 ${head}\n10:30:00 ${body}\n10:30:00 ${foot}\n`)).toBe(
      `10:30:00 ${head}\n10:30:00 ${masked}\n10:30:00 ${foot}\n`,
    );
  });

  it('is masked in one line of JSON (I08)', () => {
    const json = (key: string) => `{"a":"${head}\\n${key}\\n${foot}\\n","b":1}\n`;

    expect(redact(json(`${body}\\n${body}`))).toBe(json(masked));
    expect(redact(`{"a":"${head}\\n${body}","b":1}\nnext\n`)).toBe(`{"a":"${head}\\n${masked}","b":1}\nnext\n`);
  });

  it('ends where lines look like none of a key (I08)', () => {
    expect(redact(`${head}\n${body}\n2026-11-20 10:30:00 went on\n${body}\n`)).toBe(
      `${head}\n${masked}\n2026-11-20 10:30:00 went on\n${body}\n`,
    );
  });

  it('is no certificate and no public key', () => {
    const text = ['CERTIFICATE', 'PUBLIC KEY', 'CERTIFICATE REQUEST']
      .map((kind) => `-----BEGIN ${kind}-----\n${body}\n-----END ${kind}-----\n`)
      .join('');

    expect(redact(text)).toBe(text);
  });

  it.each([
    'EC PRIVATE KEY',
    'PRIVATE KEY',
    'ENCRYPTED PRIVATE KEY',
    'OPENSSH PRIVATE KEY',
    'PGP PRIVATE KEY BLOCK',
  ])('may be of any kind: %s (I08)', (kind) => {
    const text = (line: string) => `-----BEGIN ${kind}-----\n${line}\n-----END ${kind}-----\n`;

    expect(redact(text(body))).toBe(text(masked));
  });
});
