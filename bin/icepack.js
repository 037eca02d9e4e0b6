#!/usr/bin/env node
// Until `main` has really ended, an exit is a failure: Node ends with 0 when a promise is never settled.
process.exitCode = 1;

const [major, minor] = process.versions.node.split('.').map(Number);
if (!((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24)) {
  process.stderr.write(`icepack needs Node 20.19, 22.12 or 24 and later; this is ${process.versions.node}\n`);
  process.exit(2);
}

try {
  const { loadProgram } = await import('./program.js');
  const { main } = loadProgram();
  process.exitCode = await main({
    env: process.env,
    argv: process.argv,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    execPath: process.execPath,
    nodeVersion: process.versions.node,
  });
  // All is said and done: a connection that somebody still holds open must not keep the program for ever.
  setTimeout(() => process.exit(), 15_000).unref();
} catch (error) {
  const told = beforeItBegan(error);
  if (told === undefined) throw error;
  process.stderr.write(told);
  process.exitCode = 8;
}

/** What a person can mend before there is a program that could say it. */
function beforeItBegan({ code, path = '' }) {
  if (code === 'EMFILE') return 'icepack may not open as many files as it needs\n  → Raise the limit: ulimit -n 1024\n';
  const isUnbuilt = code === 'ENOENT' && path.endsWith('icepack.cjs');
  return isUnbuilt ? 'icepack is not built in this folder\n  → Build it: npm ci && npm run build\n' : undefined;
}
