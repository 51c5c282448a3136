import type { Transform } from 'node:stream';
import { type Answer, keptBytes } from './answer.ts';
import { TargetFailed } from './outcome.ts';

/**
 * The body of an answer as text, decoded although we ask for no coding, up to `keptBytes`. Throws `TargetFailed` when it
 * is coded in a way we do not know or cannot be decoded.
 */
export const bodyText = async ({ headers, body }: Answer): Promise<string> => {
  if (!body || body.length === 0) return '';
  const coding = headers.get('content-encoding')?.trim().toLowerCase();
  const bytes = coding === undefined || coding === 'identity' ? body : await decoded(body, coding);
  return textIn(bytes, headers.get('content-type'));
};

/**
 * A few kilobytes may stand for gigabytes (fault 22): the decoder gives pieces, and is closed at the first one beyond
 * the limit. What was cut off at our own limit is decoded as far as it goes.
 */
const decoded = async (body: Buffer, coding: string): Promise<Buffer> => {
  const decoder = await decoderOf(coding, body);
  const pieces: Buffer[] = [];
  let got = 0;
  decoder.end(body);
  try {
    for await (const piece of decoder as AsyncIterable<Buffer>) {
      pieces.push(piece);
      got += piece.length;
      if (got >= keptBytes) break;
    }
  } catch (error) {
    throw new TargetFailed(`the answer's body is no sound ${coding}: ${(error as Error).message}`);
  }
  return Buffer.concat(pieces).subarray(0, keptBytes);
};

const decoderOf = async (coding: string, body: Buffer): Promise<Transform> => {
  const zlib = await import('node:zlib');
  const { constants } = zlib;
  const options = { chunkSize: 16 * 1024, finishFlush: constants.Z_SYNC_FLUSH };
  if (coding === 'gzip' || coding === 'x-gzip') return zlib.createGunzip(options);
  if (coding === 'deflate') {
    // Some servers send it without the header that RFC 9110 asks for.
    return ((body[0] ?? 0) & 0x0f) === 8 ? zlib.createInflate(options) : zlib.createInflateRaw(options);
  }
  if (coding === 'br') {
    return zlib.createBrotliDecompress({
      chunkSize: 16 * 1024,
      finishFlush: constants.BROTLI_OPERATION_FLUSH,
    });
  }
  throw new TargetFailed(
    `the answer's body is coded as ${coding.slice(0, 40)}: send it plain, or as gzip, deflate or br`,
  );
};

const textIn = (bytes: Buffer, contentType: string | undefined): string => {
  const charset = /;\s*charset="?([\w.:-]{1,40})/i
    .exec(contentType?.slice(0, 1000) ?? '')?.[1]
    ?.toLowerCase();
  try {
    return new TextDecoder(charset ?? 'utf-8').decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
};
