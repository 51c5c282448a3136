import { createHash } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { badgeOf, badgeSvg } from '../../../shared/status-pages/public/badge.ts';
import { feedOf } from '../../../shared/status-pages/public/feed.ts';
import {
  failedHtml,
  listHtml,
  missingHtml,
  monthHtml,
  pageHtml,
} from '../../../shared/status-pages/public/page-html.ts';
import type { PublicPage } from '../../../shared/status-pages/public/page-model.ts';
import { publicStates } from '../../../shared/status-pages/public/states.ts';
import { summaryOf } from '../../../shared/status-pages/public/summary.ts';
import { summarySchema } from '../../../shared/status-pages/public/summary-schema.ts';
import { json } from '../../../shared/status-pages/public/text.ts';
import { componentOf, incidentOf, minute, pageOf, readAt } from './sample-page.ts';

const publicUrl = 'https://homeostat.example.com';
const monthOf = ({ face, past }: PublicPage) => ({ face, month: '2026-10', incidents: past, readAt });
/** Everything that a page gives, by what it is. */
const outputsOf = async (page: PublicPage) => ({
  page: pageHtml(page, readAt, false).body,
  stale: pageHtml(page, readAt + 60 * minute, true).body,
  history: monthHtml(monthOf(page), false).body,
  list: listHtml([page.face, page.face]).body,
  feed: feedOf(page, publicUrl),
  badge: await badgeSvg(page.face.name, page.overall.state),
  summary: json(summaryOf(page, { publicUrl, now: readAt, isStale: false })),
});

/** Each of them would do something if it were taken for more than text, somewhere. */
const hostile = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(1)</script>',
  "' onmouseover='alert(1)",
  ']]></description><item>',
  '--></style></title><svg/onload=alert(1)>',
  '&lt;b&gt; &amp;amp; \u0000\u0008\u001b[31m\u202eabc\ud800 \uffff',
].join(' ');

const hostilePage = (): PublicPage => {
  const page = pageOf();
  return {
    ...page,
    face: {
      ...page.face,
      slug: 'shop',
      name: hostile,
      description: hostile,
      logoUrl: `https://evil.example/"onload="alert(1)`,
      homeUrl: `https://evil.example/?"><script>alert(1)</script>`,
      supportUrl: 'mailto:"onclick=alert(1)//@shop.example',
      accentColor: 'red}</style><script>alert(1)</script>',
    },
    groups: [{ name: hostile, description: hostile, components: [componentOf(hostile)] }],
    open: [
      incidentOf({
        title: `${hostile} is down`,
        components: [hostile, hostile],
        updates: [{ id: 'u1', at: readAt, text: hostile }],
      }),
    ],
    past: [incidentOf({ title: hostile, state: 'resolved', resolvedAt: readAt })],
    maintenance: [{ startsAt: readAt, isRunning: true, components: [hostile] }],
  };
};

