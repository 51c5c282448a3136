import { commandWorldOf, createSilence } from '../incidents/api.ts';
import {
  acknowledge,
  type Incident,
  readIncident,
  readMembersOf,
  wakeOpenIncidents,
  writtenMatcher,
} from '../incidents/index.ts';
import { type Link, loadChannel, openLinkKeys, verifyLink } from '../notifications/index.ts';
import { publishAfterWrite } from '../platform/api/publish.ts';
import type { ApiWorld } from '../platform/api/route.ts';
import { DomainError } from '../platform/errors.ts';
import { sha256 } from '../platform/ids.ts';
import { askedPlanPage, decideOnPlan, type PlanDecision } from './decide-plan.ts';
import { alertsShown, incidentShown, instantShown, personShown } from './incident-shown.ts';
import type { Page } from './page.ts';
import { matchersFor } from './silence-of.ts';

/** Keys that were read stay with the function, whatever request asked first. */
const linkKeys = new WeakMap<ApiWorld['linkKey'], () => Promise<readonly string[]>>();
const keysOf = ({ linkKey, clock }: Pick<ApiWorld, 'linkKey' | 'clock'>): Promise<readonly string[]> => {
  const keys = linkKeys.get(linkKey) ?? openLinkKeys(linkKey, clock);
  linkKeys.set(linkKey, keys);
  return keys();
};

const silences = [
  { label: '1 hour', duration: '1h', seconds: 3600 },
  { label: '4 hours', duration: '4h', seconds: 4 * 3600 },
  { label: '1 day', duration: '1d', seconds: 86_400 },
] as const;
export const durations = silences.map(({ duration }) => duration);

