import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate, Certificates } from './certificates.ts';
import { type Daemon, freePort, giveToRunner, serverFolder, startDaemon } from './daemon.ts';
import { program } from './programs.ts';

type Site = 'proper' | 'expired' | 'wrongHost' | 'selfSigned';
const sites: readonly Site[] = ['proper', 'expired', 'wrongHost', 'selfSigned'];

export type Nginx = Daemon & { readonly port: number; readonly tlsPorts: Readonly<Record<Site, number>> };

/** nginx in the clear on `port`, and once with each certificate: `/health` answers `{"ok":true}`. */
export const startNginx = async (certificates: Certificates): Promise<Nginx> => {
  const folder = serverFolder('nginx');
  const own = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    giveToRunner(path);
    return path;
  };
  mkdirSync(join(folder, 'temp'));
  giveToRunner(join(folder, 'temp'));
  const port = await freePort();
  const tlsPorts = { proper: 0, expired: 0, wrongHost: 0, selfSigned: 0 };
  const servers = [`server { listen 127.0.0.1:${port}; ${locations} }`];
  for (const site of sites) {
    const { certificate, key }: Certificate = certificates[site];
    tlsPorts[site] = await freePort();
    servers.push(`server {
      listen 127.0.0.1:${tlsPorts[site]} ssl http2;
      ssl_certificate ${own(`${site}.pem`, certificate)};
      ssl_certificate_key ${own(`${site}.key`, key)};
      ${locations}
    }`);
  }
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const file = own(
    'nginx.conf',
    `daemon off;
worker_processes 1;
pid ${join(folder, 'pid')};
error_log stderr;
events { worker_connections 64; }
http {
  access_log off;
  ${paths.map((path) => `${path}_temp_path ${join(folder, 'temp', path)};`).join('\n  ')}
  ${servers.join('\n')}
}
`,
  );
  const daemon = await startDaemon(folder, port, program('nginx'), [
    '-e',
    'stderr',
    '-p',
    folder,
    '-c',
    file,
  ]);
  return { ...daemon, port, tlsPorts };
};

const locations = `
  location = /health { default_type application/json; return 200 '{"ok":true}'; }
  location = /old { return 302 /health; }
  location = /broken { return 503; }
`;
