import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bundleMarker, isAttached } from '../../src/domain/ticket.ts';
import type { FaultProxy, ProxyFault } from '../support/fault-proxy.ts';
import { bundleOf, type Call, draftOf, everythingIn, failureOf, type HelpDeskRig, withHours } from './contract.ts';

/** A help desk behind a proxy that does to it what networks, gateways and odd servers do. */
export type FaultyRig = HelpDeskRig & {
  proxy: FaultProxy;
  routes: Record<Call, RegExp>;
  /** The request that carries the bytes of a file, where that is not the one that attaches it. */
  upload?: RegExp;
  /** The whole credential, where `token` is but a part of it. */
  secret?: string;
};

const never = new AbortController().signal;

const noAnswers: [string, string][] = [
  ['a login page', '<html><title>Sign in</title></html>'],
  ['nothing', ''],
  ['an answer that is cut', '{"id":"1","result":{"sys_id":"1'],
  ['null', 'null'],
  ['an empty object', '{}'],
  ['a list', '[]'],
  ['an id that is null', '{"id":null,"issue":{"id":null},"ticket":{"id":null},"result":{"sys_id":null}}'],
  ['an id that is empty', '{"id":"","issue":{"id":""},"ticket":{"id":""},"result":{"sys_id":""}}'],
  [
    'an id that lost digits',
    '{"id":9007199254740993,"key":"A-1","issue":{"id":9007199254740993},"ticket":{"id":9007199254740993},"result":{"sys_id":9007199254740993}}',
  ],
];

