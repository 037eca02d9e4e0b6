import { createHash } from 'node:crypto';
import { type Answer, invalid, minute, notFound, refused, type ZendeskStore } from './zendesk-store.ts';

export type FakeFile = { id: number; name: string; bytes: number; sha256: string; malware: string };

/** Files that were sent, each with a token that attaches it once, within an hour. */
export class ZendeskUploads {
  private readonly tokens = new Map<string, { file: FakeFile; until: number; isUsed: boolean }>();
  private readonly store: ZendeskStore;

  constructor(store: ZendeskStore) {
    this.store = store;
  }

  get unused(): number {
    return [...this.tokens.values()].filter(({ isUsed }) => !isUsed).length;
  }

  upload(name: string, content: Buffer): Answer {
    const type = name.split('.').at(-1) ?? '';
    const { refusedTypes, maxFileBytes, malware, files } = this.store.faults;
    if (refusedTypes.includes(type))
      return invalid('attachment', `Attachment: files of the type .${type} are not allowed`);
    if (content.length > maxFileBytes)
      return refused(422, { title: 'Attachment too large', message: 'The file exceeds the limit' });
    const kept = files === 'cut' ? content.subarray(0, content.length / 2) : content;
    const file: FakeFile = {
      ...{ id: this.store.nextId(), name, bytes: kept.length },
      sha256: createHash('sha256').update(kept).digest('hex'),
      malware: malware === 'at once' ? 'malware_found' : 'not_scanned',
    };
    const token = `upload${file.id}`;
    this.tokens.set(token, { file, until: this.store.now + 60 * minute, isUsed: false });
    const attachment = this.attachmentOf(file);
    return { status: 201, body: { upload: { token, attachment, attachments: [attachment] } } };
  }

  discard(token: string): Answer {
    return this.tokens.delete(token) ? { status: 204, body: '' } : notFound;
  }

  attachmentOf({ id, name, bytes, malware }: FakeFile): object {
    const content_url = `${this.store.faults.filesAt}/attachments/token/${id}/?name=${name}`;
    return {
      ...{ id, file_name: name, size: bytes, content_type: 'application/zip', content_url },
      ...{ inline: false, deleted: false, malware_scan_result: malware },
    };
  }

  /** The files of tokens, which are used up by that; undefined where one is refused. */
  taken(tokens: string[]): FakeFile[] | undefined {
    const found = tokens.map((token) => this.tokens.get(token));
    const isGood = (each: (typeof found)[number]) => each !== undefined && !each.isUsed && each.until > this.store.now;
    if (!found.every(isGood) && this.store.faults.spentToken === 'is refused') return undefined;
    const good = found.filter((each) => each !== undefined).filter(isGood);
    for (const each of good) each.isUsed = true;
    if (this.store.faults.files === 'dropped') return [];
    const { malware } = this.store.faults;
    return good.map(({ file }) => ({ ...file, malware: malware === 'none' ? 'malware_not_found' : 'malware_found' }));
  }
}
