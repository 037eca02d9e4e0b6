import { describe, expect, it } from 'vitest';
import { contactFaults, contactText, parseContact, shownContact } from '../../src/domain/contact.ts';
import * as phones from '../../src/domain/phone.ts';

describe('a contact', () => {
  it.each([
    ['Kim Doe', { name: 'Kim Doe' }],
    ['Kim Doe, kim@example.com', { name: 'Kim Doe', email: 'kim@example.com' }],
    ['+46 660 29 92 00 ext. 12, Kim', { name: 'Kim', phone: '+46 660 29 92 00 ext. 12' }],
    ['+46 660 29 92 00, x12', { phone: '+46 660 29 92 00 x12' }],
    ['Doe, Kim, kim@example.com', { name: 'Doe, Kim', email: 'kim@example.com' }],
    ['0660 29 92 00', { phone: '0660 29 92 00' }],
    [' , ', {}],
  ])('is read as it is typed: %s', (text, contact) => {
    expect(parseContact(text)).toEqual(contact);
    expect(parseContact(contactText(contact))).toEqual(contact);
  });

  it.each([
    ['+46 660 299200', '+46 660 29 92 00'],
    ['0046 660 29 92 00 x12', '+46 660 29 92 00 ext. 12'],
    ['+46 660 29 92 00;ext=12', '+46 660 29 92 00 ext. 12'],
    ['+44 (20) 7946 0018', '+44 20 7946 0018'],
  ])('has its telephone number in international form: %s', (phone, shown) => {
    expect(contactFaults({ phone }, phones)).toEqual([]);
    expect(shownContact({ phone }, phones)).toEqual({ phone: shown });
  });

  it.each([
    ['0660 29 92 00', 'Begin the telephone number with its country code: +46'],
    ['+46 1', 'That is no telephone number; write it like +46'],
    ['+999 123456789', 'That is no telephone number'],
    ['+46 660 29 92 00 or the desk', 'That is no telephone number'],
  ])('is refused with an example where its number is none: %s', (phone, fault) => {
    expect(contactFaults({ phone }, phones)[0]).toContain(fault);
  });

  it('is refused where its e-mail address is none', () => {
    expect(contactFaults({ email: 'kim' }, phones)).toEqual(['Write the e-mail address like kim@example.com']);
    expect(contactFaults({ email: 'kim@example.com', name: 'Kim' }, phones)).toEqual([]);
  });
});
