import { serverTitle } from '../domain/appliance.js';
import { type Assessment, assess } from '../domain/assessment.js';
import { spelled } from '../domain/command.js';
import { type Contact, contactText } from '../domain/contact.js';
import type { Manifest, ServerRecord } from '../domain/manifest.js';
import { formatDuration, formatSize } from '../domain/quantities.js';
import { type Answers, type QuestionKey, questionKeys } from '../domain/questions.js';
import { placeholdersOf, renderTemplate } from '../domain/render.js';
import type { DescriptionWord } from '../domain/template-words.js';
import { cutText, printable, printableLine } from '../domain/text.js';
import { formatLocal } from '../domain/zone.js';
import { zoneTitle } from '../domain/zone-name.js';
import { collectedLines, missingLines } from './assessment-text.js';
import { coverageSentence } from './coverage-text.js';
import { instantText, windowText } from './event-text.js';
import { licenseText } from './licenses.js';
import { redactionLines } from './redaction-text.js';
import { answeredLines, answerText, type Said, saidLines } from './said-text.js';
import { skippedTexts } from './skipped-text.js';

/** What is known of an event before its bundle is opened: what was said of it, by whom, and what was collected. */
export type DescriptionFacts = {
  manifest: Manifest;
  summary: string | undefined;
  description: string;
  answers: Answers;
  organization: string | undefined;
  contact: Contact | undefined;
  product: string | undefined;
  version: string | undefined;
  license: string | undefined;
  /** Of single servers, by their names. */
  licenses?: Readonly<Record<string, string>>;
};

const maxDescriptionCharacters = 60_000;

/** The description of a ticket: what the operator said, what is missing, what the guide asks for, what was found. */
export function ticketDescription(template: string, facts: DescriptionFacts): string {
  const text = renderTemplate(template, eventValues(facts, template));
  return cutText(printable(text), maxDescriptionCharacters);
}

/** The values of a template that describes an event. `answers` are those that it does not ask for by themselves. */
export function eventValues(facts: DescriptionFacts, template: string): Record<DescriptionWord, string> {
  const { manifest, summary, description, answers, organization, contact, product, version } = facts;
  const license = licenseText(facts);
  const zones = [...new Set(manifest.servers.map((server) => server.zone.name))];
  const assessments = assess(manifest);
  const sentence = coverageSentence(manifest);
  const coverage = [...(sentence === undefined ? [] : [sentence]), ...redactionLines(manifest)].map(({ text }) =>
    spelled(text),
  );
  const said = [summary, description].filter((text) => text?.trim()).join('\n\n');
  return {
    description: said.trim() || 'No description was given.',
    when: instantText(new Date(manifest.event.at), ...zones),
    window: windowText(manifest),
    missing: firstOf(missingLines(assessments)).join('\n'),
    organization: answerText(organization),
    product: [product ?? 'InCenter', version, license === undefined ? undefined : `license ${license}`]
      .filter(Boolean)
      .join(', '),
    servers: manifest.servers.map((server) => serverLines(server, new Date(manifest.event.at))).join('\n'),
    collected: [...firstOf(assessments.flatMap(collectedOf)), ...coverage].join('\n'),
    contact: answerText(contactText(contact)),
    toolVersion: manifest.tool.version,
    reference: manifest.reference,
    answers: answeredLines(answers, placeholdersOf(template)).join('\n'),
    ...answerValues(answers),
  };
}

function answerValues(answers: Answers): Record<QuestionKey, string> {
  const values = questionKeys.map((key) => [key, answerText(answers[key])]);
  return Object.fromEntries(values) as Record<QuestionKey, string>;
}

function serverLines(server: ServerRecord, at: Date): string {
  const versions = Object.entries(server.versions).map(([component, version]) => `${component} ${version}`);
  const cluster = server.cluster === undefined ? '' : `, cluster ${server.cluster}`;
  const facts = [...versions.map((version) => printableLine(version)), clockText(server), ...inItsLogs(server, at)];
  return [
    `${serverTitle(server.id)} (${server.name}, ${server.address}${cluster})`,
    ...facts.map((fact) => `  ${fact}`),
  ].join('\n');
}

