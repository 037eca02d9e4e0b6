import { createRedactor } from '../../src/redaction/redactor.ts';
import type { RedactionCounts } from '../../src/redaction/redactor-type.ts';

export function redactChunks(chunks: readonly Buffer[], known: readonly string[] = []) {
  const redactor = createRedactor({ known });
  const parts: Buffer[] = [];
  for (const chunk of chunks) parts.push(...redactor.push(chunk));
  parts.push(...redactor.end());
  const counts: RedactionCounts = redactor.counts();
  return { clean: Buffer.concat(parts), counts };
}

/** Texts are latin1: a character a byte. */
export function redact(text: string, known: readonly string[] = []): string {
  return redactChunks([Buffer.from(text, 'latin1')], known).clean.toString('latin1');
}

export function split(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= bytes.length) return chunks;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return at < bytes.length ? [...chunks, bytes.subarray(at)] : chunks;
}
