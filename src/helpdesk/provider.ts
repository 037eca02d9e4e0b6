import type { z } from 'zod';
import type { SecretReference } from '../domain/appliance.js';
import type { CustomFields } from './custom-fields.js';
import type { HelpDesk } from './help-desk.js';
import type { HttpEnvironment } from './http/call.js';
import type { GivenStates } from './native-states.js';

/** What a key of the configuration may be. `config` brings it: engines do not know each other. */
export type FieldKit = {
  z: typeof z;
  oneLine: z.ZodType<string>;
  /** With http or https. */
  webUrl: z.ZodType<string>;
  secret: z.ZodType<SecretReference>;
  /** In milliseconds; written as 30m or 1h30m. */
  duration: z.ZodType<number, string>;
  /** A web URL without user and password. */
  deskUrl: z.ZodType<string>;
  /** What the help desk calls each state: a name or several. */
  states: z.ZodType<GivenStates>;
  customFields: z.ZodType<CustomFields>;
  /** What the keys of tickets begin with. */
  keyPrefix: z.ZodType<string>;
};

/** One setting that `init` takes as an option, and asks for at a terminal. */
export type DeskQuestion = {
  /** The key below `helpdesk:`; the option is `--helpdesk-KEY`. */
  key: string;
  /** A secret is given by where it comes from: `env:NAME` or `file:PATH`. */
  kind: 'url' | 'text' | 'secret';
  /** What the help says of the option. */
  help: string;
  /** How it is asked for; a setting without a question may be left out. */
  question?: string;
  initial?: string;
  /** Of which of the provider's `ways` in it is; of all of them where nothing is said. */
  way?: string;
};

/** What a help desk is opened with, beside its settings. */
export type DeskAccess = {
  env: HttpEnvironment;
  /** Resolves a secret. @param what how messages name it @throws UserError where it cannot be had */
  secret(reference: SecretReference, what: string): Promise<string>;
};

/**
 * Everything that is to be known of a help desk: configuration, `init`, its help, and the example follow from it. It is
 * read for every `--help`: what takes time to load is loaded by `open`.
 */
export type Provider<Fields extends z.ZodRawShape = z.ZodRawShape> = {
  /** The `provider` of the configuration. */
  readonly id: string;
  /** How `init` offers it. */
  readonly title: string;
  /** Stands beside it in a configuration that `init` wrote. */
  readonly remark?: string;
  readonly questions: readonly DeskQuestion[];
  /** Where there are several ways to log in: how each is offered, by its name; the first is the usual one. */
  readonly ways?: Readonly<Record<string, string>>;
  /** Its part of `templates/icepack.example.yaml`, below `helpdesk:`. */
  readonly example: readonly string[];
  /** Its keys below `helpdesk:`, beside `provider`, `product`, `version`, `license` and `requester`. */
  fields(kit: FieldKit): Fields;
  /** Nothing is contacted yet. @throws UserError */
  open(settings: z.output<z.ZodObject<Fields>>, access: DeskAccess): Promise<HelpDesk>;
};

/** A list of help desks, in the order in which they are offered. */
export type Providers = readonly [Provider, ...Provider[]];

/** Lets `open` be given what `fields` reads. */
export function defineProvider<Fields extends z.ZodRawShape>(provider: Provider<Fields>): Provider<Fields> {
  return provider;
}
