import { serverTitle } from '../domain/appliance.js';
import { spelled } from '../domain/command.js';
import type { Intent } from '../domain/journal.js';
import type { Manifest, ServerRecord } from '../domain/manifest.js';
import { completenessOf, isUnreachable } from '../domain/outcome.js';
import { formatDuration, formatSize } from '../domain/quantities.js';
import { renderTemplate } from '../domain/render.js';
import { cutText, printable, printableLine } from '../domain/text.js';
import { coverageSentence } from './coverage-text.js';
import { instantText, windowText } from './event-text.js';
import { type GuideAnswers, type GuideQuestion, guideQuestions } from './questions.js';
import { redactionLines } from './redaction-text.js';
import { skippedTexts } from './skipped-text.js';

export type DescriptionFacts = {
  manifest: Manifest;
  description: string;
  answers: GuideAnswers;
  organization: string | undefined;
  contact: { name?: string | undefined; email?: string | undefined; phone?: string | undefined } | undefined;
  product: string | undefined;
  version: string | undefined;
  license: string | undefined;
};

const notStated = 'not stated';
const maxDescriptionCharacters = 60_000;

/** The description of a ticket: what the operator said, what the guide asks for, what was found on the servers. */
export function ticketDescription(template: string, facts: DescriptionFacts): string {
  const text = renderTemplate(template, descriptionValues(facts));
  return cutText(printable(text), maxDescriptionCharacters);
}

function descriptionValues({
  manifest,
  description,
  answers,
  organization,
  contact,
  product,
  version,
  license,
}: DescriptionFacts): Record<string, string> {
  const at = new Date(manifest.event.at);
  const zones = [...new Set(manifest.servers.map((server) => server.zone.name))];
  const sentence = coverageSentence(manifest);
  const coverage = [...(sentence === undefined ? [] : [sentence]), ...redactionLines(manifest)].map(({ text }) =>
    spelled(text),
  );
  const contactLine = [contact?.name, contact?.email, contact?.phone].filter(Boolean).join(', ');
  return {
    description: description.trim() || 'No description was given.',
    when: instantText(at, ...zones),
    window: windowText(manifest),
    organization: organization === undefined ? 'Organization: not stated' : `Organization: ${organization}`,
    product: [product ?? 'InCenter', version, license === undefined ? undefined : `license ${license}`]
      .filter(Boolean)
      .join(', '),
    servers: manifest.servers.map(serverLines).join('\n'),
    collected: [...firstOf(manifest.servers.flatMap(collectedLines)), ...coverage].join('\n'),
    contact: contactLine || notStated,
    toolVersion: manifest.tool.version,
    reference: manifest.reference,
    ...answersText(answers),
  };
}

function answersText(answers: GuideAnswers): Record<string, string> {
  const questions = Object.keys(guideQuestions) as GuideQuestion[];
  return Object.fromEntries(questions.map((question) => [question, answers[question]?.trim() || notStated]));
}

function serverLines(server: ServerRecord): string {
  const versions = Object.entries(server.versions).map(([component, version]) => `${component} ${version}`);
  const cluster = server.cluster === undefined ? '' : `, cluster ${server.cluster}`;
  const facts = [...versions.map((version) => printableLine(version)), clockText(server)];
  return [
    `${serverTitle(server.id)} (${server.name}, ${server.address}${cluster})`,
    ...facts.map((fact) => `  ${fact}`),
  ].join('\n');
}

/** e.g. `clock 7 min ahead of the collecting machine, zone Europe/Stockholm` */
export function clockText({ clock, zone }: Pick<ServerRecord, 'clock' | 'zone'>): string {
  const zoneText = `zone ${zone.name}${zone.source === 'assumed' ? ' (assumed)' : ''}`;
  if (clock === null) return `clock not measured, ${zoneText}`;
  if (Math.abs(clock.offsetMs) <= Math.max(1000, clock.errorMs)) return `clock in step, ${zoneText}`;
  return `clock ${formatDuration(clock.offsetMs)} ${clock.offsetMs > 0 ? 'ahead of' : 'behind'} the collecting machine, ${zoneText}`;
}

const maxCharacters = 40_000;

/** The first lines of many, so that the rest of a ticket is read whatever servers come up with. */
function firstOf(lines: readonly string[]): readonly string[] {
  let characters = 0;
  const most = lines.findIndex((line) => {
    characters += line.length + 1;
    return characters > maxCharacters;
  });
  if (most < 0) return lines;
  return [...lines.slice(0, most), `  and ${lines.length - most} lines more; manifest.json lists every item`];
}

