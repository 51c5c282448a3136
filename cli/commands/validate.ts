import { type Configuration, loadConfiguration } from '../../shared/configuration/index.ts';
import { say } from '../output.ts';

/** The files to read: those named, or the one that the local host would read. */
export const filesFrom = (named: readonly string[] | undefined): readonly string[] =>
  named && named.length > 0 ? named : [process.env.HOMEOSTAT_CONFIG || 'homeostat.yaml'];

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `1 deployment, 2 checks and 1 rule`; what hardly any file has is named only where it is there. */
const contentOf = (configuration: Configuration): string => {
  const { deployments, checks, rules, channels, maintenance, alerting } = configuration;
  const { policies, scalers, statusPages } = configuration;
  const parts = [
    plural(deployments.length, 'deployment'),
    plural(checks.length, 'check'),
    ...(rules.length > 0 ? [plural(rules.length, 'rule')] : []),
    ...(channels.length > 0 ? [plural(channels.length, 'channel')] : []),
    ...(maintenance.length > 0 ? [`${maintenance.length} planned maintenance`] : []),
    ...(alerting ? ['the alerting settings'] : []),
    ...(policies.length > 0 ? [`${policies.length} ${policies.length === 1 ? 'policy' : 'policies'}`] : []),
    ...(scalers.length > 0 ? [plural(scalers.length, 'scaling rule')] : []),
    ...(statusPages.length > 0 ? [plural(statusPages.length, 'status page')] : []),
  ];
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
};

/** Options that change nothing yet are named, so that nobody waits for their effect. */
export const laterNote = ({ acceptedOnly }: Configuration): string | undefined =>
  acceptedOnly.length > 0 ? `Accepted, used by a later version: ${acceptedOnly.join(', ')}.` : undefined;

export const validate = async ({ file }: { readonly file?: readonly string[] }): Promise<void> => {
  const { configuration, files } = await loadConfiguration(filesFrom(file));
  say(`Valid: ${contentOf(configuration)} in ${plural(files.length, 'file')}.`);
  const note = laterNote(configuration);
  if (note) say(note);
};
