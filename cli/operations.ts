import { type Command, Option } from 'commander';
import { listReleases, releaseBegan, releaseFinished } from './commands/releases.ts';
import { dryRunScaling, listScaling } from './commands/scaling.ts';
import { listStatusPages } from './commands/status-pages.ts';

type Connected = (command: Command) => Command;

const withJson = (command: Command): Command => command.option('--json', 'print JSON');
const each = (text: string, before: readonly string[] = []): string[] => [...before, text];

/** Scaling rules, status pages, and what a pipeline tells of its releases. */
export const addOperations = (program: Command, connected: Connected): void => {
  const scaling = program
    .command('scaling')
    .description('see what scales by itself, and what it would have done');
  withJson(connected(scaling.command('list', { isDefault: true })))
    .description('list the scaling rules')
    .option('--deployment <id>', 'only of this deployment')
    .action(listScaling);
  withJson(connected(scaling.command('dry-run')))
    .description('show what a rule would have done over the last hours; nothing is scaled')
    .argument('<name>', 'its name, deployment/name, or id')
    .option('--deployment <id>', 'where to look for the name')
    .addOption(
      new Option('-f, --file <file>', 'take the rule of this file, which need not be applied').argParser(
        each,
      ),
    )
    .option('--hours <hours>', '1 to 72', '6')
    .option('--start-count <count>', 'how many there were then; the least of the rule when not given')
    .action(dryRunScaling);
  const statusPages = program.command('status-pages').description('see what everybody may see');
  withJson(connected(statusPages.command('list', { isDefault: true })))
    .description('list the status pages, and which checks they name without showing them')
    .action(listStatusPages);
  const releases = program
    .command('releases')
    .description('tell of releases, so that they are watched, and list them');
  const told = (name: string): Command =>
    withJson(connected(releases.command(name)))
      .argument('<deployment>', 'the id of a deployment')
      .argument('<version>', 'what is released: a tag, a commit, an image digest')
      .option('--window <duration>', 'how long it is watched once it finished, such as 10m')
      .option('--max-burn-rate <rate>', 'how many times as fast as the target allows errors may come')
      .option('--slo-target <percent>', 'how many of the looks should be good, such as 99.9');
  told('began').description('a release begins now: what runs is noted, to go back to').action(releaseBegan);
  told('finished')
    .description('it is out: its checks are watched, and it is confirmed or rolled back')
    .action(releaseFinished);
  withJson(connected(releases.command('list')))
    .description('list the releases of a deployment, the newest first')
    .argument('<deployment>', 'the id of a deployment')
    .action(listReleases);
};
