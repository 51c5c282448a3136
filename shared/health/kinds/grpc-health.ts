/*
 * The two messages of grpc.health.v1 (https://github.com/grpc/grpc-proto/blob/master/grpc/health/v1/health.proto),
 * each with one field, inside the length-prefixed frames of gRPC over HTTP/2:
 *   message HealthCheckRequest { string service = 1; }
 *   message HealthCheckResponse { ServingStatus status = 1; }
 */

export const checkPath = '/grpc.health.v1.Health/Check';

export const servingStatuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
export type ServingStatus = (typeof servingStatuses)[number];

/** The names of the codes of `grpc-status`, by number. */
const codeNames = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

export const codeName = (code: string): string => codeNames[Number(code)] ?? `code ${code}`;

const prefixBytes = 5;
/** Field 1, length-delimited: (1 << 3) | 2. Names are at most 200 characters, so two bytes hold their length. */
const serviceTag = 0x0a;

export const requestFrame = (service: string): Buffer => {
  const name = Buffer.from(service);
  const message =
    name.length === 0 ? name : Buffer.concat([Buffer.from([serviceTag, ...varint(name.length)]), name]);
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
};

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];

/** The status in an answer's frame; undefined when the bytes are no such message. */
export const statusIn = (frame: Buffer): ServingStatus | undefined => {
  if (frame.length < prefixBytes || frame[0] !== 0 || frame.length !== prefixBytes + frame.readUInt32BE(1)) {
    return undefined;
  }
  let status = 0;
  for (let at = prefixBytes; at < frame.length; ) {
    const tag = readVarint(frame, at);
    if (!tag) return undefined;
    const value = tag.value === 0x08 ? readVarint(frame, tag.next) : undefined;
    const next = value?.next ?? skipped(frame, tag.value & 7, tag.next);
    if (next === undefined || next > frame.length) return undefined;
    status = value?.value ?? status;
    at = next;
  }
  return servingStatuses[status];
};

/** Fields that later versions may add are passed over. */
const skipped = (frame: Buffer, wireType: number, at: number): number | undefined => {
  if (wireType === 0) return readVarint(frame, at)?.next;
  if (wireType === 1) return at + 8;
  if (wireType === 5) return at + 4;
  const length = wireType === 2 ? readVarint(frame, at) : undefined;
  return length && length.next + length.value;
};

/** Up to five bytes: what we read needs no more. */
const readVarint = (frame: Buffer, from: number): { value: number; next: number } | undefined => {
  let value = 0;
  for (let step = 0; step < 5; step++) {
    const byte = frame[from + step];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * step);
    if (byte < 0x80) return { value, next: from + step + 1 };
  }
  return undefined;
};
