import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, Script } from 'node:vm';

const file = fileURLToPath(new URL('../dist/program/icepack.cjs', import.meta.url));
const codeFile = `${file}.code`;

/**
 * Loads the program: one file that the build makes of all modules, because Node takes half a second to load them one by
 * one. Beside it lies what V8 made of it at the build; a Node with another V8 does not take that, and compiles again.
 * @returns its `main`, and what writes the code that there is by now
 */
export function loadProgram() {
  const script = new Script(Module.wrap(readFileSync(file, 'latin1')), {
    filename: file,
    cachedData: codeIfThere(),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  return { main: module.exports.main, keepCode };

  function keepCode() {
    writeFileSync(codeFile, script.createCachedData());
    chmodSync(codeFile, 0o644); // whoever may run the program may read it
  }
}

/** Escapes what is no ASCII, which the bundler leaves in regular expressions only: V8 reads one byte a character faster. */
export function escapeProgram() {
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

function codeIfThere() {
  try {
    return readFileSync(codeFile);
  } catch {
    return undefined; // it compiles then
  }
}
