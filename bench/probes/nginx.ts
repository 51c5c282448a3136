import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Site = {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** The authority that signed the site's certificate, PEM. */
  readonly authorityFile: string;
  readonly folder: string;
  close(): void;
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

export const listening = async (port: number): Promise<void> => {
  for (let tries = 0; tries < 200; tries += 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('connect', () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('close', () => socket.destroy());
      socket.on('connect', () => socket.end());
    });
    if (open) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
};

/**
 * Checks have different targets. With one alone, every port of this machine would soon wait out its last connection to
 * it, and the kernel's search for a free one would be what is measured.
 */
export const addresses = Array.from({ length: 50 }, (_, at) => `127.0.0.${at + 1}`);
/** Stands for one of them in a target. */
export const anyAddress = '{address}';

/** An authority, and a server certificate with its chain, all ECDSA P-256 as certificates mostly are today. */
const makeCertificates = (folder: string): void => {
  const openssl = (...given: string[]) => execFileSync('openssl', given, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '30', '-subj', '/CN=bench');
  openssl('req', ...key, '-keyout', 'site.key', '-out', 'site.csr', '-subj', '/CN=localhost');
  writeFileSync(join(folder, 'site.ext'), `subjectAltName=${addresses.map((address) => `IP:${address}`)}\n`);
  const signed = [
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '10',
    '-extfile',
    'site.ext',
  ];
  openssl('x509', '-req', '-in', 'site.csr', '-out', 'site.pem', ...signed);
};

const listens = (port: number, how: string): string =>
  addresses.map((address) => `listen ${address}:${port} ${how} backlog=1024;`).join(' ');

/** nginx on loopback with a small page over http and https. Throws when nginx or openssl is missing. */
export const startNginx = async (nginx: string): Promise<Site> => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-bench-'));
  makeCertificates(folder);
  const [httpPort, httpsPort] = [await freePort(), await freePort()];
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server { ${listens(httpPort, '')} location / { return 200 'well\\n'; } }
  server {
    ${listens(httpsPort, 'ssl')} location / { return 200 'well\\n'; }
    ssl_certificate ${folder}/site.pem; ssl_certificate_key ${folder}/site.key; ssl_protocols TLSv1.2 TLSv1.3;
  }
}
`,
  );
  const child = spawn(nginx, ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
    stdio: 'ignore',
  });
  await listening(httpsPort);
  return {
    httpPort,
    httpsPort,
    authorityFile: join(folder, 'ca.pem'),
    folder,
    close: () => {
      child.kill('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export { freePort };
