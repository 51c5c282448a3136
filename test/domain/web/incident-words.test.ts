import { describe, expect, it } from 'vitest';
import {
  checkIdOf,
  deliveryWords,
  entryWords,
  lastedSeconds,
  messageWord,
  oddities,
  principalWords,
  remediationPrefixOf,
  statusWords,
  webLink,
  withWritten,
} from '../../../web/pages/incidents/words.ts';

const sent = { no: 1, kind: 'firing', at: '2026-11-22T12:00:00.000Z' };

describe('An incident in words', () => {
  it.each([
    ['admin', 'admin'],
    ['token:ops', 'token ops'],
    ['link:slack', 'the link in slack'],
  ])('the principal %s is «%s»', (principal, words) => {
    expect(principalWords(principal)).toBe(words);
  });

  it.each([
    ['open', null, 'open', 'bad'],
    ['acknowledged', 'token:ada', 'acknowledged by token ada', 'calm'],
    ['acknowledged', null, 'acknowledged', 'calm'],
    ['resolved', 'admin', 'resolved', 'good'],
  ] as const)('one that is %s by %s reads «%s»', (status, acknowledgedBy, word, tone) => {
    expect(statusWords({ status, acknowledgedBy })).toEqual({ word, tone });
  });

  it('lasts until now while it goes on, and as long as the API says once it is over', () => {
    const now = Date.parse('2026-11-22T12:10:00Z');
    expect(lastedSeconds({ openedAt: '2026-11-22T12:00:00Z', duration: null }, now)).toBe(600);
    expect(lastedSeconds({ openedAt: '2026-11-22T12:00:00Z', duration: 42 }, now)).toBe(42);
  });

  it('never lasts less than nothing, however wrong the clock here is', () => {
    const now = Date.parse('2026-11-22T11:59:00Z');
    expect(lastedSeconds({ openedAt: '2026-11-22T12:00:00Z', duration: null }, now)).toBe(0);
  });

  it('says what is unusual as sentences, and nothing where nothing is', () => {
    expect(oddities({ isFlapping: false, reopenings: 0, escalationStep: 0 })).toEqual([]);
    expect(oddities({ isFlapping: true, reopenings: 2, escalationStep: 1 })).toEqual([
      'It goes back and forth: channels are told once it stands still.',
      'It was opened again twice: it had been resolved, and came back within 10 minutes.',
      'It was escalated once.',
    ]);
  });

  it.each([
    [{ isUndelivered: true, failingSince: sent.at, unsent: [sent], sent: [] }, 'not delivered'],
    [{ isUndelivered: false, failingSince: sent.at, unsent: [sent], sent: [sent] }, 'failing, tried again'],
    [{ isUndelivered: false, failingSince: null, unsent: [sent], sent: [sent] }, 'on its way'],
    [{ isUndelivered: false, failingSince: null, unsent: [], sent: [sent] }, 'delivered'],
    [{ isUndelivered: false, failingSince: null, unsent: [], sent: [] }, 'nothing to tell'],
  ])('a channel with %j is «%s»', (told, word) => {
    expect(deliveryWords(told).word).toBe(word);
  });

  it('a kind of message that is not known keeps its own name', () => {
    expect(messageWord('firing')).toBe('that it fires');
    expect(messageWord('constructor')).toBe('constructor');
  });

  it('each kind of entry has a shape and a word of its own: no colour stands alone', () => {
    const words = Object.values(entryWords);
    expect(new Set(words.map(({ word }) => word)).size).toBe(words.length);
    expect(new Set(words.map(({ shape }) => shape)).size).toBe(words.length);
  });

  it.each([
    ['https://wiki.example.com/runbook?a=1', 'https://wiki.example.com/runbook?a=1'],
    ['http://wiki.example.com', 'http://wiki.example.com/'],
    ['javascript:alert(1)', undefined],
    [' java\nscript:alert(1)', undefined],
    ['data:text/html,<script>1</script>', undefined],
    ['//wiki.example.com/runbook', undefined],
    ['see the wiki', undefined],
    [null, undefined],
  ])('the runbook %j becomes the link %j', (url, link) => {
    expect(webLink(url)).toBe(link);
  });

  it('knows the check that an alert is about, and that a finding is none', () => {
    expect(checkIdOf({ key: 'check:0a1b' })).toBe('0a1b');
    expect(checkIdOf({ key: 'finding:0a1b' })).toBeUndefined();
  });

  it('what was written just now stands at the end of the timeline until the API tells it, and never twice', () => {
    const entryOf = (id: string, kind: 'commented' | 'published', text: string) => ({
      id,
      at: sent.at,
      kind,
      text,
      by: 'admin',
      channels: [],
      alertId: null,
    });
    const first = entryOf('1', 'commented', 'Looking.');
    const mine = [entryOf('mine', 'commented', 'Looking.'), entryOf('mine too', 'published', 'Looking.')];
    expect(withWritten([], mine).map(({ id }) => id)).toEqual(['mine', 'mine too']);
    expect(withWritten([first], mine).map(({ id }) => id)).toEqual(['1', 'mine too']);
    expect(withWritten([first, entryOf('2', 'published', 'Looking.')], mine).map(({ id }) => id)).toEqual([
      '1',
      '2',
    ]);
  });

  it('knows the beginning of the remediation that an entry tells of', () => {
    expect(remediationPrefixOf({ kind: 'remediation', id: 'remedy-0123456789ab-03-ffffffffffff' })).toBe(
      '0123456789ab',
    );
    expect(remediationPrefixOf({ kind: 'commented', id: 'remedy-0123456789ab-03-ff' })).toBeUndefined();
    expect(remediationPrefixOf({ kind: 'remediation', id: 'else' })).toBeUndefined();
  });
});
