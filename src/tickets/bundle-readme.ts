import { type OwnTemplates, templateFor } from '../config/templates.js';
import { serverTitle } from '../domain/appliance.js';
import { type Assessment, assess } from '../domain/assessment.js';
import { isPrecapture } from '../domain/capture-choice.js';
import type { Manifest } from '../domain/manifest.js';
import { renderTemplate } from '../domain/render.js';
import { printable } from '../domain/text.js';
import { collectedLines, lossLines, verdictTexts } from './assessment-text.js';
import { coverageSentence } from './coverage-text.js';
import { redactionLines } from './redaction-text.js';
import { type DescriptionFacts, eventValues } from './ticket-text.js';

/** `README.txt` of a bundle: what happened, to whom, what is there, what is missing and why, for who opens the ZIP alone. */
export function bundleReadme(
  facts: DescriptionFacts & {
    severity: string | undefined;
    templates?: OwnTemplates | undefined;
    /** It has a page to look at. */
    report?: boolean;
  },
): string {
  const { manifest, severity, templates, report = false } = facts;
  const template = templateFor('bundle-readme.txt', templates);
  const ticket = manifest.ticket ?? 'No ticket yet';
  const title = [ticket, `event ${manifest.event.number}`, ...(severity === undefined ? [] : [`severity ${severity}`])];
  const sentence = coverageSentence(manifest);
  const folders = [
    ...assess(manifest).flatMap(folderLines),
    ...[...(sentence === undefined ? [] : [sentence]), ...redactionLines(manifest)].map(({ text }) => text),
    ...captureLines(manifest),
    ...(report ? reportLines : []),
  ];
  const values = {
    ...eventValues(facts, template),
    title: title.join(', '),
    folders: folders.join('\n'),
    run: manifest.run,
  };
  return printable(renderTemplate(template, values));
}

const reportLines = [
  'report.html shows all of it on one page: what is missing, what stands out, the logs of all servers in one order. Open it in a',
  'browser; it loads nothing and sends nothing.',
];

/** What captures are, where there are some: they show another time than the rest. */
function captureLines({ servers }: Manifest): string[] {
  const isThere = servers.some(({ items }) => items.some((item) => isPrecapture(item) && item.sha256 !== undefined));
  if (!isThere) return [];
  return [
    'Techsupport/precapture_…/ was captured by a timer, ahead of the event or right after it, to compare with: the state of that',
    'time. The techsupport of the event itself lies directly in Techsupport/.',
  ];
}

function folderLines(assessment: Assessment): string[] {
  const lines = collectedLines(assessment);
  const { folder, name, id } = assessment.server;
  return [
    `${folder}/  ${serverTitle(id)} (${name}), ${verdictTexts[assessment.verdict]}`,
    ...(lines.length === 0 ? ['nothing'] : lines).map((line) => `  ${line}`),
  ];
}

/** `NOT-COLLECTED.txt` of a server's folder. @returns undefined where nothing is missing there */
export function notCollected(assessment: Assessment): string | undefined {
  const { server, losses } = assessment;
  if (losses.length === 0) return undefined;
  const title = `${serverTitle(server.id)} (${server.name}, ${server.address}): ${verdictTexts[assessment.verdict]}`;
  return printable(`${[title, '', ...lossLines(assessment)].join('\n')}\n`);
}
