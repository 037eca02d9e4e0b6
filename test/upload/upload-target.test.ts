import { describe, expect, it } from 'vitest';
import { parseUploadPlace } from '../../src/upload/upload-target.ts';

describe('--to', () => {
  it.each([
    ['ftp://ftp.example.com/incoming/', { port: 21, user: undefined, folder: 'incoming' }],
    ['ftp://ftp.example.com', { folder: '', text: 'ftp://ftp.example.com/' }],
    ['ftp://h//srv/in', { folder: '/srv/in' }],
    ['ftps://acme@FTP.example.com:990/a%20b/', { port: 990, user: 'acme', folder: 'a b', host: 'ftp.example.com' }],
    ['sftp://acme@h:2222/srv/in', { port: 2222, folder: '/srv/in', text: 'sftp://h:2222/srv/in/' }],
    ['sftp://acme@h/~/in/', { port: 22, folder: 'in' }],
    ['sftp://acme@h/', { folder: '' }],
    ['sftp://me%40acme@[::1]/in', { user: 'me@acme', host: '::1', text: 'sftp://[::1]/in/' }],
  ])('%s', (given, expected) => {
    expect(parseUploadPlace(given)).toMatchObject(expected);
  });

  it.each([
    ['http://h/', 'bad-upload-place'],
    ['somewhere', 'bad-upload-place'],
    ['sftp://h/', 'bad-upload-place'],
    ['ftp://h/a%0d%0aDELE x', 'bad-upload-place'],
    ['ftp://h/a%0d%0aDELE%20x', 'bad-upload-place'],
    ['ftp://h/%zz', 'bad-upload-place'],
    ['ftp://u:12/canary@h/', 'bad-upload-place'],
    ['ftp://u:canary@h/', 'password-in-url'],
  ])('%s is refused and not repeated', (given, code) => {
    const refusal = expect.objectContaining({ code, exit: 2, message: expect.not.stringMatching(/canary|DELE/) });

    expect(() => parseUploadPlace(given)).toThrow(refusal);
  });
});
