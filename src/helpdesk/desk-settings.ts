import type { HelpDesk } from './help-desk.js';

/** The help desk and what tickets on it are made of; part of the configuration. */
export type DeskSettings = {
  desk: HelpDesk | undefined;
  organization: string | undefined;
  contact: { name?: string | undefined; email?: string | undefined; phone?: string | undefined } | undefined;
  product: string | undefined;
  version: string | undefined;
  license: string | undefined;
  attachmentLimit: number;
};
