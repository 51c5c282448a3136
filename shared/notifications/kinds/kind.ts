import type * as Zod from 'zod';
import type { NetworkPolicy } from '../../health/index.ts';
import type { FieldFault } from '../../platform/errors.ts';
import type { Announcement } from '../announcement.ts';

/** A notification that is to be sent, as a kind sees it. */
export type Outgoing = {
  readonly announcement: Announcement;
  /** Secrets already put in. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly channelName: string;
  /** In the payload; the same each time this is tried. */
  readonly dedupeKey: string;
  /** `homeostat:<incident>`: for receivers that keep one alert for an incident. */
  readonly incidentKey: string;
  /** What an earlier notification of this incident left for the next ones: a thread, a ticket's number. */
  readonly thread: string | undefined;
  /** Absolute; undefined where no public address is known. */
  readonly links: {
    /** Signed, as the others are; opens a page that shows the incident. */
    readonly incident: string | undefined;
    /** They open a page that asks, and POSTs. */
    readonly acknowledge: string | undefined;
    readonly silence: string | undefined;
    /** Of a plan that waits for people: opens a page that shows it, and POSTs what they decide. */
    readonly approve?: string | undefined;
    /** The same in the console, which asks for a token; unsigned, so that it never expires. */
    readonly console?: string | undefined;
  };
  readonly now: number;
};

/** What a receiver answered. `thread` is kept for the next notification of the incident. */
export type Sent = { readonly thread?: string | undefined };

export type HttpPost = {
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  readonly contentType?: string;
  /** PEM: what to trust in place of the public authorities. */
  readonly authorities?: string | undefined;
};
export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** At most 64 KB of it. */
  readonly body: string;
};

/** The ways out of the stack. Every one of them has the sender's deadline. */
export type SendPorts = {
  /** Through the address guard: private, loopback and metadata addresses are refused unless configured. Redirects are not followed. */
  post(request: HttpPost): Promise<HttpAnswer>;
  /** A connection of the address guard for SMTP. */
  smtp(message: SmtpMessage): Promise<void>;
  ses(message: Email): Promise<void>;
  /** `topicArn` undefined: the stack's own topic. */
  sns(message: SnsMessage): Promise<void>;
  /** On the stack's own bus. */
  event(detail: Readonly<Record<string, unknown>> & { readonly id: string }): Promise<void>;
};
export type Email = {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
};
export type SmtpMessage = Email & {
  readonly host: string;
  readonly port: number;
  /** `starttls` refuses to go on in the clear. */
  readonly security: 'tls' | 'starttls' | 'none';
  /** PEM: what to trust in place of the public authorities. */
  readonly authorities?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
};
export type SnsMessage = {
  readonly topicArn?: string | undefined;
  readonly subject: string;
  readonly text: string;
  readonly attributes: Readonly<Record<string, string>>;
};

/** The receiver refused, or could not be reached. `isFinal`: the same would be refused again (a wrong token, a wrong payload). */
export class NotSent extends Error {
  override name = 'NotSent';
  readonly isFinal: boolean;
  /** The receiver said when to come again. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    reason: string,
    options: { readonly isFinal?: boolean; readonly retryAfterSeconds?: number } = {},
  ) {
    super(reason);
    this.isFinal = options.isFinal ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** What the stack was configured with, as far as it decides what a channel may say. */
export type ChannelSettings = {
  /** Secrets that channels may name; `*` for any. */
  readonly checkSecretNames: readonly string[];
  /** Topics that channels may name; `*` for any. */
  readonly teamTopicArns: readonly string[];
  /** Addresses and domains of SES that channels may send from. */
  readonly emailIdentityNames: readonly string[];
  /** What may be reached although it is not public. */
  readonly allowedPrivateRanges: NetworkPolicy['allowedPrivateRanges'];
  /** Deployed in AWS, not on one machine. */
  readonly insideLambda?: boolean;
  /** Judging a file: what only the stack that it goes to can know is left to that. */
  readonly isWithoutStack?: boolean;
};

/**
 * A type of channel: one file and one line of the registry. `config` gets zod as an argument, so that it stays out of
 * the bundles that send. `secretFields` as in checks: the fields in which `${secret:NAME}` stands for a value; a field that is
 * itself secret accepts nothing else. `send` throws NotSent; whatever else it throws is tried again as well.
 */
export type ChannelKind = {
  readonly secretFields: readonly string[];
  config(z: typeof Zod): Zod.ZodType<Record<string, unknown>, Record<string, unknown>>;
  /** What this stack may not do, each with what to do about it; none when left out. */
  refusals?(config: Readonly<Record<string, unknown>>, settings: ChannelSettings): readonly FieldFault[];
  send(outgoing: Outgoing, ports: SendPorts): Promise<Sent>;
};
