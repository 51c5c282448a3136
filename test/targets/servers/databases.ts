import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from './certificates.ts';
import { type Daemon, freePort, giveToRunner, runAsServer, serverFolder, startDaemon } from './daemon.ts';
import { program } from './programs.ts';

export type Database = Daemon & { readonly port: number };

export const username = 'monitor';
/** With what would break a URL, a shell or a quote. */
export const password = `pa:ss'w0rd@/"x`;

const write = (folder: string, name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  giveToRunner(path);
  return path;
};

const writeCertificate = (folder: string, { certificate, key }: Certificate) => ({
  certificate: write(folder, 'server.pem', certificate),
  key: write(folder, 'server.key', key),
});

const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** PostgreSQL with the superuser `monitor`, who must say its password, and TLS for whoever asks for it. */
export const startPostgres = async (certificate: Certificate): Promise<Database> => {
  const folder = serverFolder('postgres');
  const files = writeCertificate(folder, certificate);
  const passwordFile = write(folder, 'password', password);
  const store = join(folder, 'store');
  runAsServer(
    program('initdb'),
    ['-D', store, '-U', username, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-N', '-E', 'UTF8'],
    folder,
  );
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    ssl: 'on',
    ssl_cert_file: files.certificate,
    ssl_key_file: files.key,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const daemon = await startDaemon(folder, port, program('postgres'), [
    '-D',
    store,
    '-p',
    `${port}`,
    ...args,
  ]);
  return { ...daemon, port };
};

/** MariaDB with a database `shop` that `monitor` may read and write, and TLS for whoever asks for it. */
export const startMariadb = async (certificate: Certificate): Promise<Database> => {
  const folder = serverFolder('mariadb');
  const files = writeCertificate(folder, certificate);
  const store = join(folder, 'store');
  const user = `${sqlText(username)}@'127.0.0.1'`;
  const first = write(
    folder,
    'first.sql',
    `CREATE DATABASE IF NOT EXISTS shop;
CREATE TABLE IF NOT EXISTS shop.orders (id INT);
CREATE USER IF NOT EXISTS ${user} IDENTIFIED BY ${sqlText(password)};
GRANT ALL ON shop.* TO ${user};
`,
  );
  runAsServer(
    program('mariadb-install-db'),
    ['--no-defaults', `--datadir=${store}`, '--auth-root-authentication-method=normal', '--skip-test-db'],
    folder,
  );
  const port = await freePort();
  const daemon = await startDaemon(folder, port, program('mariadbd'), [
    ...['--no-defaults', `--datadir=${store}`, '--bind-address=127.0.0.1', `--port=${port}`],
    ...[`--socket=${join(folder, 'socket')}`, `--pid-file=${join(folder, 'pid')}`, `--init-file=${first}`],
    ...['--skip-name-resolve', '--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=16M'],
    ...[`--ssl-cert=${files.certificate}`, `--ssl-key=${files.key}`],
  ]);
  return { ...daemon, port };
};

/** Redis that lets `monitor` read and wants the password of everyone, and a second port with TLS. */
export const startRedis = async (certificate: Certificate): Promise<Database & { tlsPort: number }> => {
  const folder = serverFolder('redis');
  const files = writeCertificate(folder, certificate);
  const [port, tlsPort] = [await freePort(), await freePort()];
  const quoted = `"${`>${password}`.replaceAll('"', '\\"')}"`;
  const settings = [
    ...['bind 127.0.0.1', `port ${port}`, `tls-port ${tlsPort}`, 'save ""', 'appendonly no'],
    ...[`tls-cert-file ${files.certificate}`, `tls-key-file ${files.key}`, 'tls-auth-clients no'],
    `user ${username} on ${quoted} ~* +@read +ping +info +select`,
    `user default on ${quoted} ~* +@all`,
  ];
  const file = write(folder, 'redis.conf', `${settings.join('\n')}\n`);
  const daemon = await startDaemon(folder, port, program('redis-server'), [file]);
  return { ...daemon, port, tlsPort };
};
