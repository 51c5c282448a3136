import { afterAll, expect, test } from 'vitest';
import { look } from './look.ts';
import { openTargets } from './servers.ts';

const targets = openTargets();
afterAll(() => targets.close());

// Each driver is loaded here for the first time in this process, which takes longer than these looks may.
test.each([
  { type: 'mysql', target: '', config: { username: 'monitor' } },
  { type: 'postgres', target: '', config: { username: 'monitor' } },
  { type: 'websocket', target: 'ws://', config: {} },
])(
  'the time to load what a $type check needs is not the target’s (fault 16)',
  async ({ type, target, config }) => {
    const port = await targets.tcp((socket) => void socket.on('error', () => {}).destroy());
    const seen = await look({ type, target: `${target}127.0.0.1:${port}`, config, timeoutSeconds: 0.04 });
    expect(seen.status).toBe('unhealthy');
    expect(seen.timedOut).toBeUndefined();
  },
);
