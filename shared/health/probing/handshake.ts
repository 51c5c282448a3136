import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect,
  DEFAULT_CIPHERS,
  type DetailedPeerCertificate,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';

/*
 * A TLS handshake without what a probe has no need of; together that is a third of its CPU. A probe must see the whole
 * handshake each time, so what is saved is never the handshake itself.
 */

const usualCipher = 'TLS_AES_128_GCM_SHA256';

/**
 * Nothing that Node accepts is left out. The curve that nearly every server takes comes first and alone: by default
 * OpenSSL makes a second, post-quantum key (ML-KEM) for each handshake, which protects what is sent for decades to come.
 */
export const contextOptions: SecureContextOptions = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ecdhCurve: 'X25519:P-256:P-384:P-521',
  ciphers: [usualCipher, ...DEFAULT_CIPHERS.split(':').filter((name) => name !== usualCipher)].join(':'),
};

/** `['http/1.1']` as it is sent, so that it is not written out for each handshake. */
export const http11 = Buffer.from('\x08http/1.1');

/**
 * Begins a handshake. Before it asks whether the certificate is for the host, Node describes the whole chain in
 * objects, with fingerprints and keys, which nobody reads. Here OpenSSL itself compares the names; where it finds no
 * match, Node's own check decides and gives the reason. Whoever accepts any certificate may want to read its chain, so
 * then all is left as it is.
 */
export const begun = (options: ConnectionOptions): TLSSocket => {
  if (options.rejectUnauthorized === false) return connect(options);
  const socket: TLSSocket = connect({
    ...options,
    checkServerIdentity: (host): Error | undefined => {
      const own = taken(socket);
      if (!own) return new Error('the server showed no certificate');
      const isMatch = isIP(host) ? own.checkIP(host) : own.checkHost(host, strictly);
      return isMatch === undefined ? checkServerIdentity(host, own.toLegacyObject()) : undefined;
    },
  });
  socket.getPeerCertificate = () => undescribed;
  return socket;
};

/** Node takes the server's certificate out of the chain when it is asked for it in this form, so all see this one from now on. */
const taken = (socket: TLSSocket): X509Certificate | undefined => {
  const own = socket.getPeerX509Certificate();
  if (!own) return undefined;
  socket.getPeerX509Certificate = () => own;
  socket.getPeerCertificate = () => own.toLegacyObject() as DetailedPeerCertificate;
  return own;
};

const undescribed = {} as DetailedPeerCertificate;

const strictly = { partialWildcards: false } as const;
