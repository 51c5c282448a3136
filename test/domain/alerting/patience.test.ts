import { describe, expect, it } from 'vitest';
import { withinPatience } from '../../../shared/alerting/patience.ts';

const refusal = { code: 'COLLECTION_ERROR', message: expect.stringContaining('Shorten the period') };

describe('a backtest that takes too long is refused, saying what to do', () => {
  it('while it waits', async () => {
    await expect(withinPatience(5, () => new Promise(() => undefined))).rejects.toMatchObject(refusal);
  });

  it('while it computes and lets no timer come in between', async () => {
    const busy = async (requireTime: () => void): Promise<never> => {
      for (;;) requireTime();
    };
    await expect(withinPatience(5, busy)).rejects.toMatchObject(refusal);
  });

  it('and one that is ready in time is answered', async () => {
    await expect(withinPatience(60_000, async () => 'done')).resolves.toBe('done');
  });
});
