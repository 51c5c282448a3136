import { type Configuration, loadConfiguration } from '../../shared/configuration/index.ts';
import { say } from '../output.ts';

/** The files to read: those named, or the one that the local host would read. */
export const filesFrom = (named: readonly string[] | undefined): readonly string[] =>
  named && named.length > 0 ? named : [process.env.HOMEOSTAT_CONFIG || 'homeostat.yaml'];

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Options that change nothing yet are named, so that nobody waits for their effect. */
export const laterNote = ({ acceptedOnly }: Configuration): string | undefined =>
  acceptedOnly.length > 0 ? `Accepted, used by a later version: ${acceptedOnly.join(', ')}.` : undefined;

export const validate = async ({ file }: { readonly file?: readonly string[] }): Promise<void> => {
  const { configuration, files } = await loadConfiguration(filesFrom(file));
  const { deployments, checks } = configuration;
  say(
    `Valid: ${plural(deployments.length, 'deployment')} and ${plural(checks.length, 'check')} in ${plural(files.length, 'file')}.`,
  );
  const note = laterNote(configuration);
  if (note) say(note);
};
