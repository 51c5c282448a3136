import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

/** What a name server says: records by their wire form, an error of its own, or nothing at all. */
export type Said =
  | { readonly records: readonly Buffer[]; readonly type?: number }
  | { readonly code: 'SERVFAIL' | 'NXDOMAIN' | 'REFUSED' }
  | { readonly bytes: Buffer }
  | 'silence';

const codes = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;
export const typeNumbers = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  CAA: 257,
} as const;

/** A name server on loopback over UDP. */
export const openNameServer = async (
  answer: (name: string, type: keyof typeof typeNumbers) => Said,
): Promise<{ address: string; port: number; asked: string[]; close(): void }> => {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (question, from) => {
    let end = 12;
    const labels: string[] = [];
    while (question[end]) {
      const size = question[end] ?? 0;
      labels.push(question.toString('latin1', end + 1, end + 1 + size));
      end += size + 1;
    }
    const number = question.readUInt16BE(end + 1);
    const [type] = Object.entries(typeNumbers).find(([, one]) => one === number) ?? [];
    const name = labels.join('.');
    asked.push(`${name} ${type}`);
    const said = answer(name, type as keyof typeof typeNumbers);
    if (said === 'silence') return;
    if ('bytes' in said) return socket.send(said.bytes, from.port, from.address);
    const records = 'records' in said ? said.records : [];
    const head = Buffer.from(question.subarray(0, 12));
    head.writeUInt16BE(0x8180 | ('code' in said ? codes[said.code] : 0), 2);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt16BE(0, 8);
    head.writeUInt16BE(0, 10);
    const body = records.map((data) => {
      const fields = Buffer.alloc(12);
      fields.writeUInt16BE(0xc00c, 0);
      fields.writeUInt16BE(number, 2);
      fields.writeUInt16BE(1, 4);
      fields.writeUInt32BE(60, 6);
      fields.writeUInt16BE(data.length, 10);
      return Buffer.concat([fields, data]);
    });
    socket.send(Buffer.concat([head, question.subarray(12, end + 5), ...body]), from.port, from.address);
  });
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  const { port } = socket.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, port, asked, close: () => socket.close() };
};

/** Record data, as RFC 1035 and its successors lay it out. */
export const wire = {
  address: (text: string): Buffer => Buffer.from(text.split('.').map(Number)),
  name: (text: string): Buffer => Buffer.concat([...text.split('.').map(counted), Buffer.from([0])]),
  text: (...pieces: readonly string[]): Buffer => Buffer.concat(pieces.map(counted)),
  mx: (priority: number, host: string): Buffer => Buffer.concat([short(priority), wire.name(host)]),
  srv: (priority: number, weight: number, port: number, host: string): Buffer =>
    Buffer.concat([short(priority), short(weight), short(port), wire.name(host)]),
  caa: (flags: number, tag: string, value: string): Buffer =>
    Buffer.concat([Buffer.from([flags]), counted(tag), Buffer.from(value)]),
  soa: (server: string, hostmaster: string, numbers: readonly number[]): Buffer =>
    Buffer.concat([wire.name(server), wire.name(hostmaster), ...numbers.map(long)]),
};

const counted = (text: string): Buffer => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
const short = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
};
const long = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
