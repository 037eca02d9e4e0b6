import { say } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import { formatSize } from '../domain/quantities.js';
import type { BundleResult, RunResult, TicketResult } from '../domain/result.js';
import { nextLines } from '../tickets/next-text.js';

export type UploadFacts = Pick<RunResult, 'next' | 'error'> & {
  manifest: Pick<RunResult['manifest'], 'run'>;
  ticket: TicketResult | null;
  bundle: BundleResult;
  upload: { to: string; name: string; verified: boolean; resumedAt: number; told: boolean } | null;
  text: string | null;
};

/** The closing words of `upload`: where the bundle is, its size, and whether the ticket says so. */
export function uploadSummary({ manifest, ticket, bundle, upload, text, next, error }: UploadFacts): OutputLine[] {
  const size = formatSize(bundle.bytes);
  const head: OutputLine[] =
    upload === null
      ? [{ text: `${bundle.name}  ${size}, not uploaded`, tone: 'strong' }, { text: bundle.path }]
      : [
          { text: `${upload.name}  ${size}, uploaded`, tone: 'strong' },
          { text: `${upload.to}${upload.name}` },
          upload.verified
            ? { text: `${bundle.bytes} bytes, compared with what the server shows`, tone: 'dim' }
            : { text: `${bundle.bytes} bytes; the server shows no size to compare with`, tone: 'warn' },
        ];
  return [
    ...head,
    { text: `SHA-256 ${bundle.sha256}`, tone: 'dim' },
    ...(error === null ? [] : errorLines(error)),
    ...(upload?.told ? [{ text: `${ticket?.key} has a comment about it.`, tone: 'good' } as const] : []),
    ...(text === null
      ? []
      : [{ text: '' }, { text: 'Write this into the ticket:', tone: 'strong' } as const, { text }]),
    ...nextLines(manifest.run, next),
  ];
}

function errorLines({ message, hint }: NonNullable<RunResult['error']>): OutputLine[] {
  const lines: OutputLine[] = [{ text: '' }, { text: message, tone: 'bad' }];
  return hint === null ? lines : [...lines, { text: say`  → ${hint}` }];
}
