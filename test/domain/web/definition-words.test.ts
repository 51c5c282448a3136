import { describe, expect, it } from 'vitest';
import { windowText } from '../../../web/pages/maintenance/words.ts';
import { sectionsText, selectorText } from '../../../web/pages/policies/words.ts';
import { hiddenText, statusPageBodyOf } from '../../../web/pages/status-pages/words.ts';

describe('Definitions in words', () => {
  it.each([
    [{ deployments: [], environments: [], tags: {} }, 'every deployment'],
    [{ deployments: ['shop', 'api'], environments: [], tags: {} }, 'shop, api'],
    [
      { deployments: [], environments: ['production'], tags: { team: 'shop' } },
      'every deployment, in production, tagged team:shop',
    ],
  ])('a policy that selects %j speaks of %s', (selector, text) => {
    expect(selectorText({ selector })).toBe(text);
  });

  it.each([
    [{ health_remediation: {}, cost_optimization: {} }, 'Health, Cost'],
    [{}, 'nothing'],
  ])('a policy with %j may act on %s', (sections, text) => {
    expect(sectionsText(sections as never)).toBe(text);
  });

  it.each([
    [{ cron: '0 2 * * *', duration: 3600 }, '0 2 * * * for 1 h (UTC)'],
    [
      { weekdays: ['sat', 'sun'], from: '22:00', until: '04:00', timeZone: 'Europe/Berlin' },
      'sat, sun 22:00 to 04:00 (Europe/Berlin)',
    ],
  ])('the window %j is %s', (window, text) => {
    expect(windowText(window)).toBe(text);
  });

  it('what a status page names and nobody sees is told with its reason, and is no part of what is saved', () => {
    const page = {
      id: 'shop',
      slug: 'shop',
      name: 'Shop',
      timeZone: 'UTC',
      isPublished: true,
      groups: [
        {
          name: 'All',
          deploymentId: 'shop',
          shown: 1,
          hidden: [{ deploymentId: 'shop', name: 'db', why: 'not public' as const }],
        },
      ],
      managedBy: 'api' as const,
      revision: 1,
      createdAt: '',
      updatedAt: '',
    };
    expect(hiddenText(page)).toEqual(['shop / db is not public']);
    expect(statusPageBodyOf(page)).toEqual({
      slug: 'shop',
      name: 'Shop',
      timeZone: 'UTC',
      isPublished: true,
      groups: [{ name: 'All', deploymentId: 'shop' }],
    });
  });
});
