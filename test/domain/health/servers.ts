import { readFileSync } from 'node:fs';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

/** Real targets on loopback, closed with all their connections. */
export const openTargets = () => {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return (server.address() as AddressInfo).port;
  };
  return {
    /** Any server that was made elsewhere. */
    serve: listen,
    http: (listener: RequestListener) => listen(createHttp(listener)),
    https: (listener: RequestListener) => listen(createHttps(certificate(), listener)),
    /** Raw bytes: what a hostile or broken server may say. */
    tcp: (onConnection: (socket: Socket) => void) => listen(createTcp(onConnection)),
    /** A port nobody listens on. */
    async closedPort(): Promise<number> {
      const server = createTcp();
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const { port } = server.address() as AddressInfo;
      await new Promise<void>((done) => server.close(() => done()));
      return port;
    },
    openSockets: () => sockets.size,
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise<void>((done) => server.close(() => done()))));
    },
  };
};

/** Self-signed for `localhost` and `named.test`, for these tests only. */
const certificate = () => ({
  key: readFileSync(join(import.meta.dirname, 'certificate/key.pem')),
  cert: readFileSync(join(import.meta.dirname, 'certificate/cert.pem')),
});
