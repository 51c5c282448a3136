import { expect, it } from 'vitest';
import { announce } from '../../../shared/notifications/announce.ts';
import type { AnnouncementKind } from '../../../shared/notifications/announcement.ts';
import type { Outgoing } from '../../../shared/notifications/kinds/kind.ts';
import { type LinkAction, verifyLink } from '../../../shared/notifications/links.ts';
import { sendDue } from '../../../shared/notifications/send.ts';
import type { SendWorld } from '../../../shared/notifications/world.ts';
import { announcementOf, channelOf, noon, openWorld } from './engine-world.ts';

const key = 'k'.repeat(32);
const pages = 'https://homeostat.example.com/api/v1/monitoring/act/';
const slack = channelOf('slack');
const weekMs = 7 * 86_400_000;

/** What a channel gets to link to, told one announcement of the kind. */
const linksOf = async (
  kind: AnnouncementKind,
  given: Partial<SendWorld> = {},
): Promise<Outgoing['links']> => {
  const world = await openWorld([slack]);
  const links: Outgoing['links'][] = [];
  const actor: SendWorld = {
    ...world.actor(),
    publicUrl: 'https://homeostat.example.com',
    linkKey: async () => key,
    deliver: async (_definition, outgoing) => {
      links.push(outgoing.links);
      return {};
    },
    ...given,
  };
  // An end is told only to those who know of the beginning.
  await announce(actor, [slack], announcementOf(1, kind === 'resolved' ? 'firing' : kind));
  if (kind === 'resolved') await announce(actor, [slack], announcementOf(2, 'resolved'));
  await sendDue(actor, slack.id, 'inc-1');
  const told = links.at(-1);
  if (!told) throw new Error('nothing was told');
  return told;
};

it.each<[AnnouncementKind, readonly LinkAction[]]>([
  ['firing', ['view', 'acknowledge', 'silence']],
  ['acknowledged', ['view', 'silence']],
  ['resolved', ['view']],
  ['test', []],
])('a %s links to pages that are there, signed for a week: %j', async (kind, actions) => {
  const { incident, acknowledge, silence, console } = await linksOf(kind);
  expect(console).toBe(actions.length === 0 ? undefined : 'https://homeostat.example.com/#/incidents/inc-1');
  const urls = [incident, acknowledge, silence].filter((url) => url !== undefined);
  expect(urls.map((url) => verifyLink([key], url.replace(pages, ''), noon))).toEqual(
    actions.map((action) => ({
      incidentId: 'inc-1',
      action,
      channelId: slack.id,
      expiresAt: noon + weekMs,
    })),
  );
});

it.each<[string, Partial<SendWorld>]>([
  ['without a public address', { publicUrl: '' }],
  [
    'while the key cannot be read',
    {
      linkKey: async () => {
        throw new Error('no such secret');
      },
    },
  ],
])('%s it is told all the same, without a link that leads nowhere', async (_, given) => {
  const { console, ...signed } = await linksOf('firing', given);
  expect(signed).toEqual({ incident: undefined, acknowledge: undefined, silence: undefined });
  // The console asks for a token, so that its link needs no key.
  expect(console).toBe(
    given.publicUrl === '' ? undefined : 'https://homeostat.example.com/#/incidents/inc-1',
  );
});

it('a plan that waits for people links to the page that shows it, for as long as it may be approved; its end to nothing', async () => {
  const world = await openWorld([slack]);
  const links: Outgoing['links'][] = [];
  const actor: SendWorld = {
    ...world.actor(),
    publicUrl: 'https://homeostat.example.com',
    linkKey: async () => key,
    deliver: async (_definition, outgoing) => {
      links.push(outgoing.links);
      return {};
    },
  };
  const incidentId = `plan:${'a'.repeat(64)}`;
  const plan = { hash: 'a'.repeat(64), approveBy: noon + 3_600_000 };
  await announce(actor, [slack], { ...announcementOf(1, 'approval'), incidentId, plan });
  await sendDue(actor, slack.id, incidentId);
  await announce(actor, [slack], { ...announcementOf(2, 'resolved'), incidentId, plan });
  await sendDue(actor, slack.id, incidentId);
  const [asked, ended] = links;
  expect(verifyLink([key], asked?.approve?.replace(pages, '') ?? '', noon)).toEqual({
    incidentId,
    action: 'approve',
    channelId: slack.id,
    expiresAt: noon + 3_600_000,
  });
  const console = `https://homeostat.example.com/#/remediations/${'a'.repeat(64)}`;
  const none = { incident: undefined, acknowledge: undefined, silence: undefined, console };
  expect([asked, ended]).toEqual([{ ...none, approve: expect.any(String) }, none]);
});