/** What a link allows, or the page that says why it does not any more. */
const linkIn = async (
  world: ApiWorld,
  token: string,
): Promise<{ readonly link: Link } | { readonly refusal: Page }> => {
  try {
    return { link: verifyLink(await keysOf(world), token, world.clock()) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const isExpired = error.code === 'FORBIDDEN';
    const title = isExpired ? 'This link has expired' : 'This link is not valid';
    return { refusal: { status: isExpired ? 410 : 403, title, text: [error.message] } };
  }
};

const follow = async (
  world: ApiWorld,
  link: Link,
): Promise<{ readonly incident: Incident } | { readonly refusal: Page }> => {
  const incident = await readIncident(world.state, link.incidentId);
  if (incident) return { incident };
  const text = ['The incident is not kept any more.'];
  return { refusal: { status: 410, title: 'There is nothing left to do here', text } };
};

/** The page that a link opens. It changes nothing: mail scanners and previews open links, too. */
export const askedPage = async (world: ApiWorld, token: string): Promise<Page> => {
  const allowed = await linkIn(world, token);
  if ('refusal' in allowed) return allowed.refusal;
  const { link } = allowed;
  if (link.action === 'approve') return askedPlanPage(world, link);
  const followed = await follow(world, link);
  if ('refusal' in followed) return followed.refusal;
  const { incident } = followed;
  const members = await readMembersOf(world.state, incident.id);
  const shown = { incident: { ...incidentShown(incident), ...alertsShown(members) } };
  if (incident.status === 'resolved')
    return { title: 'This incident is resolved', text: ['There is nothing left to do.'], ...shown };
  const matchers = matchersFor(incident, members).map(writtenMatcher).join(', ');
  const once = onceFor(world, matchers);
  const isAcknowledged = incident.status === 'acknowledged';
  if (link.action === 'acknowledge' && isAcknowledged)
    return { title: 'This incident is acknowledged already', text: acknowledgedText(incident), ...shown };
  const toAcknowledge = { once, buttons: [{ label: 'Acknowledge' }] };
  const toSilence = { once, asks: 'Silence for', buttons: silences };
  if (link.action === 'acknowledge') {
    return {
      title: 'Acknowledge this incident?',
      text: [acknowledging],
      ...shown,
      forms: [toAcknowledge],
    };
  }
  const silencing = `Nobody is told of alerts with ${matchers} until the silence ends. They are recorded all the same.`;
  if (link.action === 'silence')
    return { title: 'Silence this?', text: [silencing], ...shown, forms: [toSilence] };
  return {
    title: isAcknowledged ? 'This incident is acknowledged' : 'This incident is open',
    text: [...(isAcknowledged ? acknowledgedText(incident) : []), `Silencing it: ${silencing}`],
    ...shown,
    forms: isAcknowledged ? [toSilence] : [toAcknowledge, toSilence],
  };
};

const acknowledging =
  'Reminders and escalation stop until it is resolved, and the channels are told who has it.';

/** New for each page; its end says what the page would silence. */
const onceFor = (world: Pick<ApiWorld, 'newId'>, matchers: string): string =>
  `${sha256(world.newId()).slice(0, 12)}${markOf(matchers)}`;
const markOf = (matchers: string): string => sha256(matchers).slice(0, 12);

const acknowledgedText = ({ acknowledgedBy, acknowledgedAt }: Incident): string[] => {
  const when = acknowledgedAt === undefined ? '' : `, ${instantShown(acknowledgedAt)}`;
  return [`By ${personShown(acknowledgedBy)}${when}. Reminders and escalation have stopped.`];
};

export type Given = {
  readonly once: string;
  /** Whatever the person typed; nobody checked it. */
  readonly name: string;
  readonly duration?: (typeof durations)[number] | undefined;
  readonly decision?: PlanDecision | undefined;
};

/** Does what the link is for. The same form sent twice does it once. */
export const actOn = async (world: ApiWorld, token: string, given: Given): Promise<Page> => {
  const allowed = await linkIn(world, token);
  if ('refusal' in allowed) return allowed.refusal;
  const { link } = allowed;
  if (link.action === 'approve')
    return decideOnPlan(world, link, { decision: given.decision, name: given.name });
  const followed = await follow(world, link);
  if ('refusal' in followed) return followed.refusal;
  const { incident } = followed;
  const by = await principalOf(world, link, given.name);
  try {
    // Of a link that offers both, the button says which: only silences have a duration.
    const isAcknowledging =
      link.action === 'acknowledge' || (link.action === 'view' && given.duration === undefined);
    return isAcknowledging
      ? await acknowledged(world, incident, by)
      : await silenced(world, incident, { by, token, ...given });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { status: 409, title: 'That did not work', text: [error.message] };
  }
};

/** Who holds a link is known by the channel that it was told to, and by the name they give. */
const principalOf = async ({ state }: ApiWorld, { channelId }: Link, name: string): Promise<string> => {
  const channel = await loadChannel(state, channelId);
  const principal = `link:${channel?.definition.name ?? channelId}`;
  return name === '' ? principal : `${principal} (${name})`;
};

const acknowledged = async (world: ApiWorld, incident: Incident, by: string): Promise<Page> => {
  const after = await acknowledge(commandWorldOf(world), incident.id, { by });
  const text = acknowledgedText(after);
  return { title: 'Acknowledged', text, incident: { ...incidentShown(after), alerts: [], others: 0 } };
};

const silenced = async (
  world: ApiWorld,
  incident: Incident,
  { by, token, once, duration }: Given & { readonly by: string; readonly token: string },
): Promise<Page> => {
  const asked = silences.find((one) => one.duration === duration);
  if (!asked) {
    return { status: 400, title: 'For how long?', text: ['Go back and use one of the buttons of the page.'] };
  }
  if (incident.status === 'resolved')
    return { status: 409, title: 'This incident is resolved', text: ['There is nothing left to silence.'] };
  const matchers = matchersFor(incident, await readMembersOf(world.state, incident.id));
  // What joined since would silence more than the person who pressed the button was shown.
  if (!once.endsWith(markOf(matchers.map(writtenMatcher).join(', ')))) {
    const text = [
      'Other alerts fire than those the page showed. Open the link again to see what it silences now.',
    ];
    return { status: 409, title: 'It has changed meanwhile', text };
  }
  const id = sha256(`${token}\n${once}\n${asked.duration}`).slice(0, 24);
  const reason = `from a notification of «${incident.title.slice(0, 200)}»`;
  const { mute, pending } = await createSilence(
    world,
    { matchers, reason, durationSeconds: asked.seconds },
    { reach: '*', by, request: { id, requestHash: id } },
  );
  await publishAfterWrite(world, [pending]);
  await wake(world);
  const until = mute.endsAt === undefined ? '' : ` until ${instantShown(mute.endsAt)}`;
  const what = mute.matchers.map(writtenMatcher).join(', ');
  const text = [`Nobody is told of alerts with ${what}${until}. What fires then is told at once.`];
  return { title: 'Silenced', text, incident: { ...incidentShown(incident), alerts: [], others: 0 } };
};

/** The incident learns of its silence within a minute all the same. */
const wake = async (world: ApiWorld): Promise<void> => {
  try {
    await wakeOpenIncidents(world);
  } catch (error) {
    world.log.warn('muted incidents were not woken now; they are within a minute', { error: error as Error });
  }
};
