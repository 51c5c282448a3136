import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/*
 * X.509 certificates made on the spot, with any names and dates: DER by hand, signed with ECDSA P-256.
 */

export type Issued = { readonly cert: string; readonly key: string; readonly signer: Signer };
type Signer = { readonly name: string; readonly key: KeyObject };

export type Wanted = {
  readonly name: string;
  /** DNS names, and addresses as `ip:127.0.0.1`. */
  readonly names?: readonly string[];
  readonly from: number;
  readonly until: number;
  /** Self-signed when left out. */
  readonly by?: Issued;
  readonly isAuthority?: boolean;
  /** Of the same key as this one: an authority that another one signs crosswise. */
  readonly sameAs?: Issued;
};

export const issue = ({ name, names = [], from, until, by, isAuthority = false, sameAs }: Wanted): Issued => {
  const privateKey = sameAs?.signer.key ?? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const publicKey = createPublicKey(privateKey);
  const signer = by?.signer ?? { name, key: privateKey };
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    nameOf(signer.name),
    sequence(time(from), time(until)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(
      0xa3,
      sequence(
        ...(isAuthority ? [extension(basicConstraints, sequence(tagged(0x01, Buffer.from([0xff]))))] : []),
        ...(names.length > 0 ? [extension(subjectAltName, sequence(...names.map(generalName)))] : []),
      ),
    ),
  );
  const signature = sign('sha256', body, signer.key);
  const whole = sequence(body, ecdsaWithSha256, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    signer: { name, key: privateKey },
  };
};

const tagged = (tag: number, content: Buffer): Buffer => {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
const identifier = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'));

const ecdsaWithSha256 = sequence(identifier('2a8648ce3d040302'));
const commonName = identifier('550403');
const basicConstraints = identifier('551d13');
const subjectAltName = identifier('551d11');

const nameOf = (text: string): Buffer =>
  sequence(tagged(0x31, sequence(commonName, tagged(0x0c, Buffer.from(text)))));
const extension = (id: Buffer, value: Buffer): Buffer => sequence(id, tagged(0x04, value));
const generalName = (name: string): Buffer =>
  name.startsWith('ip:')
    ? tagged(0x87, Buffer.from(name.slice(3).split('.').map(Number)))
    : tagged(0x82, Buffer.from(name));
/** UTCTime up to 2049, GeneralizedTime from then on. */
const time = (at: number): Buffer =>
  at < Date.UTC(2050, 0)
    ? tagged(0x17, Buffer.from(stamp(at).slice(2)))
    : tagged(0x18, Buffer.from(stamp(at)));
const stamp = (at: number): string => `${new Date(at).toISOString().replace(/[-:T]|\.\d+Z/g, '')}Z`;
