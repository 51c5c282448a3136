import { exportYaml, readCurrent } from '../../shared/configuration/index.ts';
import { type ConnectionOptions, connect } from '../connection.ts';
import { CommandError } from '../failure.ts';
import { say } from '../output.ts';

export type ExportOptions = ConnectionOptions & {
  readonly deployment?: readonly string[];
  readonly managedBy?: string;
};

export const exportConfiguration = async (options: ExportOptions): Promise<void> => {
  const held = await readCurrent(connect(options));
  const wanted = held.filter(
    ({ definition, managedBy }) =>
      (!options.deployment || options.deployment.includes(definition.deploymentId)) &&
      (options.managedBy === undefined || options.managedBy === managedBy),
  );
  if (wanted.length === 0 && options.deployment) {
    throw new CommandError(
      `There is nothing to export of ${options.deployment.join(', ')}. «homeostat status» lists what the token reaches.`,
    );
  }
  say(exportYaml(wanted).trimEnd());
};
