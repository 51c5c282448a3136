import ipaddr from 'ipaddr.js';
import * as z from 'zod';
import { awsServices } from '../shared/platform/aws/aws-states.aws.ts';
import { externalSourceNames } from './external-sources.ts';

// What the single values of a configuration may be.

/** What CloudWatch Logs accepts as days of retention, up to a year. */
const logRetentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365];

export const logDays = (otherwise: number) =>
  z
    .int()
    .refine((days) => logRetentionDays.includes(days), {
      error: `must be one of ${logRetentionDays.join(', ')}, the days that CloudWatch Logs knows`,
    })
    .default(otherwise);

const isRange = (text: string): boolean => ipaddr.isValidCIDR(text);

/** All policies of a role together have room for 10,240 characters; this many ARNs still fit. */
const mostItems = 60;
/** Of what the same roles name beside up to 60 secrets. */
export const mostItemsBeside = 20;

/** A command line can only say `10.0.0.0/8,fd00::/8`; cdk.json says a list. */
export const listOf = <S extends z.ZodType>(item: S, items: string, most = mostItems) =>
  z.preprocess(
    (value) =>
      typeof value === 'string'
        ? value
            .split(',')
            .map((one) => one.trim())
            .filter(Boolean)
        : value,
    z.array(item).max(most, { error: `must be at most ${most} ${items}` }),
  );

export const ranges = listOf(
  z.string().refine(isRange, { error: 'must be a CIDR range such as 10.0.0.0/8' }),
  'ranges',
);

export const secretName = z.string().regex(/^(\*|[A-Za-z0-9_.-]{1,64})$/, {
  error: 'must be the name of a secret: 1 to 64 letters, digits, _ . or -; or * for every one',
});

export const functionArn = z
  .string()
  .regex(/^(\*|arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[\w-]{1,64}(:[\w$-]{1,128})?)$/, {
    error: 'must be the ARN of a function such as arn:aws:lambda:us-east-1:111122223333:function:shop-health',
  });

export const topicArn = z.string().regex(/^(\*|arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256})$/, {
  error:
    'must be the ARN of a standard topic such as arn:aws:sns:us-east-1:111122223333:on-call (not one that ends in .fifo)',
});

/** No other wildcard, which would be one in a policy too. */
export const emailIdentity = z
  .string()
  .regex(/^(\*|([\w.+-]{1,64}@)?([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63})$/, {
    error: 'must be an e-mail address or a domain that is verified in SES',
  });

/** Paths are put behind it, so it ends without a slash. */
export const publicUrl = z
  .url({ protocol: /^https?$/, error: 'must be a URL such as https://monitoring.example.com' })
  .refine((text) => !/[?#@]/.test(text), { error: 'must be a URL without user, query and fragment' })
  .transform((text) => text.replace(/\/+$/, ''));

/** The host under which the distribution answers, and the certificate for it: CloudFront reads only those of us-east-1. */
export const domain = z.strictObject({
  name: z.string().regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, {
    error: 'must be a host name such as monitoring.example.com, in lower case',
  }),
  certificateArn: z.string().regex(/^arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate\/[\w-]+$/, {
    error: 'must be the ARN of a certificate of ACM in us-east-1, where CloudFront looks for them',
  }),
});

/** Whoever knows the URL of a heartbeat or an orchestrator can pretend or ask, so it may be kept as a secret. */
export const urlOrSecret = z
  .string()
  .refine(
    (text) =>
      /^\$\{secret:[A-Za-z0-9_.-]{1,64}\}$/.test(text) ||
      (URL.canParse(text) && /^https?:\/\/[^\s@]+$/.test(text)),
    { error: `must be a URL, or \${secret:NAME} with the name of a secret that holds it` },
  );

export const externalSource = z.enum(externalSourceNames, {
  error: `must be one of ${externalSourceNames.join(', ')}`,
});

export const service = z.enum(awsServices, { error: `must be one of ${awsServices.join(', ')}` });

const isHostAndPort = (text: string): boolean => {
  const [, host = '', port] = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text) ?? [];
  return host !== '' && Number(port) >= 1 && Number(port) <= 65_535;
};
export const canary = z.string().refine(isHostAndPort, { error: 'must be host:port such as dns.google:443' });

/**
 * Names that exist to be reached from everywhere, of four operators that fail apart from one another. Names and not
 * addresses: a monitor that cannot resolve is as blind as one without a route.
 */
export const publicCanaries = [
  'one.one.one.one:443',
  'dns.google:443',
  'dns.quad9.net:443',
  'checkip.amazonaws.com:443',
];
