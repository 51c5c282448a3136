import { expect, test } from 'vitest';
import { backoffSeconds } from '../../../shared/remediation/backoff.ts';
import { writerNamed } from '../../../shared/remediation/name-writer.ts';
import { restart } from './plans.ts';

test.each([
  { attempt: 1, exponential: 30, constant: 30 },
  { attempt: 2, exponential: 60, constant: 30 },
  { attempt: 3, exponential: 120, constant: 30 },
  { attempt: 5, exponential: 480, constant: 30 },
  { attempt: 6, exponential: 600, constant: 30 },
  { attempt: 1000, exponential: 600, constant: 30 },
])(
  'after attempt $attempt the next waits $exponential s, or $constant s',
  ({ attempt, exponential, constant }) => {
    expect(backoffSeconds('exponential', attempt)).toBe(exponential);
    expect(backoffSeconds('constant', attempt)).toBe(constant);
  },
);

const written = (identity: string) => async () => ({ identity, eventName: 'StopInstances', at: 0 });

test('who writes a resource is named, but never our own actions, whose sessions have the name of a plan', async () => {
  const { resource } = restart();
  const bob = 'arn:aws:iam::123456789012:user/bob';
  expect(await writerNamed(written(bob))(resource)).toBe(`${bob} (StopInstances)`);
  const role = 'arn:aws:sts::123456789012:assumed-role';
  expect(await writerNamed(written(`${role}/Homeostat-Action/0123456789ab`))(resource)).toBeUndefined();
  expect(await writerNamed(written(`${role}/Deployer/bob`))(resource)).toContain('Deployer/bob');
  expect(await writerNamed(async () => undefined)(resource)).toBeUndefined();
});
