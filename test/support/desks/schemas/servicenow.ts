import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/*
 * ServiceNow publishes no OpenAPI document. These are reduced by hand from its pages (github ServiceNow/ServiceNowDocs,
 * release australia, 2026-03-12) to what icepack sends and reads; where a page says nothing, `$comment` names what else does.
 */
const tableApi = 'rest-apis/c_TableAPI.md';
const importApi = 'rest-apis/c_ImportSetAPI.md';
const attachmentApi = 'rest-apis/c_AttachmentAPI.md';

type Schema = Record<string, unknown>;
/** The requests that icepack makes. */
export type ServiceNowCall =
  | 'list rows'
  | 'read row'
  | 'insert row'
  | 'update row'
  | 'import row'
  | 'list files'
  | 'upload file'
  | 'fetch token';

const sysId = { type: 'string', pattern: '^[0-9a-f]{32}$', $comment: `${tableApi}: the sys_id of each example` };
const names = {
  type: 'string',
  pattern: '^[a-z_]+(,[a-z_]+)*$',
  $comment: `${tableApi}: sysparm_fields, comma-separated`,
};
const display = { enum: ['true', 'false', 'all'], $comment: `${tableApi}: sysparm_display_value, valid values` };
const flag = {
  enum: ['true', 'false'],
  $comment: `${tableApi}: sysparm_exclude_reference_link, not documented for PATCH`,
};
const number = { type: 'string', pattern: '^[1-9]\\d*$', $comment: `${tableApi}: sysparm_limit` };
const query = { type: 'string', pattern: '^[^\\n]+$', $comment: `${tableApi}: sysparm_query, an encoded query` };
const exactly = (properties: Record<string, Schema>, ...optional: string[]): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});
const values = {
  type: 'object',
  minProperties: 1,
  propertyNames: { pattern: '^[a-z][a-z0-9_]*$' },
  additionalProperties: { type: 'string' },
  properties: {
    correlation_id: { type: 'string', maxLength: 100, $comment: 'dictionary of task: correlation_id, 100 characters' },
    short_description: {
      type: 'string',
      maxLength: 160,
      $comment: 'dictionary of task: short_description, 160 characters',
    },
    caller_id: { ...sysId, $comment: `${tableApi}: sysparm_input_display_value false, a reference is its sys_id` },
    assignment_group: sysId,
  },
  $comment: `${tableApi}: name-value pairs; fields that begin with sys_ cannot be updated`,
  not: { patternProperties: { '^sys_': {} }, type: 'object', required: ['sys_id'] },
};

/** What may be sent: the query and, where there is one, the body. */
const requests: Record<ServiceNowCall, { query: Schema; body?: Schema }> = {
  'list rows': {
    query: exactly({
      sysparm_query: query,
      sysparm_limit: number,
      sysparm_fields: names,
      sysparm_display_value: display,
      sysparm_exclude_reference_link: flag,
    }),
  },
  'read row': {
    query: exactly({
      sysparm_fields: names,
      sysparm_display_value: display,
      sysparm_exclude_reference_link: flag,
    }),
  },
  'insert row': {
    query: exactly({
      sysparm_fields: names,
      sysparm_display_value: display,
      sysparm_exclude_reference_link: flag,
    }),
    body: { ...values, required: ['correlation_id', 'short_description'] },
  },
  'update row': { query: exactly({ sysparm_fields: names }), body: values },
  'import row': {
    query: exactly({}),
    body: { ...values, required: ['correlation_id', 'short_description'], $comment: `${importApi}: name-value pairs` },
  },
  'list files': {
    query: {
      ...exactly({ sysparm_query: query, sysparm_limit: number }),
      $comment: `${attachmentApi}: GET /now/attachment`,
    },
  },
  'upload file': {
    query: {
      ...exactly({ table_name: { type: 'string' }, table_sys_id: sysId, file_name: { type: 'string', minLength: 1 } }),
      $comment: `${attachmentApi}: POST /now/attachment/file, all three are required`,
    },
  },
  'fetch token': {
    query: exactly({}),
    body: {
      ...exactly({
        grant_type: { const: 'client_credentials' },
        client_id: { type: 'string' },
        client_secret: { type: 'string' },
      }),
      $comment: 'authentication/configure-an-oauth-client-credential-grant; RFC 6749, 4.4.2',
    },
  },
};