/** What no help desk may be fooled by, whichever it is: rows of the fault table that are about every answer. */
export function testFaults(name: string, start: () => Promise<FaultyRig>): void {
  const fault = ({ proxy, routes }: FaultyRig, call: Call, what: Omit<ProxyFault, 'route'>) =>
    void proxy.faults.push({ route: routes[call], ...what });
  const comment = (sha: string) => ({ body: 'The evidence.', public: true, marker: bundleMarker(sha) });

  describe(`${name} on a bad day`, () => {
    it.each(noAnswers)('never takes %s for a ticket that was made (F07)', async (_what, body) => {
      const rig = await start();
      fault(rig, 'create', { how: 'answer', status: 201, body });

      const error = await failureOf(rig.desk.create(draftOf(rig.reference('REF-1')), never));

      expect(error).toMatchObject({ maybeApplied: true });
      expect(await rig.ledger()).toEqual([]);
    });

    it.each(noAnswers)('never takes %s for "there is no such ticket" (F07)', async (_what, body) => {
      const rig = await start();
      const { desk, reference } = rig;
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      fault(rig, 'find', { how: 'answer', status: 200, body });
      const found = await desk.findByReference(reference('REF-1'), never).catch((error: unknown) => error);
      fault(rig, 'get', { how: 'answer', status: 200, body });
      const got = await desk.get(id, never).catch((error: unknown) => error);

      expect(found).not.toEqual([]);
      expect(got).not.toMatchObject({ id: expect.anything(), key: expect.anything(), state: expect.anything() });
      expect(got).not.toMatchObject({ kind: 'not-found' });
    });

    it.each([
      400, 404, 405, 410, 422,
    ])('knows that a %i registered nothing, and shows its words (F10)', async (status) => {
      const rig = await start();
      const words = 'The product\u001b[31m is not\r\nknown';
      const body = {
        message: words,
        errors: [words],
        errorMessages: [words],
        description: words,
        error: { message: words },
      };
      fault(rig, 'create', { how: 'answer', status, body: JSON.stringify(body) });

      const error = await failureOf(rig.desk.create(draftOf(rig.reference('REF-1')), never));

      expect(error.maybeApplied).toBe(false);
      expect(error.message).toMatch(/The product.* is not.*known/);
      expect(error.message).not.toMatch(/[\u001b\r\n]/);
    });

    it('knows that a file is too large from an answer that comes before all of it was sent (F12)', async () => {
      const rig = await start();
      const { desk, reference } = rig;
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const bundle = await bundleOf(4_000_000);
      rig.proxy.faults.push({ route: rig.upload ?? rig.routes.attach, how: 'answer-early', status: 413 });

      const error = await failureOf(desk.attach(id, bundle, comment(bundle.sha256), never));

      // Where the cut is faster than the answer, nobody can know that there was one: then it is looked for.
      expect(['too-large', 'outcome-unknown', 'unavailable']).toContain(error.kind);
      if (error.kind === 'too-large') expect(error.maybeApplied).toBe(false);
      const { files } = await desk.get(id, never);
      expect(isAttached(files, bundle)).toBe(false);
    });

    it.each([
      'without',
      'with',
    ])('knows that a comment %s hours may be there, whichever request after its writing fails', async (hours) => {
      const { desk, proxy, reference } = await start();
      const { minutes, ...words } = withHours().comment;
      const said = hours === 'with' ? withHours().comment : words;
      const down: ProxyFault = { route: /^GET /, how: 'answer', status: 503 };
      const passed: ProxyFault = { route: /^GET /, how: 'change-answer' };

      for (let reads = 0; ; reads++) {
        const { id } = await desk.create(draftOf(reference(`REF-${reads + 1}`)), never);
        const change = (body: string) => {
          proxy.faults.push(...new Array<ProxyFault>(reads).fill(passed), down);
          return body;
        };
        proxy.faults.push({ route: /^(POST|PUT|PATCH) /, how: 'change-answer', change });
        const doubt = await desk.comment(id, said, never).then(
          () => undefined,
          (error: unknown) => error,
        );
        if (proxy.faults.includes(down)) return expect(doubt).toBeUndefined(); // there were no more requests
        expect(doubt).toMatchObject({ kind: 'unavailable', maybeApplied: true });
      }
    });

    it('follows no redirect, and shows its credential and its file to no other server (F17)', async () => {
      const rig = await start();
      const { desk, reference } = rig;
      const { id } = await desk.create(draftOf(reference('REF-1')), never);
      const bundle = await bundleOf(1000);
      const elsewhere = await startElsewhere();
      const calls: [Call, () => Promise<unknown>][] = [
        ['account', () => desk.check(never)],
        ['find', () => desk.findByReference(reference('REF-1'), never)],
        ['get', () => desk.get(id, never)],
        ['create', () => desk.create(draftOf(reference('REF-2')), never)],
        ['comment', () => desk.comment(id, comment('0123456789abcdef'), never)],
        ['attach', () => desk.attach(id, bundle, comment(bundle.sha256), never)],
        ['change state', () => desk.setState(id, 'closed', {}, never)],
      ];

      for (const [call, attempt] of calls) {
        for (const status of [301, 302, 303, 307, 308]) {
          rig.proxy.faults.length = 0;
          fault(rig, call, { how: 'answer', status, headers: { location: `${elsewhere.url}/x` } });
          await failureOf(attempt());
        }
      }

      expect(elsewhere.requests).toEqual([]);
    });

    it('says no credential again that an answer repeats, in no form (F24)', async () => {
      const rig = await start();
      const { desk, token, secret = token, reference } = rig;
      const forms = [
        secret,
        encodeURIComponent(secret),
        Buffer.from(secret).toString('base64'),
        JSON.stringify(secret),
      ];
      fault(rig, 'create', {
        how: 'answer',
        status: 422,
        body: JSON.stringify({ message: forms.join(' '), errors: forms }),
      });

      const error = await failureOf(desk.create(draftOf(reference('REF-1')), never));

      for (const form of forms) expect(everythingIn(error)).not.toContain(form);
    });

    it('keeps hostile words where they belong: one ticket, one line for a subject, all of its text (F26)', async () => {
      const { desk, ledger, reference } = await start();
      const evil =
        "=cmd|' /C calc'!A0 <script>alert(1)</script> [x](http://evil.example) @all {{7*7}} h1. !img! \"\r\nX-Evil: 1";
      const body = `${evil}\n--boundary\r\nContent-Disposition: form-data; name="Queue"\r\n\r\nOther\n${'y'.repeat(30_000)}`;

      const made = await desk.create(
        { ...draftOf(reference('REF-1')), subject: `a${evil}`.slice(0, 200), body },
        never,
      );

      const [ticket, ...others] = await desk.findByReference(reference('REF-1'), never);
      expect(others).toEqual([]);
      expect(ticket?.id).toBe(made.id);
      expect(ticket?.subject).not.toMatch(/[\r\n]/);
      expect(ticket?.subject).toContain('=cmd');
      expect(await ledger()).toHaveLength(1);
    });

    it('tells another ticket from the one it asked for, and gives it no file (F33)', async () => {
      const rig = await start();
      const { desk, reference } = rig;
      const one = await desk.create(draftOf(reference('REF-1')), never);
      const other = await desk.create(draftOf(reference('REF-2')), never);
      fault(rig, 'get', { how: 'change-answer', path: (path) => path.replace(`/${one.id}`, `/${other.id}`) });

      const got = await desk.get(one.id, never).catch(() => undefined);
      fault(rig, 'get', { how: 'change-answer', path: (path) => path.replace(`/${one.id}`, `/${other.id}`) });
      const bundle = await bundleOf(1000);
      await desk.attach(one.id, bundle, comment(bundle.sha256), never).catch(() => undefined);

      expect(got?.id ?? other.id).toBe(other.id); // never the id of one with what another one has
      expect((await desk.get(other.id, never)).files).toEqual([]);
    });
  });
}

/** A server that nothing may be sent to. */
async function startElsewhere(): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.end('{}');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
