import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseAnswers } from '../../src/config/answers.ts';
import { answersSchema } from '../../src/config/answers-schema.ts';
import { questionKeys } from '../../src/domain/questions.ts';
import { projectRoot } from '../support/rig.ts';

const template = (name: string) => readFile(join(projectRoot, 'templates', name), 'utf8');
const read = (text: string) => parseAnswers(text, 'case.yaml');

describe('a file with answers', () => {
  it('says all that the form asks', () => {
    const answers = Object.fromEntries(
      questionKeys.map((key) => [key, key === 'issueType' ? 'New Feature' : `a ${key}`]),
    );
    const text = [
      'summary: VPN down\nseverity: high\ndescription: |\n  All of it.\n\n  Since ten.',
      'contact: { name: Kim Doe, email: kim@example.com, phone: 0046 660 29 92 00 x12 }',
      ...Object.entries(answers).map(([key, answer]) => `${key}: ${answer}`),
    ].join('\n');

    expect(read(text)).toEqual({
      ...{ summary: 'VPN down', severity: 'high', description: 'All of it.\n\nSince ten.', answers },
      contact: { name: 'Kim Doe', email: 'kim@example.com', phone: '+46 660 29 92 00 ext. 12' },
    });
  });

  it('leaves unanswered what is empty', () => {
    expect(read('')).toEqual({});
    expect(read('severity:\nissueType: ""\nfrequency:\nimpact: "  "\ncontact:\ndescription: |\n\n')).toEqual({});
    expect(read('contact: { name: "", phone: }\nfrequency: daily')).toEqual({ answers: { frequency: 'daily' } });
  });

  it('has null for no answer, and its word where that is quoted', () => {
    expect(read('{"summary": null, "severity": null, "impact": "null"}')).toEqual({ answers: { impact: 'null' } });
    expect(read('impact: ~\nownReference: null\ncontact: null')).toEqual({});
  });

  it.each([
    'summary: Tunnel #4711 down',
    'ownReference: #4711',
    'impact: Users of VPN #3 cannot log in',
  ])('is refused where a number would be taken for a comment: %s', (text) => {
    expect(() => read(`frequency: daily\n${text}`)).toThrow(/case\.yaml:2: "#" begins a comment there: "#\w+"/);
    expect(() => read('summary: x # a comment\nimpact: "VPN #3"\nbegan: a#b')).not.toThrow();
  });

  it('with thousands of aliases is refused at once', () => {
    const aliases = Array.from({ length: 20_000 }, () => '*a').join(',');

    expect(() => read(`impact: &a x\nbegan: [${aliases}]`)).toThrow('its aliases stand for too much');
  });

  it('takes a number, a date, yes and no as they are written', () => {
    expect(
      read('ownReference: 0012\nfrequency: 1e3\nbegan: 2026-11-20\nreproducible: no\nsiteSpecific: true').answers,
    ).toEqual({
      ...{ ownReference: '0012', frequency: '1e3', began: '2026-11-20', reproducible: 'no', siteSpecific: 'true' },
    });
  });

  it.each([
    ['severity: High', 'case.yaml:1: "severity": one of: low, medium, high, emergency'],
    ['\nissueType: bug', 'case.yaml:2: "issueType": one of: Query, Bug, Improvement, New Feature, Task'],
    ['frequency: daily\nfrequncy: x', 'case.yaml:2: unknown key "frequncy"; did you mean "frequency"?'],
    ['reference: x', 'case.yaml:1: unknown key "reference"'],
    ['summary: |\n  one\n  two', 'case.yaml:1: "summary": one line of text'],
    ['activity: [a, b]', 'case.yaml:1: "activity": one text'],
    [`impact: ${'x'.repeat(2001)}`, 'case.yaml:1: "impact": at most 2000 characters'],
    [
      'contact:\n  phone: 0660 29 92 00',
      'case.yaml:2: "contact.phone": Begin the telephone number with its country code: +46',
    ],
    ['contact:\n  phone: +46 1', 'case.yaml:2: "contact.phone": That is no telephone number; write it like +46'],
    ['contact:\n  name: K\n  email: kim', 'case.yaml:3: "contact.email": Write the e-mail address like'],
    ['contact:\n  fone: 1', 'case.yaml:2: unknown key "contact.fone"'],
    ['a: [', 'case.yaml:1: this is not YAML'],
  ])('is refused with file, line, key, and what is allowed: %j', (text, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'bad-answers', exit: 2 }));
    expect(() => read(text)).toThrow(message);
  });
});

describe('several faults of one file', () => {
  it('are told from its first line to its last', () => {
    const text = 'frequncy: x\nseverity: High\ncontact:\n  fone: 1\nissueType: bug\n';

    expect(() => read(text)).toThrow(/^case.yaml:1: .*\ncase.yaml:2: .*\ncase.yaml:4: .*\ncase.yaml:5: .*$/);
  });
});

describe('templates/answers.example.yaml', () => {
  it('is read, and names every key there is', async () => {
    const text = await template('answers.example.yaml');
    const keys = Object.keys(answersSchema.shape);

    expect(Object.keys(parse(text))).toEqual(expect.arrayContaining(keys));
    expect(read(text)).toMatchObject({ severity: 'high', contact: { phone: '+46 660 29 92 00 ext. 12' } });
  });

  it('holds by its JSON Schema, which is that of the program', async () => {
    const schema = JSON.parse(await template('answers.schema.json'));
    const validate = new Ajv2020({ strict: false }).compile(schema);

    expect(schema).toEqual(JSON.parse(JSON.stringify(z.toJSONSchema(answersSchema, { io: 'input' }))));
    expect(validate(parse(await template('answers.example.yaml'))), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ severity: 'bad' })).toBe(false);
    expect(validate({ unknown: 'x' })).toBe(false);
  });
});
