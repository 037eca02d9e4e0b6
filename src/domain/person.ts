/** Somebody who is told of incidents, as `people:` of the configuration has them. */
export type Person = {
  /** By which the configuration names them, e.g. `kim`. */
  key: string;
  name: string;
  email?: string;
  phone?: string;
  /** What the help desk calls them, where tickets are assigned to them. */
  atDesk?: string;
};
