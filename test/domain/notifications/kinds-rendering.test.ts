import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { ascii, cut, html, oneLine, slackText, webAddress } from '../../../shared/notifications/escape.ts';
import { render, spanText } from '../../../shared/notifications/render.ts';
import { htmlDocument } from '../../../shared/notifications/render-html.ts';
import { wholeText } from '../../../shared/notifications/render-text.ts';
import {
  alert,
  announcement,
  anyAnnouncement,
  hostile,
  noon,
  outgoing,
  resolvedAnnouncement,
} from './announcements.ts';

describe('what is told', () => {
  it('says what fires, since when, why, and what to do about it', () => {
    expect(wholeText(render(outgoing()))).toBe(
      [
        '[Firing, critical] home page is down',
        '',
        'Deployment: web-shop',
        'Alerts: 1 firing',
        'Since: 2026-01-31 12:00:00 UTC',
        '',
        '- Service Down: home page (critical, firing)',
        '  answered 503, expected 200-299',
        '  value 503, since 2026-01-31 12:00:00 UTC',
        '  Runbook: https://wiki.example.com/home-page',
        '',
        'Open incident: https://homeostat.example.com/#/incidents/inc-1',
        'Acknowledge: https://homeostat.example.com/api/v1/monitoring/act/ack.token',
        'Silence: https://homeostat.example.com/api/v1/monitoring/act/silence.token',
      ].join('\n'),
    );
  });

  it.each([
    ['while it fires', {}],
    ['once it is over', { announcement: resolvedAnnouncement() }],
  ])('leads to the console, after what can be done: %s', (_, given) => {
    const url = 'https://homeostat.example.com/#/incidents/inc-1';
    const told = render(outgoing({ ...given, links: { ...outgoing().links, console: url } }));
    expect(told.links.at(-1)).toEqual({ action: 'console', label: 'Open in the console', url });
    expect(wholeText(told)).toContain(`Open in the console: ${url}`);
    expect(htmlDocument(told, 'critical', false)).toContain(`<a href="${url}">Open in the console</a>`);
  });

  it('says how long it was down once it is over, and then offers nothing to take on', () => {
    const told = resolvedAnnouncement({ by: 'token:ops' });
    expect(wholeText(render(outgoing({ announcement: told })))).toBe(
      [
        '[Resolved, critical] home page is down',
        '',
        'Deployment: web-shop',
        'Alerts: 1 resolved',
        'Since: 2026-01-31 12:00:00 UTC',
        'Resolved: 2026-01-31 12:12:30 UTC',
        'Downtime: 12 min 30 s',
        'Resolved by: token:ops',
        '',
        '- Service Down: home page (critical, resolved)',
        '  answered 503, expected 200-299',
        '  value 503, resolved at 2026-01-31 12:12:30 UTC',
        '  Runbook: https://wiki.example.com/home-page',
        '',
        'Open incident: https://homeostat.example.com/#/incidents/inc-1',
      ].join('\n'),
    );
  });

  it('counts the alerts that it does not list', () => {
    const told = announcement({ firing: 190, resolved: 10, alerts: [alert(), alert()] });
    const rendered = render(outgoing({ announcement: told }));
    expect(rendered.facts).toContainEqual(['Alerts', '190 firing, 10 resolved']);
    expect(rendered.more).toBe('and 198 more');
  });

  it('is the lines alone in a digest', () => {
    const told = announcement({ kind: 'digest', alerts: [], firing: 0, lines: ['disk 81 %', 'a\nb'] });
    expect(wholeText(render(outgoing({ announcement: told, links: noLinks })))).toBe(
      '[Digest, critical] home page is down\n\ndisk 81 %\na b',
    );
  });

  it.each([
    [0, '0 s'],
    [999, '1 s'],
    [59_000, '59 s'],
    [60_000, '1 min'],
    [750_000, '12 min 30 s'],
    [3_600_000, '1 h'],
    [3_661_000, '1 h 1 min'],
    [90_061_000, '1 d 1 h'],
  ])('tells %i ms as %s', (milliseconds, text) => {
    expect(spanText(milliseconds)).toBe(text);
  });
});

const noLinks = { incident: undefined, acknowledge: undefined, silence: undefined };

