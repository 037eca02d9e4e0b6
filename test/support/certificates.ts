import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programPath } from './requirements.ts';

const ofLoopback = 'DNS:localhost,IP:127.0.0.1,IP:127.0.0.2';

/** An authority and a certificate, of loopback where nothing else is said. @returns the paths of what is PEM */
export function makeCertificates(folder: string, names = ofLoopback): { ca: string; key: string; certificate: string } {
  const openssl = (...args: string[]) => execFileSync(programPath('openssl'), args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=icepack test authority');
  openssl('req', ...key.slice(0, 5), '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  writeFileSync(join(folder, 'ext'), `subjectAltName=${names}\n`);
  openssl(
    ...['x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-days', '2', '-extfile', 'ext', '-out', 'server.pem'],
  );
  return { ca: join(folder, 'ca.pem'), key: join(folder, 'server.key'), certificate: join(folder, 'server.pem') };
}
