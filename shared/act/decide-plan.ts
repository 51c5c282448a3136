import { isTokenName } from '../access/index.ts';
import { type Link, loadChannel, planHashIn } from '../notifications/index.ts';
import type { ApiWorld } from '../platform/api/route.ts';
import { DomainError } from '../platform/errors.ts';
import { sha256 } from '../platform/ids.ts';
import {
  approvalsMissing,
  approve,
  isExpired,
  isOver,
  type Remediation,
  readRemediation,
  reject,
} from '../remediation/index.ts';
import { instantShown } from './incident-shown.ts';
import type { Page } from './page.ts';
import { planShown } from './plan-shown.ts';

export const decisions = ['approve', 'reject'] as const;
export type PlanDecision = (typeof decisions)[number];

const decideButtons = [
  { label: 'Approve', decision: 'approve' },
  { label: 'Reject', decision: 'reject' },
] as const;

const gone: Page = {
  status: 410,
  title: 'There is nothing left to do here',
  text: ['The plan is not kept any more.'],
};

const planOf = async (world: ApiWorld, { incidentId }: Link): Promise<Remediation | undefined> => {
  const hash = planHashIn(incidentId);
  return hash === undefined ? undefined : readRemediation(world.state, hash);
};

/** The page that shows a plan and asks. It changes nothing: mail scanners and previews open links, too. */
export const askedPlanPage = async (world: ApiWorld, link: Link): Promise<Page> => {
  const remediation = await planOf(world, link);
  if (!remediation) return gone;
  const plan = planShown(remediation);
  const standing = standingOf(remediation, world.clock());
  if (standing) return { ...standing, plan };
  const { approval } = remediation.plan;
  const missing = approvalsMissing(remediation);
  const people =
    missing > 1
      ? ` ${missing} different people must approve it, each through a channel or token of their own.`
      : '';
  const counted = approval.by.length > 0 ? ` Only these count: ${approval.by.join(', ')}.` : '';
  const until =
    remediation.approveBy === undefined ? '' : ` It can be until ${instantShown(remediation.approveBy)}.`;
  return {
    title: 'Approve this plan?',
    text: [
      `Nothing happens before it is approved.${until}${people}${counted}`,
      'What is there is read once more before anything is changed; if it is not as shown here any more, nothing is.',
    ],
    plan,
    forms: [
      {
        once: sha256(`${world.newId()}\n${remediation.plan.hash}`).slice(0, 24),
        asks: 'Your decision',
        buttons: decideButtons,
        needsName: approval.by.length > 0,
      },
    ],
  };
};

/** What is left to say of a plan that waits for nobody any more; undefined while it waits. */
const standingOf = (remediation: Remediation, now: number): Page | undefined => {
  const { status, reason } = remediation;
  if (status === 'waiting') {
    if (!isExpired(remediation, now)) return undefined;
    return {
      title: 'This plan has expired',
      text: ['Nobody approved it in time, so that it counts as rejected.'],
    };
  }
  if (isOver(status))
    return { title: `This plan is decided: ${status.replace('_', ' ')}`, text: [sentence(reason)] };
  return { title: 'This plan is approved already', text: [sentence(reason)] };
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** A principal as the record writes it. */
const principal = /^(admin$|token:|link:)/;

/**
 * Whether a name that somebody typed may be the one that a policy counts. What names a token is proved by that token, and
 * who may open the page is told the names that count.
 */
const isOwnName = async (
  { state }: Pick<ApiWorld, 'state'>,
  { plan }: Remediation,
  name: string,
): Promise<boolean> =>
  plan.approval.by.includes(name) && !principal.test(name) && !(await isTokenName(state, name));

/** Does what the button said. Pressed twice it does it once; too late it changes nothing. */
export const decideOnPlan = async (
  world: ApiWorld,
  link: Link,
  { decision, name }: { readonly decision: PlanDecision | undefined; readonly name: string },
): Promise<Page> => {
  const before = await planOf(world, link);
  if (!before) return gone;
  if (decision === undefined)
    return {
      status: 400,
      title: 'Approve or reject?',
      text: ['Go back and use one of the buttons of the page.'],
    };
  const channel = await loadChannel(world.state, link.channelId);
  // Who holds a link is known by the channel that it was told to: two names through one channel are one person.
  const given = {
    by: `link:${channel?.definition.name ?? link.channelId}`,
    names: (await isOwnName(world, before, name)) ? [name] : [],
    ...(name !== '' && { comment: `${name} through a link` }),
  };
  const { state, bus, clock, newId, place, log } = world;
  const onTrouble = (what: string, error: Error) => log.warn(what, { error });
  const verb = decision === 'approve' ? approve : reject;
  try {
    const after = await verb({ state, bus, clock, newId, place, onTrouble }, before.plan.hash, given);
    return { ...decidedPage(after), plan: planShown(after) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { status: 409, title: 'That did not work', text: [error.message], plan: planShown(before) };
  }
};

const decidedPage = (remediation: Remediation): Page => {
  const { status, reason } = remediation;
  const missing = approvalsMissing(remediation);
  if (status === 'rejected') return { title: 'Rejected', text: ['Nothing is changed.'] };
  if (status === 'waiting')
    return {
      title: 'Your approval is noted',
      text: [`${missing} more ${missing === 1 ? 'person' : 'people'} must approve it.`],
    };
  return {
    title: 'Approved',
    text: [`${sentence(reason)} What holds it back now, if anything, its record tells.`],
  };
};