describe('a template', () => {
  const told = announcement({
    alerts: [alert(), alert({ labels: { team: 'pay', zone: 'eu' } }), alert({ labels: { team: 'shop' } })],
  });
  const titled = (title: string) => render(outgoing({ announcement: told, config: { title } })).title;

  test.each([
    ['{{title}}', 'home page is down'],
    ['{{ severity }}/{{deployment}}/{{status}}', 'critical/web-shop/Firing'],
    ['{{reason}} {{runbookUrl}}', 'answered 503, expected 200-299 https://wiki.example.com/home-page'],
    ['{{labels.team}} {{labels.zone}}', 'shop, pay eu'],
    ['[{{labels.nothing}}{{downtime}}]', '[]'],
    ['{{labels.__proto__}}{{labels.constructor}}', ''],
  ])('%s becomes %s', (template, text) => {
    expect(titled(template)).toBe(text);
  });

  it('is filled once: what a value holds is text', () => {
    const inner = announcement({ title: '{{deployment}} {{labels.team}}' });
    expect(render(outgoing({ announcement: inner, config: { title: '<{{title}}>' } })).title).toBe(
      '<{{deployment}} {{labels.team}}>',
    );
  });

  it('escapes each value for where it goes, and leaves what its author wrote', () => {
    const inner = announcement({ title: '<!channel>' });
    const rendered = render(
      outgoing({ announcement: inner, config: { title: '<!subteam^S1> {{title}}' } }),
      slackText,
    );
    expect(rendered.title).toBe('<!subteam^S1> &lt;!channel&gt;');
  });

  it('replaces facts and alerts, unless nothing is left of it', () => {
    const own = (text: string) => wholeText(render(outgoing({ config: { text }, links: noLinks })));
    expect(own('one\n{{reason}}')).toBe(
      '[Firing, critical] home page is down\n\none\nanswered 503, expected 200-299',
    );
    expect(own('{{by}}')).toContain('- Service Down: home page');
  });
});

describe('names and reasons are text everywhere (fault 28)', () => {
  test.each([
    ['<!channel>', '&lt;!channel&gt;'],
    ['<@U1> & <https://a|b>', '&lt;@U1&gt; &amp; &lt;https://a|b&gt;'],
    ['@here @CHANNEL @everyone', '@\u2060here @\u2060CHANNEL @\u2060everyone'],
    ['a@hereford.example', 'a@hereford.example'],
  ])('for Slack %s is %s', (text, escaped) => {
    expect(slackText(text)).toBe(escaped);
  });

  test.each([
    ['<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
    ['" onclick="x', '&quot; onclick=&quot;x'],
    ["it's & so on", 'it&#39;s &amp; so on'],
  ])('in HTML %s is %s', (text, escaped) => {
    expect(html(text)).toBe(escaped);
  });

  test.each([
    ['a\r\nBcc: b', 'a Bcc: b'],
    ['\u0000a\u001b[31mb\u2028c\u202ed', 'a [31mb c d'],
    ['\ud800x', 'x'],
    ['😀 é', '😀 é'],
  ])('on one line %j is %j', (text, line) => {
    expect(oneLine(text)).toBe(line);
  });

  test.each([
    ['Größe – «1»…', "Gro?e - '1'..."],
    ['日本 é', '?? e'],
    ['a😀b', 'a?b'],
  ])('in ASCII %s is %s', (text, written) => {
    expect(ascii(text)).toBe(written);
  });

  test.each([
    ['javascript:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['not a url', undefined],
    ['https://a.example/b c', 'https://a.example/b%20c'],
  ])('a link to %s leads to %s', (text, address) => {
    expect(webAddress(text)).toBe(address);
  });

  it('cuts no character and no entity in half', () => {
    expect(cut('ab😀cd', 4)).toBe('ab…');
    expect(cut('ab&lt;cd', 5)).toBe('ab…');
    expect(cut('ab&lt;cd', 7)).toBe('ab&lt;…');
    expect(cut('abc', 3)).toBe('abc');
  });

  test.each(hostile)('%j makes no element of the HTML', (name) => {
    const told = announcement({
      title: name,
      by: name,
      deploymentId: name,
      lines: [name],
      alerts: [alert({ ruleName: name, subject: name, reason: name, runbookUrl: 'javascript:alert(1)' })],
    });
    const document = htmlDocument(render(outgoing({ announcement: told }), html), 'critical', false);
    const elements = [...document.matchAll(/<\/?([a-z!][a-z0-9]*)[^>]*>/gi)].map(([, tag]) =>
      tag?.toLowerCase(),
    );
    const ours = [
      '!doctype',
      'html',
      'head',
      'meta',
      'body',
      'h2',
      'table',
      'tr',
      'td',
      'b',
      'ul',
      'li',
      'br',
      'small',
      'p',
      'a',
    ];
    expect(elements.filter((tag) => !ours.includes(tag ?? ''))).toEqual([]);
    expect(document).not.toMatch(/javascript:|<[^>]+\son\w+=/i);
  });

  it('puts every text on one line, whatever is told', () => {
    fc.assert(
      fc.property(anyAnnouncement, (told) => {
        const rendered = render(outgoing({ announcement: told }));
        const texts = [
          rendered.heading,
          ...rendered.facts.flat(),
          ...rendered.alerts.flatMap(({ name, reason, when }) => [name, reason, when]),
          ...rendered.lines,
        ];
        expect(texts.filter((text) => /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e]/u.test(text))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('tells the same announcement in the same words each time', () => {
    const told = announcement({ at: noon });
    const early = render(outgoing({ announcement: told, now: noon }));
    expect(render(outgoing({ announcement: told, now: noon + 7_200_000 }))).toEqual(early);
  });
});
