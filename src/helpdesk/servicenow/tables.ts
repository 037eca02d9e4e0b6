import type { z } from 'zod';
import type { Bundle } from '../../domain/bundle-layout.js';
import { agreed } from '../http/answer.js';
import { addressOf, type HttpAnswer, type HttpCall } from '../http/call.js';
import type { Http } from '../http/http.js';
import { fileUpload } from '../http/upload.js';
import { type Attachment, attachmentSchema, many, one } from './answers.js';
import { hiddenRows, openInstance, type ServiceNowAccess } from './http.js';

export type Asked<T> = {
  schema: z.ZodType<T>;
  fields: readonly string[];
  /** Raw values, what people see, or both of each field. */
  display?: 'false' | 'true' | 'all';
};
export type Rows<T> = {
  rows: T[];
  /** How many were found that this account may not see. */
  hidden: number;
  answer: HttpAnswer;
};

const maxFiles = 1000;
/** Lists of files have all their fields, and a ticket's journal is one text. */
const longAnswerBytes = 8 * 1024 * 1024;

/** The Table API and the Attachment API of an instance; what is asked for is always named. */
export class ServiceNowTables {
  readonly site: URL;
  private readonly http: Http;

  constructor(access: ServiceNowAccess) {
    this.site = access.base;
    this.http = openInstance(access);
  }

  async rows<T>(
    table: string,
    { schema, fields, display = 'false' }: Asked<T>,
    { query, limit }: { query: string; limit: number },
    signal: AbortSignal,
  ): Promise<Rows<T>> {
    const asked = { sysparm_query: query, sysparm_limit: `${limit}`, ...shown(fields, display) };
    const call = this.reading(`table/${table}`, asked);
    const answer = await this.http.send(call, signal);
    const { result } = agreed(many(schema), call, answer);
    return { rows: result, hidden: hiddenRows(result.length, limit, answer), answer };
  }

  async row<T>(
    table: string,
    id: string,
    { schema, fields, display = 'false' }: Asked<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const call = this.reading(`table/${table}/${id}`, shown(fields, display));
    return agreed(one(schema), call, await this.http.send(call, signal)).result;
  }

  async insert<T>(
    table: string,
    { schema, fields, display = 'false' }: Asked<T>,
    values: Record<string, string>,
    signal: AbortSignal,
  ): Promise<T> {
    const url = this.at(`table/${table}`, shown(fields, display));
    const call: HttpCall = { method: 'POST', url, body: JSON.stringify(values) };
    return agreed(one(schema), call, await this.http.send(call, signal)).result;
  }

  /** A row for the transform maps of a staging table. */
  async stage<T extends z.ZodType>(
    table: string,
    schema: T,
    values: Record<string, string>,
    signal: AbortSignal,
  ): Promise<z.output<T>> {
    const call: HttpCall = { method: 'POST', url: this.at(`import/${table}`, {}), body: JSON.stringify(values) };
    return agreed(schema, call, await this.http.send(call, signal));
  }

  /** Its answer is not looked at: what became of the row is read. */
  async update(table: string, id: string, values: Record<string, string>, signal: AbortSignal): Promise<void> {
    const url = this.at(`table/${table}/${id}`, { sysparm_fields: ['sys_id', ...Object.keys(values)].join(',') });
    await this.http.send({ method: 'PATCH', url, body: JSON.stringify(values) }, signal);
  }

  /** What is attached to rows, the newest first. */
  async files(table: string, ids: readonly string[], signal: AbortSignal): Promise<Rows<Attachment>> {
    const query = `table_name=${table}^table_sys_idIN${ids.join(',')}^ORDERBYDESCsys_created_on`;
    const call = this.reading('attachment', { sysparm_query: query, sysparm_limit: `${maxFiles}` });
    const answer = await this.http.send(call, signal);
    const { result } = agreed(many(attachmentSchema), call, answer);
    return { rows: result, hidden: hiddenRows(result.length, maxFiles, answer), answer };
  }

  async upload(
    table: string,
    id: string,
    bundle: Bundle,
    signal: AbortSignal,
    onProgress?: (bytes: number) => void,
  ): Promise<Attachment> {
    const url = this.at('attachment/file', { table_name: table, table_sys_id: id, file_name: bundle.name });
    const call: HttpCall = { method: 'POST', url, body: fileUpload(bundle, onProgress) };
    return agreed(one(attachmentSchema), call, await this.http.send(call, signal)).result;
  }

  private reading(path: string, query: Record<string, string>): HttpCall {
    return { method: 'GET', url: this.at(path, query), safe: true, maxAnswerBytes: longAnswerBytes };
  }

  private at(path: string, query: Record<string, string>): URL {
    return addressOf(this.site, `api/now/${path}`, query);
  }
}

function shown(fields: readonly string[], display: string): Record<string, string> {
  return {
    sysparm_fields: fields.join(','),
    sysparm_display_value: display,
    sysparm_exclude_reference_link: 'true',
  };
}
