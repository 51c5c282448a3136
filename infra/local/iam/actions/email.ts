import {
  type AccessCheck,
  type AwsCall,
  arnOf,
  check,
  type Input,
  optionalText,
  type ServiceRules,
  text,
} from './call.ts';

/** `Homeostat <alerts@example.com>` → `alerts@example.com`. */
const addressIn = (from: string): string => /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from.trim();

/**
 * SES asks about the identity that it sends as: the address if that is verified, else its domain. Which it is only the
 * account knows, so leave on either is enough here.
 */
const sender = (input: Input, call: AwsCall): AccessCheck[] => {
  const address = addressIn(text(input, 'FromEmailAddress'));
  const names = [address, address.split('@').at(-1) ?? ''];
  const resources = [...new Set(names)].map((name) => arnOf(call, 'ses', `identity/${name}`));
  const set = optionalText(input, 'ConfigurationSetName');
  return [
    { action: 'ses:SendEmail', resources, context: { 'ses:FromAddress': address }, oneIsEnough: true },
    ...(set ? [check('ses:SendEmail', arnOf(call, 'ses', `configuration-set/${set}`))] : []),
  ];
};

export const ses: ServiceRules = { operations: { SendEmail: sender } };
