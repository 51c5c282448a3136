import { Argument, type Command, Option } from 'commander';
import { findingKinds } from '../shared/findings/finding.ts';
import { askedActions } from '../shared/remediation/plan.ts';
import { remediationStatuses } from '../shared/remediation/remediation.ts';
import { explain } from './commands/explain.ts';
import { listFindings } from './commands/findings.ts';
import {
  approvePlan,
  cancelRemediation,
  listRemediations,
  rejectPlan,
  remediate,
  showRemediation,
  undoRemediation,
} from './commands/remediations.ts';
import { stop } from './commands/stop.ts';

type Connected = (command: Command) => Command;

const withJson = (command: Command): Command => command.option('--json', 'print JSON');
const each = (text: string, before: readonly string[] = []): string[] => [...before, text];
const withComment = (command: Command): Command =>
  command.option('--comment <text>', 'why; it stands in the record');

/** What remedies do, and what people do about them. */
export const addRemediation = (program: Command, connected: Connected): void => {
  withJson(connected(program.command('explain')))
    .description('say what the policies would do about a finding, what holds it back, and why')
    .argument(
      '[finding]',
      'the id of a finding, as findings shows it; left out, one is imagined by the options',
    )
    .option('--deployment <id>', 'of the imagined finding')
    .option('--kind <kind>', 'unhealthy, exhausted, drift, violation, idle, oversized or release')
    .option('--resource <name>', 'one of the resources of the deployment, or a check')
    .option('--severity <severity>', 'info, warning, error or critical')
    .addOption(new Option('--tag <name=value>', 'may be given several times').argParser(each))
    .option('--usage <percent>', 'how much of it is used: of what is exhausted or oversized')
    .option('--at <instant>', 'as if it were then: 2026-01-30T22:00:00Z')
    .action(explain);
  withJson(connected(program.command('findings')))
    .description('list what is wrong now: what was found, and what no remedy helped')
    .option('--deployment <id>', 'only of this deployment')
    .addOption(new Option('--kind <kind>', 'only of this kind').choices(findingKinds))
    .option('--all', 'also what is right again: the 100 newest')
    .action(listFindings);
  withJson(connected(program.command('remediate')))
    .description('plan something, and have it done once it is approved')
    .argument('<deployment>', 'the id of a deployment')
    .addArgument(new Argument('<action>', 'what to do').choices(askedActions))
    .option('--resource <name>', 'one of its resources; needed where it has several')
    .option(
      '--kind <kind>',
      'which kind of action, such as cloudformation-continue; the usual one when left out',
    )
    .addOption(
      new Option('--param <name=value>', 'such as desired=4; may be given several times').argParser(each),
    )
    .option('--approve', 'approve the very plan that is made, where one person may')
    .option('--dry-run', 'show the plan, and keep nothing')
    .action(remediate);
  addRemediations(program, connected);
  const plans = program.command('plans').description('decide on plans that wait for people');
  const decide = (name: string): Command =>
    withComment(withJson(connected(plans.command(name)))).argument('<hash>', 'as remediations list shows it');
  decide('approve').description('approve this very plan').action(approvePlan);
  decide('reject').description('end it: nothing is changed').action(rejectPlan);
  withJson(connected(program.command('stop')))
    .description('stop everything that would be changed, in all deployments')
    .option('--reason <text>', 'why; everybody who asks is told')
    .option('--resume', 'let remedies run again')
    .option('--status', 'only tell whether everything is stopped')
    .action(stop);
};

const addRemediations = (program: Command, connected: Connected): void => {
  const remediations = program
    .command('remediations')
    .description('see what was and is being remedied, cancel it or undo it');
  withJson(connected(remediations.command('list', { isDefault: true })))
    .description('list what waits for people or is under way')
    .option('--deployment <id>', 'only of this deployment')
    .addOption(new Option('--status <status>', 'only those that are so').choices(remediationStatuses))
    .option('--all', 'also what is over: the 100 newest')
    .action(listRemediations);
  const one = (name: string): Command =>
    withJson(connected(remediations.command(name))).argument('<id>', 'as remediations list shows it');
  one('show').description('show its plan and its whole record').action(showRemediation);
  withComment(one('cancel')).description('end it before it changes anything').action(cancelRemediation);
  one('undo')
    .description('plan the way back; it waits for approval like any plan')
    .option('--dry-run', 'show the plan, and keep nothing')
    .action(undoRemediation);
};
