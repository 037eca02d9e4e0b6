import { describe, expect, it } from 'vitest';
import { unknownWords } from '../../src/domain/draft-words.ts';
import { fieldsOf } from '../../src/helpdesk/custom-fields.ts';

const draft = { reference: 'ref-1', subject: 'x', body: 'x', severity: 'low' } as const;

describe('a field of a help desk', () => {
  it('holds the type of the issue and the own ticket number, and is left out where they are not known', () => {
    const fields = { Type: '{issueType}', Theirs: 'no. {ownReference}' };

    expect(fieldsOf(fields, { ...draft, issueType: 'New Feature', ownReference: '0012' })).toEqual({
      Type: 'New Feature',
      Theirs: 'no. 0012',
    });
    expect(fieldsOf(fields, { ...draft, issueType: 'Bug' })).toEqual({ Type: 'Bug' });
  });

  it('may hold no other word in braces', () => {
    expect(unknownWords('{issueType} {ownreference} {Product}')).toEqual(['ownreference', 'Product']);
  });
});
