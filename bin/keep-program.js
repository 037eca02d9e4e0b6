// Part of the build: makes the one file of the program quick to load, and keeps what V8 makes of it after it was at work.
import { Writable } from 'node:stream';
import { escapeProgram, loadProgram } from './program.js';

escapeProgram();
const { main, keepCode } = loadProgram();
process.exitCode = await main({
  env: {},
  argv: [process.execPath, 'icepack', '--help'],
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: new Writable({ write: (_chunk, _encoding, done) => done() }),
  stderr: process.stderr,
  execPath: process.execPath,
  nodeVersion: process.versions.node,
});
keepCode();