/** Where its clock is wrong, the event stands at another time in its logs. */
function inItsLogs({ clock, zone }: ServerRecord, at: Date): string[] {
  if (clock === null || Math.abs(clock.offsetMs) <= Math.max(1000, clock.errorMs)) return [];
  const shown = formatLocal(new Date(at.getTime() + clock.offsetMs), zone.name, true);
  return [`in its logs the event is at ${shown}, by that clock`];
}

const zoneNotes: Partial<Record<ServerRecord['zone']['source'], string>> = {
  assumed: ' (assumed)',
  logs: ' (as its logs show)',
  'other server': ' (assumed, as of another server)',
  'last run': ' (as in the last run)',
};

/** e.g. `clock 7 min ahead of the collecting machine, zone Europe/Stockholm` */
export function clockText({ clock, zone }: Pick<ServerRecord, 'clock' | 'zone'>): string {
  const zoneText = `zone ${zoneTitle(zone.name)}${zoneNotes[zone.source] ?? ''}`;
  if (clock === null) return `clock not measured, ${zoneText}`;
  if (Math.abs(clock.offsetMs) <= Math.max(1000, clock.errorMs)) return `clock in step, ${zoneText}`;
  return `clock ${formatDuration(clock.offsetMs)} ${clock.offsetMs > 0 ? 'ahead of' : 'behind'} the collecting machine, ${zoneText}`;
}

/** Of what is missing, and of what was collected. */
const maxListCharacters = 18_000;

/** The first lines of many, so that the rest of a ticket is read whatever servers come up with. */
function firstOf(lines: readonly string[]): readonly string[] {
  let characters = 0;
  const most = lines.findIndex((line) => {
    characters += line.length + 1;
    return characters > maxListCharacters;
  });
  if (most < 0) return lines;
  return [...lines.slice(0, most), `  and ${lines.length - most} lines more; manifest.json lists every item`];
}

function collectedOf(assessment: Assessment): string[] {
  const { server } = assessment;
  const lines = collectedLines(assessment);
  return [serverTitle(server.id), ...(lines.length === 0 ? ['nothing'] : lines).map((line) => `  ${line}`)];
}

type BundleFacts = { name: string; bytes: number; sha256: string };

/** What the comment of a bundle says that was made while the window was open. */
export const restFollows = 'The rest of the logs follows as the next bundle of this event, when the window is over.';

/**
 * The comment that goes with an attached bundle.
 * @param said of the event, where the ticket does not have it yet
 * @param follows what comes later
 */
export function attachedComment(
  manifest: Manifest,
  bundle: BundleFacts,
  marker: string,
  said: Said = {},
  follows: readonly string[] = [],
): string {
  const assessments = assess(manifest);
  const isWhole = assessments.every(({ losses }) => losses.length === 0);
  const skipped = assessments.flatMap(({ server, skipped: left }) =>
    skippedTexts(left).map((text) => `  ${serverTitle(server.id)} ${printableLine(text, 400)}`),
  );
  return printable(
    [
      `${bundle.name} attached (${formatSize(bundle.bytes)}).`,
      `Event ${manifest.event.number}, log window ${windowText(manifest)}. README.txt in it says what is there.`,
      ...saidLines(said),
      ...(isWhole
        ? ['Everything that was asked for is in it.']
        : ['Missing or not whole:', ...firstOf(missingLines(assessments).map((line) => `  ${line}`))]),
      ...(skipped.length > 0 ? ['Not taken:', ...firstOf(skipped)] : []),
      ...follows,
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
  insteadOf?: string,
): string {
  return printable(
    [
      `The bundle of event ${manifest.event.number} is ${formatSize(bundle.bytes)} (${bundle.bytes} bytes), ${limitBytes === undefined ? 'more than this help desk takes' : `over the limit of ${formatSize(limitBytes)} for attachments`}.`,
      'Please send instructions for uploading it to your FTP server. It is kept until then.',
      `File: ${bundle.name}`,
      ...(insteadOf === undefined || insteadOf === bundle.name ? [] : [`It takes the place of ${insteadOf}.`]),
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
