/** One server's folder of one event. */
export type EventFolder = {
  /** Below the top folder, e.g. `Event1_ICE01_20261120_1032`. */
  folder: string;
  /** How the server is called where people read: `ICE01`. */
  label: string;
  /** Its name in the configuration that collected it, where there is a manifest. */
  name: string | undefined;
  cluster: string | undefined;
  zone: { name: string; source: 'config' | 'host OS' | 'last run' | 'logs' | 'other server' | 'assumed' | 'given' };
};

/** Which event a bundle is of, and which of its folders is which server; of a bundle made by hand as far as its names tell. */
export type Layout = {
  ticket: string | undefined;
  event: { number: number | undefined; at: Date; window: { since: Date; until: Date } } | undefined;
  /** The operator's zone, else that of the first server. */
  zone: string;
  servers: readonly EventFolder[];
};
