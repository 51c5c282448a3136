import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallMade } from '../../../../shared/platform/aws/actions/calls.ts';
import { openActionPorts } from '../../../../shared/remediation/actions/open-ports.ts';

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly target: string;
  /** Of the session that signed it. */
  readonly token: string;
};
export type Answer = (asked: Asked, response: ServerResponse) => void;

/** A server that speaks as AWS does over the wire, as one test says; what it was asked stays to be looked at. */
export const startWire = async () => {
  const asked: Asked[] = [];
  let answer: Answer = (_asked, response) => response.destroy();
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        path: request.url ?? '',
        body: Buffer.concat(chunks).toString('utf8'),
        target: `${request.headers['x-amz-target'] ?? ''}`,
        token: `${request.headers['x-amz-security-token'] ?? ''}`,
      };
      asked.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    asked,
    answerWith: (next: Answer) => {
      asked.length = 0;
      answer = next;
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
};

export const respond = (response: ServerResponse, status: number, body: string, type = 'text/xml') =>
  response.writeHead(status, { 'content-type': type, 'x-amzn-requestid': 'req-1' }).end(body);

/** EC2's and the query protocol's error documents (EC2 API Reference, «Error codes»). */
export const ec2Error = (code: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><Response><Errors><Error><Code>${code}</Code><Message>It says no.</Message></Error></Errors><RequestID>req-1</RequestID></Response>`;
export const queryError = (code: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>It says no.</Message></Error><RequestId>req-1</RequestId></ErrorResponse>`;

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'a-secret-key-that-stays-here' };

export const portsAt = (
  endpoint: string,
  {
    signal = new AbortController().signal,
    isReading = false,
  }: { readonly signal?: AbortSignal; readonly isReading?: boolean } = {},
) => {
  process.env.AWS_ENDPOINT_URL = endpoint;
  const calls: CallMade[] = [];
  let now = 1_000;
  const clock = () => {
    now += 5;
    return now;
  };
  const onCall = (call: CallMade) => calls.push(call);
  const ports = openActionPorts({
    clock,
    signal,
    onCall,
    credentials,
    region: 'us-east-1',
    idempotencyToken: isReading ? undefined : 'f'.repeat(64),
  });
  return { ports, calls };
};
