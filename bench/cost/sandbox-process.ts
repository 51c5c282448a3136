/** A Lambda sandbox: loads the bundle it is given and answers each event with how long its handler took. */
import { pathToFileURL } from 'node:url';

type Asked = { readonly event: unknown };

const startedAt = performance.now();
const { handler } = (await import(pathToFileURL(process.argv[2] ?? '').href)) as {
  handler: (event: unknown, context: object) => Promise<unknown>;
};
process.send?.({ ready: true, initMs: performance.now() - startedAt });
process.on('message', async ({ event }: Asked) => {
  const from = performance.now();
  const cpuFrom = process.cpuUsage();
  const answer = await handler(event, { awsRequestId: 'bench' });
  const { user, system } = process.cpuUsage(cpuFrom);
  process.send?.({ ms: performance.now() - from, cpuMs: (user + system) / 1000, answer });
});
