import type { Contact } from '../domain/contact.js';
import type { Route, Routes } from '../domain/route.js';
import type { HelpDesk } from './help-desk.js';

/** The help desk and what tickets on it are made of; part of the configuration. */
export type DeskSettings = {
  desk: HelpDesk | undefined;
  /** Where tickets go there: help desk, address, queue. What is known of it is kept by that. */
  place: string;
  organization: string | undefined;
  contact: Contact | undefined;
  product: string | undefined;
  version: string | undefined;
  license: string | undefined;
  /** Of single servers, by their names. */
  licenses: Readonly<Record<string, string>>;
  /** Who the ticket is from, where that is not the contact. */
  requester: string | undefined;
  /** The names of the fields that the configuration gives. */
  fields: readonly string[];
  attachmentLimit: number;
  /** What the operator has of their own in the place of our templates, by name. */
  templates?: { readonly 'ticket-description.txt'?: string; readonly 'bundle-readme.txt'?: string };
  /** By which route tickets come here; `helpdesk:` as it is where none is named. */
  route?: Route;
  /** Of what references are made whichever route is taken: the origin of `helpdesk:`, else the place of the first route that has one. */
  home?: string;
  /** What there is to choose from, where the configuration has routes. */
  desks?: Desks;
};

/** The help desks of a configuration. */
export type Desks = Routes & {
  /** @param route undefined for `helpdesk:` as it is */
  open(route: Route | undefined): Promise<DeskSettings>;
};
