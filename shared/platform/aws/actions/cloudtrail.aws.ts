import { CloudTrailClient, type Event, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import type { Clock } from '../../clock.ts';
import { clientSettings } from '../client.ts';

/** Who changed a resource last, as CloudTrail tells. */
export type Writer = {
  /** The ARN of the identity; a service's name where AWS itself did it. */
  readonly identity: string;
  /** `AuthorizeSecurityGroupIngress` and the like. */
  readonly eventName: string;
  /** Epoch ms. */
  readonly at: number;
};

/**
 * The newest change of a resource that is not Homeostat's own, by the resource's name or ARN. CloudTrail shows a call
 * some minutes after it was made (15 at most, most often 5), and keeps it for 90 days. Undefined: none was found, or CloudTrail could not be
 * asked; a name is told where there is one, and nothing depends on it.
 */
export type NameWriter = (resource: string) => Promise<Writer | undefined>;

/** CloudTrail allows two look-ups a second in an account and region. */
const pauseMs = 500;

type Trail = {
  readonly userIdentity?: {
    readonly arn?: string;
    readonly principalId?: string;
    readonly invokedBy?: string;
    readonly sessionContext?: { readonly sessionIssuer?: { readonly arn?: string } };
  };
  readonly errorCode?: string;
  readonly readOnly?: boolean;
};

const parsed = ({ CloudTrailEvent = '{}' }: Event): Trail => {
  try {
    return JSON.parse(CloudTrailEvent) as Trail;
  } catch {
    return {};
  }
};

/** Sessions in which actions are applied are named by the beginning of their plan's hash. */
const ownSession = /:assumed-role\/[^/]+\/[0-9a-f]{12}$/;

/** `ownRoleArns` are those of the stack's functions and actions; `arn:…:role/Name` or a beginning that ends in `*`. */
export const openNameWriter = (world: {
  readonly ownRoleArns: readonly string[];
  readonly clock: Clock;
  readonly onFault?: (error: Error) => void;
}): NameWriter => {
  const client = new CloudTrailClient(clientSettings);
  let freeAt = 0;
  const isOwn = ({ userIdentity }: Trail): boolean => {
    if (ownSession.test(userIdentity?.arn ?? '')) return true;
    const issuer = userIdentity?.sessionContext?.sessionIssuer?.arn ?? userIdentity?.arn ?? '';
    return world.ownRoleArns.some((own) =>
      own.endsWith('*') ? issuer.startsWith(own.slice(0, -1)) : issuer === own,
    );
  };
  const lookUp = async (value: string): Promise<readonly Event[]> => {
    // In this process; what other functions ask at the same time, the SDK's retries with backoff absorb.
    const now = performance.now();
    const startsAt = Math.max(now, freeAt);
    freeAt = startsAt + pauseMs;
    if (startsAt > now) await new Promise<void>((done) => setTimeout(done, startsAt - now));
    const { Events = [] } = await client.send(
      new LookupEventsCommand({
        LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: value }],
        MaxResults: 50,
      }),
    );
    return Events;
  };
  return async (resource) => {
    try {
      // Newest first, as CloudTrail gives them. It takes one attribute at a time, so reading calls are sorted out here.
      for (const event of await lookUp(resource)) {
        const trail = parsed(event);
        const isReading = trail.readOnly ?? event.ReadOnly === 'true';
        if (isReading || trail.errorCode !== undefined || isOwn(trail)) continue;
        const { arn, invokedBy, principalId } = trail.userIdentity ?? {};
        return {
          identity: arn ?? invokedBy ?? principalId ?? event.Username ?? 'somebody unknown',
          eventName: event.EventName ?? 'an unnamed call',
          at: event.EventTime?.getTime() ?? world.clock(),
        };
      }
      return undefined;
    } catch (error) {
      world.onFault?.(error as Error);
      return undefined;
    }
  };
};