function collectedLines(server: ServerRecord): string[] {
  const verdict = isUnreachable(server) ? 'could not be reached' : completenessOf(server);
  const lines = server.items
    .filter((item) => item.status !== 'skipped')
    .map((item) => {
      const size = item.bytes === undefined ? '' : `, ${formatSize(item.bytes)}`;
      const reason = item.reason === undefined ? '' : `: ${item.reason}`;
      return `  ${printableLine(`${item.path} ${item.status}${size}${reason}`, 400)}`;
    });
  const skipped = skippedTexts(server.items).map((text) => `  ${printableLine(`not taken: ${text}`, 400)}`);
  return [`${serverTitle(server.id)} ${verdict}`, ...lines, ...skipped];
}

/** What the operator said of an event. */
type Said = Pick<Intent, 'summary' | 'description' | 'severity' | 'answers'>;

function saidLines({ summary, description, severity, answers = {} }: Said): string[] {
  const lines = [summary, description, severity === undefined ? undefined : `Severity: ${severity}`];
  const answered = Object.entries(answers).map(([key, answer]) => `${guideQuestions[key as GuideQuestion]} ${answer}`);
  const found = [...lines, ...answered].filter((line) => line?.trim()).join('\n');
  return found === '' ? [] : ['', cutText(found, maxCharacters), ''];
}

type BundleFacts = { name: string; bytes: number; sha256: string };

/** The comment that goes with an attached bundle. @param said of the event, where the ticket does not have it yet */
export function attachedComment(manifest: Manifest, bundle: BundleFacts, marker: string, said: Said = {}): string {
  const gaps = manifest.servers.flatMap((server) =>
    server.items
      .filter((item) => item.status === 'failed' || item.status === 'partial')
      .map(
        (item) =>
          `  ${serverTitle(server.id)} ${printableLine(`${item.path} ${item.status}: ${item.reason ?? ''}`, 400)}`,
      ),
  );
  const skipped = manifest.servers.flatMap((server) =>
    skippedTexts(server.items).map((text) => `  ${serverTitle(server.id)} ${printableLine(text, 400)}`),
  );
  return printable(
    [
      `${bundle.name} attached (${formatSize(bundle.bytes)}).`,
      `Event ${manifest.event.number}, log window ${windowText(manifest)}. manifest.json in it lists every item.`,
      ...saidLines(said),
      ...(gaps.length > 0 ? ['Missing or not whole:', ...firstOf(gaps)] : ['Everything that was asked for is in it.']),
      ...(skipped.length > 0 ? ['Not taken:', ...firstOf(skipped)] : []),
      `SHA-256 ${bundle.sha256}`,
      marker,
    ].join('\n'),
  );
}

/** The comment that asks for upload instructions, because the bundle is over the limit (guide, chapter 2, Attachments). */
export function uploadRequest(
  manifest: Manifest,
  bundle: BundleFacts,
  limitBytes: number | undefined,
  marker: string,
): string {
  return printable(
    [
      `The bundle of event ${manifest.event.number} is ${formatSize(bundle.bytes)} (${bundle.bytes} bytes), ${limitBytes === undefined ? 'more than this help desk takes' : `over the limit of ${formatSize(limitBytes)} for attachments`}.`,
      'Please send instructions for uploading it to your FTP server. It is kept until then.',
      `File: ${bundle.name}`,
      `SHA-256 ${bundle.sha256}`,
      marker,
    ].join('\n'),
  );
}

/** The comment that tells where a bundle was uploaded, instead of being attached. */
export function uploadedComment(
  manifest: Manifest,
  bundle: BundleFacts,
  { to, name, verified }: { to: string; name: string; verified: boolean },
  marker: string,
): string {
  return printable(
    [
      `The bundle of event ${manifest.event.number} was uploaded: ${to}${name}`,
      ...(name === bundle.name ? [] : [`Please rename it to ${bundle.name}: the server did not let us.`]),
      `Size ${formatSize(bundle.bytes)} (${bundle.bytes} bytes)${verified ? '' : '; the server showed no size to compare with'}`,
      `SHA-256 ${bundle.sha256}`,
      marker,
    ].join('\n'),
  );
}