const raw = {
  type: 'string',
  $comment: `${tableApi}: every value of the examples is a string, numbers and dates, too`,
};
const both = {
  ...exactly({ value: raw, display_value: raw }),
  $comment: `${tableApi}: sysparm_display_value=all returns both actual and display values`,
};
const row = { type: 'object', additionalProperties: { anyOf: [raw, both] } };
const file = {
  type: 'object',
  properties: {
    sys_id: sysId,
    table_sys_id: sysId,
    size_bytes: { type: 'string', pattern: '^\\d+$', $comment: `${attachmentApi}: size_bytes, data type: String` },
    hash: { type: 'string', $comment: 'not documented; in the answers that swimlane/techpubs-knowledgecenter shows' },
    state: {
      enum: ['pending', 'available', 'available_conditionally', 'not_available'],
      $comment: 'not documented; pending in the same answers, available* in sources of a viewer of knowledge articles',
    },
  },
  required: ['sys_id', 'table_sys_id', 'table_name', 'file_name', 'size_bytes', 'content_type'],
  additionalProperties: { type: 'string' },
  $comment: `${attachmentApi}: response body parameters`,
};
const result = (of: Schema): Schema => exactly({ result: of });
const failure = {
  ...exactly({
    error: exactly({ message: { type: 'string' }, detail: { type: ['string', 'null'] } }),
    status: { const: 'failure' },
  }),
  $comment: 'reference/r_RESTAPIHTTPResponseCodes.md',
};

const answers: Record<ServiceNowCall, { status: number; body: Schema }> = {
  'list rows': { status: 200, body: result({ type: 'array', items: row }) },
  'read row': { status: 200, body: result(row) },
  'insert row': { status: 201, body: result(row) },
  'update row': { status: 200, body: result(row) },
  'import row': {
    status: 201,
    body: {
      ...exactly({
        import_set: { type: 'string' },
        staging_table: { type: 'string' },
        result: { type: 'array', items: { type: 'object', additionalProperties: { type: 'string' } } },
      }),
      $comment: `${importApi}: POST /now/import/{stagingTableName}, response body parameters`,
    },
  },
  'list files': { status: 200, body: result({ type: 'array', items: file }) },
  'upload file': { status: 201, body: result(file) },
  'fetch token': {
    status: 200,
    body: {
      type: 'object',
      properties: { access_token: { type: 'string' }, token_type: { const: 'Bearer' }, expires_in: { type: 'number' } },
      required: ['access_token', 'token_type', 'expires_in'],
      $comment: 'authentication/r_OAuthAPIResponseParameters.md',
    },
  },
};

const ajv = new Ajv2020({ strict: false, allErrors: true });
const compiled = new Map<Schema, ValidateFunction>();

function faultsOf(schema: Schema, value: unknown, where: string): string[] {
  const check = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, check);
  return check(value)
    ? []
    : (check.errors ?? []).map(({ instancePath, message }) => `${where}${instancePath} ${message}`);
}

/** What of a request no page vouches for. */
export function requestFaults(call: ServiceNowCall, sent: { query: unknown; body: unknown }): string[] {
  const { query: inQuery, body } = requests[call];
  return [
    ...faultsOf(inQuery, sent.query, `${call}: query`),
    ...(body ? faultsOf(body, sent.body, `${call}: body`) : []),
  ];
}

/** What of an answer no page vouches for. */
export function answerFaults(call: ServiceNowCall, got: { status: number; body: unknown }): string[] {
  const { status, body } = answers[call];
  const where = `${call}: ${got.status}`;
  if (got.status >= 400) return call === 'fetch token' ? [] : faultsOf(failure, got.body, where);
  return got.status === status ? faultsOf(body, got.body, where) : [`${where} instead of ${status}`];
}
