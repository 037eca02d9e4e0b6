import { describe, expect, it } from 'vitest';
import { faultOfEmail, faultOfPhone, faultOfUrl } from '../../src/init/typed-text.ts';

describe('what init is told', () => {
  it.each(['kim@example.com', ' kim.doe+x@mail.example.co.uk '])('%s is an e-mail address', (typed) => {
    expect(faultOfEmail(typed)).toBeUndefined();
  });

  it.each([
    'kim',
    'kim@example',
    'kim doe@example.com',
    'kim@@example.com',
    '@example.com',
    'kim@example.',
  ])('%s is none', (typed) => {
    expect(faultOfEmail(typed)).toContain('kim@example.com');
  });

  it.each(['+46 660 29 92 00', '0046 (660) 29-92 00', '+12345'])('%s is a telephone number', (typed) => {
    expect(faultOfPhone(typed)).toBeUndefined();
  });

  it.each(['1234', 'call me', '+46 x 660', '+-() ', '(0660) 29-92 00', '0660299200'])('%s is none', (typed) => {
    expect(faultOfPhone(typed)).toContain('+46');
  });

  it.each([
    'https://desk.example.com/api',
    'http://localhost:8080',
    'http://127.0.0.1/api',
    'http://[::1]:1/',
  ])('a token may go to %s', (typed) => {
    expect(faultOfUrl(typed, true)).toBeUndefined();
  });

  it('a token may not go over plain http to another machine, where a portal may be', () => {
    expect(faultOfUrl('http://desk.example.com/api', true)).toContain('not sent over plain http to desk.example.com');
    expect(faultOfUrl('http://desk.example.com/api', false)).toBeUndefined();
  });

  it.each([
    'desk.example.com',
    'https://kim:pw@desk.example.com',
    'https://',
    'ftp://desk',
  ])('%s is refused', (typed) => {
    expect(faultOfUrl(typed, true)).toContain('https://');
  });
});
