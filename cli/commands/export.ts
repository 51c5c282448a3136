import { exportYaml, type Held, readCurrent } from '../../shared/configuration/index.ts';
import { type ConnectionOptions, connect } from '../connection.ts';
import { CommandError } from '../failure.ts';
import { say } from '../output.ts';

export type ExportOptions = ConnectionOptions & {
  readonly deployment?: readonly string[];
  readonly managedBy?: string;
};

/** What belongs to the whole stack is of no deployment. */
const isOf = ({ definition }: Held, deployments: readonly string[]): boolean =>
  'deploymentId' in definition &&
  definition.deploymentId !== null &&
  deployments.includes(definition.deploymentId);

export const exportConfiguration = async (options: ExportOptions): Promise<void> => {
  const held = await readCurrent(connect(options));
  const wanted = held.filter(
    (object) =>
      object.managedBy !== 'builtin' &&
      (!options.deployment || isOf(object, options.deployment)) &&
      (options.managedBy === undefined || options.managedBy === object.managedBy),
  );
  if (wanted.length === 0 && options.deployment) {
    throw new CommandError(
      `There is nothing to export of ${options.deployment.join(', ')}. «homeostat status» lists what the token reaches.`,
    );
  }
  say(exportYaml(wanted).trimEnd());
};
