import { connect, createServer, type Server } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { look } from './look.ts';

/** A port at 127.0.0.2 that answers no SYN: its queue is full, and whoever should accept sleeps. */
const openHangingPort = async () => {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const server = require('node:net').createServer();
     server.listen({ port: 0, host: '127.0.0.2', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
     });`,
    { eval: true },
  );
  const port = await new Promise<number>((done) => worker.once('message', done));
  const fillers = Array.from({ length: 4 }, () => connect({ host: '127.0.0.2', port }).on('error', () => {}));
  await new Promise((done) => fillers[0]?.once('connect', done));
  return {
    port,
    async close() {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
};

// Other systems have no 127.0.0.2 of their own, and fill queues differently.
test.skipIf(process.platform !== 'linux')(
  'an address that hangs leaves time for the next one, and its time is told',
  async () => {
    const hanging = await openHangingPort();
    const server: Server = createServer(
      (socket) =>
        void socket
          .resume()
          .on('error', () => {})
          .end('HTTP/1.1 204 No Content\r\n\r\n'),
    );
    await new Promise<void>((done) => server.listen(hanging.port, '127.0.0.1', done));
    const seen = await look(
      { target: `http://two.example.com:${hanging.port}/`, timeoutSeconds: 1 },
      { resolve: async () => ['127.0.0.2', '127.0.0.1'] },
    );
    expect(seen).toMatchObject({ status: 'healthy', statusCode: 204 });
    const { connect: connectMs = 0, total = 0 } = seen.phases;
    expect(connectMs).toBeGreaterThanOrEqual(450);
    expect(total).toBeGreaterThanOrEqual(connectMs - 1);
    await Promise.all([hanging.close(), new Promise((done) => server.close(done))]);
  },
);
