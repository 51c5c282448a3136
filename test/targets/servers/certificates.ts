import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './programs.ts';

export type Certificate = { readonly certificate: string; readonly key: string };

/** An authority of these tests only, and what it signed: for localhost, of long ago, and for another host. */
export type Certificates = {
  /** PEM of the authority. */
  readonly authority: string;
  readonly proper: Certificate;
  readonly expired: Certificate;
  readonly wrongHost: Certificate;
  readonly selfSigned: Certificate;
};

const configuration = `
[ca]
default_ca = tests
[tests]
dir = .
database = ./index.txt
serial = ./serial
new_certs_dir = ./issued
default_md = sha256
policy = anything
unique_subject = no
[anything]
commonName = supplied
[req]
distinguished_name = name
prompt = no
[name]
CN = Homeostat tests
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[here]
subjectAltName = DNS:localhost, IP:127.0.0.1
[elsewhere]
subjectAltName = DNS:shop.example.com
`;

const elliptic = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export const makeCertificates = (): Certificates => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-certificates-'));
  try {
    return make(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const make = (folder: string): Certificates => {
  const openssl = (...args: readonly string[]) =>
    execFileSync(program('openssl'), [...args], { cwd: folder, stdio: 'pipe' });
  const text = (file: string) => readFileSync(join(folder, file), 'utf8');
  writeFileSync(join(folder, 'openssl.cnf'), configuration);
  writeFileSync(join(folder, 'index.txt'), '');
  writeFileSync(join(folder, 'serial'), '1000\n');
  mkdirSync(join(folder, 'issued'));
  const own = (name: string, subject: string, extensions: string) =>
    openssl(
      ...[
        'req',
        '-x509',
        '-config',
        'openssl.cnf',
        '-extensions',
        extensions,
        '-days',
        '30',
        '-subj',
        subject,
      ],
      ...[...elliptic, '-keyout', `${name}.key`, '-out', `${name}.pem`],
    );
  own('authority', '/CN=Homeostat tests', 'authority');
  own('selfSigned', '/CN=localhost', 'here');
  const signed = (name: string, extensions: string, from: string, until: string): Certificate => {
    openssl(
      ...['req', '-new', '-config', 'openssl.cnf', '-subj', `/CN=${name}`],
      ...[...elliptic, '-keyout', `${name}.key`, '-out', `${name}.csr`],
    );
    openssl(
      ...['ca', '-batch', '-notext', '-config', 'openssl.cnf', '-extensions', extensions],
      ...['-cert', 'authority.pem', '-keyfile', 'authority.key', '-in', `${name}.csr`, '-out', `${name}.pem`],
      ...['-startdate', from, '-enddate', until],
    );
    return { certificate: text(`${name}.pem`), key: text(`${name}.key`) };
  };
  const [longAgo, ago, ahead] = ['20200101000000Z', '20200201000000Z', '20491231235959Z'];
  return {
    authority: text('authority.pem'),
    proper: signed('proper', 'here', longAgo, ahead),
    expired: signed('expired', 'here', longAgo, ago),
    wrongHost: signed('wrongHost', 'elsewhere', longAgo, ahead),
    selfSigned: { certificate: text('selfSigned.pem'), key: text('selfSigned.key') },
  };
};