describe('what a status page gives', () => {
  it('holds hostile names and texts as text everywhere: HTML, attributes, RSS, SVG and JSON (fault 28)', async () => {
    for (const [what, output] of Object.entries(await outputsOf(hostilePage()))) {
      expect(output, what).not.toMatch(/<img src=x|<script|<svg\/|<item>\s*<\/?description/);
      expect(output, what).not.toMatch(/\]\]>/);
      if (what !== 'summary') expect(output, what).not.toMatch(/'\s*onmouseover/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is asked
      expect(output, what).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202e\ufffe\uffff]/);
      expect(output.isWellFormed(), what).toBe(true);
    }
    const { page } = await outputsOf(hostilePage());
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    // Every attribute is closed by the quote that opened it: no tag has a handler.
    for (const [tag] of page.matchAll(/<[a-z][^>]*>/g)) {
      expect(tag.replaceAll(/"[^"]*"/g, '')).not.toMatch(/\son[a-z]+\s*=|["']/);
    }
    expect(page).not.toContain('red}');
  });

  it('allows its one style by its hash, no script, and of images only those of the logo', () => {
    const styleHash = (body: string): string =>
      createHash('sha256')
        .update(body.slice(body.indexOf('<style>') + 7, body.indexOf('</style>')))
        .digest('base64');
    const bare = pageHtml(pageOf(), readAt, false);
    const policyOf = (logoUrl: string) =>
      pageHtml({ ...pageOf(), face: { ...pageOf().face, logoUrl } }, readAt, false).contentSecurityPolicy;
    expect(bare.contentSecurityPolicy).toBe(
      `default-src 'none'; style-src 'sha256-${styleHash(bare.body)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(policyOf('https://cdn.example/logo.png?a;script-src')).toContain('img-src https://cdn.example;');
    expect(policyOf('data:image/png;base64,AAAA')).toContain('img-src data:;');
    // A host may hold signs that begin another directive, or another policy.
    for (const wrong of ['https://cdn.example;sandbox/a.png', 'https://cdn.example,sandbox/a.png']) {
      expect(policyOf(wrong)).not.toContain('sandbox');
    }
    for (const wrong of [
      'javascript:alert(1)',
      'data:text/html;base64,AAAA',
      'http://cdn.example/a.png',
      'x',
    ]) {
      expect(policyOf(wrong)).not.toContain('img-src');
    }
    for (const { body, contentSecurityPolicy } of [missingHtml(), failedHtml(), listHtml([])]) {
      expect(contentSecurityPolicy).toContain(`'sha256-${styleHash(body)}'`);
    }
    expect(bare.body).toContain('--accent:#7c3aed');
  });

  it('loads nothing but the logo, and names no other address than its own links', () => {
    const { body } = pageHtml(pageOf(), readAt, false);
    expect(body).not.toMatch(/<script|<iframe|<link rel="stylesheet"|\sstyle=|url\(|@import|\son[a-z]+=/);
    const addresses = [...body.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, address]) => address);
    expect(addresses.filter((address) => !/^(\/status\/shop|#main)/.test(address ?? ''))).toEqual([
      'https://shop.example/',
      'mailto:help@shop.example',
    ]);
  });

  it('tells each state by a word and a shape of its own, and times in the zone of the page, named', () => {
    const { body } = pageHtml(pageOf(), readAt, false);
    for (const word of ['Operational', 'Degraded', 'Down', 'Under maintenance', 'Unknown']) {
      expect(body).toMatch(new RegExp(`<svg class="mark"[^>]*>.{20,}</svg> ${word}<`));
    }
    expect(new Set(body.match(/<svg class="mark".*?<\/svg>/g)).size).toBe(5);
    expect(body).toContain('<time datetime="2026-11-02T11:20:00.000Z">2 Nov 2026, 12:20 CET</time>');
    expect(body).toContain('Europe/Berlin');
    expect(body).toMatch(/role="img" aria-label="90 days: 99\.12 % uptime, 3 days with downtime"/);
    expect(body).toContain('<i class="d" title="25 Oct 2026: 4 h 48 min of downtime"></i>');
    expect(body.match(/<i[ >]/g)).toHaveLength(5 * 90);
  });

  it('that cannot be read anew says as of when it is, and after five minutes that nobody knows how it stands', () => {
    const page = pageOf();
    const soon = pageHtml(page, readAt + 2 * minute, true).body;
    expect(soon).toContain('What stands here is as of <time datetime="2026-11-02T12:00:00.000Z">');
    expect(soon).toContain('Some systems are down');
    expect(pageHtml(page, readAt + 6 * minute, true).body).toContain('Unknown: we cannot see at the moment');
  });

  it('as RSS has an item for each update, each with an id that is no address, newest first, and the same each time', () => {
    const feed = feedOf(pageOf(), publicUrl);
    expect(feed).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<rss version="2\.0"/);
    expect(feed).toContain(
      '<atom:link href="https://homeostat.example.com/status/shop/feed.xml" rel="self" type="application/rss+xml"/>',
    );
    expect([...feed.matchAll(/<guid isPermaLink="false">(.*?)<\/guid>/g)].map(([, id]) => id)).toEqual([
      'u3',
      'u2',
      'u1',
      'p2',
      'p1',
    ]);
    expect([...feed.matchAll(/<pubDate>(.*?)<\/pubDate>/g)].map(([, at]) => at)[0]).toBe(
      'Mon, 02 Nov 2026 11:50:00 GMT',
    );
    expect(feed).toContain('<title>Checkout is down: Identified</title>');
    expect(feed).toContain('/status/shop/history?month=2026-10#i-fedcba9876543210</link>');
    expect(feedOf(pageOf({ readAt: readAt + 30 * minute }), publicUrl)).toBe(feed);
  });

  it('as JSON is what its schema in the description of the API says', () => {
    const summary = summaryOf(pageOf(), { publicUrl, now: readAt, isStale: false });
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
      z.toJSONSchema(summarySchema),
    );
    expect(validate(summary), JSON.stringify(validate.errors)).toBe(true);
    expect(summary.page).toEqual({
      slug: 'shop',
      name: 'Shop status',
      url: 'https://homeostat.example.com/status/shop',
      timeZone: 'Europe/Berlin',
      updatedAt: '2026-11-02T12:00:00.000Z',
      isStale: false,
    });
    expect(summary.components[1]).toEqual({
      name: 'Search',
      group: 'Shop',
      status: 'degraded',
      uptimePercent90d: 99.9876,
      coveragePercent90d: 62.5,
    });
    expect(summary.maintenance.map(({ status, endsAt }) => [status, endsAt])).toEqual([
      ['running', '2026-11-02T13:00:00.000Z'],
      ['scheduled', null],
    ]);
  });

  it.each(publicStates)('as a badge says «%s» in one word, and unknown is never green', (state) => {
    const { label, message, color } = badgeOf('Shop status', state);
    expect([label, message]).toEqual(['Shop status', state]);
    expect(color === 'brightgreen').toBe(state === 'operational');
  });

  it('of many pages is a list, of none a sentence', () => {
    expect(listHtml([]).body).toContain('No status page is published here.');
    expect(listHtml([pageOf().face, { slug: 'b', name: 'B' }]).body).toContain('<a href="/status/b">B</a>');
  });
});
