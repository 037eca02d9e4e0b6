// Attaches one file the way a run does, and reads it back: `node attach.mjs '<json>'`.
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';

const { desk: kind, settings, id, path, name } = JSON.parse(process.argv[2]);
const desks = {
  rest: async () => (await import('../../dist/helpdesk/rest/desk.js')).RestDesk,
  'request-tracker': async () => (await import('../../dist/helpdesk/request-tracker/desk.js')).RequestTrackerDesk,
  redmine: async () => (await import('../../dist/helpdesk/redmine/desk.js')).RedmineDesk,
};
const { signal } = new AbortController();
const desk = new (await desks[kind]())({ ...settings, env: {} });
const sha256 = createHash('sha256');
for await (const chunk of createReadStream(path)) sha256.update(chunk);
const bundle = { path, name, bytes: statSync(path).size, sha256: sha256.digest('hex') };
await desk.attach(id, bundle, { body: `The evidence of ${name}.`, public: true, marker: `[bundle ${name}]` }, signal);
const { files } = await desk.get(id, signal);
if (!files.some((file) => file.name === name && file.sizeBytes === bundle.bytes)) throw new Error('it is not there');
