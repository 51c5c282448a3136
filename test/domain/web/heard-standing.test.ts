import { describe, expect, it } from 'vitest';
import { asHeard } from '../../../web/client/hooks.ts';

const check = (lastChecked: string | null, createdAt = '2026-11-01T00:00:00.000Z') => ({
  id: 'shop/checkout',
  status: 'unknown' as const,
  lastChecked,
  responseTime: null,
  reason: null,
  statusSince: null,
  createdAt,
});
const heard = {
  id: 'shop/checkout',
  status: 'healthy' as const,
  lastChecked: '2026-11-02T12:00:00.000Z',
  responseTime: 40,
  reason: null,
  statusSince: null,
};

describe('A check that is shown', () => {
  it('stands as was heard last, unless it was read later', () => {
    expect(asHeard(check(null), heard).status).toBe('healthy');
    expect(asHeard(check('2026-11-02T11:59:00.000Z'), heard).status).toBe('healthy');
    expect(asHeard(check('2026-11-02T12:01:00.000Z'), heard).status).toBe('unknown');
    expect(asHeard(check(null), undefined).status).toBe('unknown');
  });

  it('removed and made again does not stand as the one before it, which was heard of', () => {
    expect(asHeard(check(null, '2026-11-02T12:30:00.000Z'), heard)).toMatchObject({
      status: 'unknown',
      lastChecked: null,
    });
  });
});
