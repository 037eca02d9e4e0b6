import type { Config } from '../config/load.js';
import type { Context } from '../context.js';
import type { Providers } from '../helpdesk/provider.js';
import { configSearchPath, type GlobalOptions, homeOf, type Surroundings } from './surroundings.js';

/** What of a context has to do with the file of the configuration. */
type Configuration = Pick<
  Context,
  | 'config'
  | 'rereadConfig'
  | 'configPlaces'
  | 'configSchema'
  | 'keepNames'
  | 'newConfigPath'
  | 'checkNewConfig'
  | 'writeConfig'
>;

export function configurationOf(options: GlobalOptions, around: Surroundings, desks: Providers): Configuration {
  const searchPath = configSearchPath(options, around);
  let reading: Promise<Config> | undefined;
  const load = () => import('../config/load.js').then(({ loadConfig }) => loadConfig(searchPath, desks));
  const config = () => {
    reading ??= load();
    return reading;
  };
  return {
    config,
    rereadConfig: load,
    async configPlaces() {
      const { placesOf, readFirst } = await import('../config/places.js');
      return { path: (await readFirst(searchPath)).path, places: placesOf(searchPath) };
    },
    configSchema: async () => (await import('../config/json-schema.js')).configJsonSchema(desks),
    async keepNames() {
      const known = await reading?.catch(() => undefined); // told by who asked for it
      if (known !== undefined && !options.dryRun) await (await import('./keep-names.js')).keepNames(known, around);
    },
    newConfigPath: async () => (await import('../init/write.js')).newConfigPath(searchPath),
    checkNewConfig: async (path, answers) =>
      void (await import('../init/write.js')).checkNewConfig(path, answers, homeOf(around.env), desks),
    writeConfig: async (path, answers) =>
      (await import('../init/write.js')).writeNewConfig(path, answers, homeOf(around.env), desks),
  };
}
