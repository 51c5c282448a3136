import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { HttpAnswer } from '../http/response.ts';
import type { Encoding } from './policies.ts';

/** Of the types that CloudFront compresses, those that a console, a status page and an API have. */
const compressedTypes = new Set([
  'application/javascript',
  'application/json',
  'application/rss+xml',
  'application/wasm',
  'application/xml',
  'font/otf',
  'font/ttf',
  'image/svg+xml',
  'text/css',
  'text/csv',
  'text/html',
  'text/javascript',
  'text/plain',
  'text/xml',
]);
const compressedStatuses = new Set([200, 403, 404]);
const [leastBytes, mostBytes] = [1_000, 10_000_000];

const accepts = (acceptEncoding: string, encoding: Encoding): boolean =>
  acceptEncoding.split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((one) => one.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });

const isCompressible = ({ statusCode, headers, body }: HttpAnswer): boolean =>
  compressedStatuses.has(statusCode) &&
  headers['content-encoding'] === undefined &&
  compressedTypes.has(String(headers['content-type']).split(';')[0]?.trim().toLowerCase() ?? '') &&
  body.length >= leastBytes &&
  body.length <= mostBytes;

/** How the answer leaves: as it is when `encodings` is empty, or the client accepts none of them. */
export const encodingFor = (
  answer: HttpAnswer,
  encodings: readonly Encoding[],
  acceptEncoding: string,
): Encoding | 'identity' | undefined => {
  if (encodings.length === 0 || !isCompressible(answer)) return undefined;
  return encodings.find((encoding) => accepts(acceptEncoding, encoding)) ?? 'identity';
};

/** Names the encoding; the ETag becomes weak, for the bytes are no longer those it was made for. */
export const marked = (answer: HttpAnswer, encoding: Encoding | 'identity'): HttpAnswer => {
  const { etag, vary } = answer.headers;
  return {
    ...answer,
    headers: {
      ...answer.headers,
      vary: vary === undefined ? 'Accept-Encoding' : `${String(vary)}, Accept-Encoding`,
      ...(encoding !== 'identity' && {
        'content-encoding': encoding,
        ...(typeof etag === 'string' && { etag: etag.startsWith('W/') ? etag : `W/${etag}` }),
      }),
    },
  };
};

/** As fast as an edge compresses: Brotli's best takes a hundred times as long for a tenth less. */
const brotliQuality = 5;

const compress = (body: Uint8Array, encoding: Encoding): Uint8Array =>
  encoding === 'gzip'
    ? gzipSync(body)
    : brotliCompressSync(body, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
          [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
        },
      });

export type Compress = (body: Uint8Array, encoding: Encoding, etag: string | undefined) => Uint8Array;

/** A console has about thirty files; twice in use while a new one is put in place of the old. */
const keptBodies = 200;

/** Remembers by ETag what was compressed, for files are asked for again and again; without one nothing is kept. */
export const createCompressor = (): Compress => {
  const kept = new Map<string, Uint8Array>();
  return (body, encoding, etag) => {
    if (etag === undefined) return compress(body, encoding);
    const key = `${encoding} ${etag}`;
    const known = kept.get(key);
    if (known) return known;
    const made = compress(body, encoding);
    if (kept.size >= keptBodies) kept.clear();
    kept.set(key, made);
    return made;
  };
};
