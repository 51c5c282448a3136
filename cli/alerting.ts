import type { Command } from 'commander';
import { backtestRule, listEvents, listRules, showNoise } from './commands/alerts.ts';
import { listAudit } from './commands/audit.ts';
import { listChannels, testChannel } from './commands/channels.ts';
import {
  acknowledgeIncident,
  commentOnIncident,
  escalateIncident,
  listIncidents,
  resolveIncident,
  showIncident,
  unacknowledgeIncident,
} from './commands/incidents.ts';
import { listUndelivered, redriveNotifications } from './commands/notifications.ts';
import { addSilence, expireSilence, listSilences } from './commands/silences.ts';

type Connected = (command: Command) => Command;

const withJson = (command: Command): Command => command.option('--json', 'print JSON');
const ofDeployment = (command: Command): Command =>
  command.option('--deployment <id>', 'only of this deployment');

/** What people do about alerts: a group of commands for each thing, which without another word lists them. */
export const addAlerting = (program: Command, connected: Connected): void => {
  addIncidents(program, connected);
  addSilences(program, connected);
  addChannels(program, connected);
  addAlerts(program, connected);
  addNotifications(program, connected);
  withJson(ofDeployment(connected(program.command('audit'))))
    .description('show who wrote what in the last 30 days; before and after are in --json')
    .option('--by <principal>', 'admin, token:<id>, link:<channel> or homeostat')
    .option('--kind <kind>', 'of what: check, deployment, token, rule, channel, silence …')
    .option('--limit <count>', 'how many at most, up to 200', '50')
    .action(listAudit);
};

const addIncidents = (program: Command, connected: Connected): void => {
  const incidents = program.command('incidents').description('see what is wrong, and act on it');
  withJson(ofDeployment(connected(incidents.command('list', { isDefault: true }))))
    .description('list what is not over')
    .option('--severity <severity>', 'info, warning, error or critical')
    .option('--all', 'also what is over: the 200 newest')
    .action(listIncidents);
  const one = (name: string): Command =>
    withJson(connected(incidents.command(name))).argument('<id>', 'as incidents list shows it');
  one('show').description('show its alerts, who was told, and what happened').action(showIncident);
  const withText = (command: Command): Command =>
    command.option('--text <text>', 'why; it stands on the timeline');
  withText(one('ack').alias('acknowledge'))
    .description('say that you have it: no reminders and no escalation until it is over')
    .action(acknowledgeIncident);
  withText(one('unack').alias('unacknowledge')).description('give it back').action(unacknowledgeIncident);
  one('comment')
    .argument('<text>', 'what to keep on its timeline')
    .option('--public', 'an update for everybody: the status pages that show the incident show these words')
    .description('keep a note on its timeline; no channel is told')
    .action(commentOnIncident);
  withText(one('resolve')).description('count all its alerts as over').action(resolveIncident);
  withText(one('escalate')).description('take the next step of its escalation now').action(escalateIncident);
};

const addSilences = (program: Command, connected: Connected): void => {
  const silences = program.command('silences').description('keep alerts quiet for a while');
  withJson(ofDeployment(connected(silences.command('list', { isDefault: true }))))
    .description('list those that have not ended')
    .option('--ended', 'those that have')
    .action(listSilences);
  withJson(connected(silences.command('add')))
    .description('record what matches, and tell nobody, for a while')
    .argument('<matchers...>', `such as deployment=shop or 'check=~"home.*"'; each must hold`)
    .requiredOption('--for <duration>', 'how long from now, such as 30m, 2h or 1d')
    .requiredOption('--reason <text>', 'for those who wonder why nobody was told')
    .action(addSilence);
  connected(silences.command('expire'))
    .description('end one now; what still fires is told at once')
    .argument('<id>', 'as silences list shows it')
    .action(expireSilence);
};

const addChannels = (program: Command, connected: Connected): void => {
  const channels = program.command('channels').description('see and try where people are told');
  withJson(connected(channels.command('list', { isDefault: true })))
    .description('list the channels')
    .action(listChannels);
  withJson(connected(channels.command('test')))
    .description('send a test now, and wait for what becomes of it')
    .argument('<name>', 'its name or id')
    .action(testChannel);
};

const addAlerts = (program: Command, connected: Connected): void => {
  const alerts = program.command('alerts').description('see the rules, and what they do');
  const group = (name: string, isDefault = false): Command =>
    withJson(ofDeployment(connected(alerts.command(name, { isDefault }))));
  group('list', true).description('list the rules').action(listRules);
  group('events')
    .description('list what fired in the last seven days, newest first')
    .option('--firing', 'only what fires now')
    .option('--limit <count>', 'how many at most, up to 200', '50')
    .action(listEvents);
  group('backtest')
    .description('show when a rule would have fired; nothing is written and nobody is told')
    .argument('<name>', `its name, deployment/name ('*/name' for one of all deployments), or id`)
    .option('--days <days>', 'how far back, 1 to 40', '1')
    .action(backtestRule);
  group('noise')
    .description('list rules whose incidents nobody acted on in the last 30 days')
    .action(showNoise);
};

const addNotifications = (program: Command, connected: Connected): void => {
  const notifications = program
    .command('notifications')
    .description('see what no channel took, and send it again');
  withJson(connected(notifications.command('undelivered', { isDefault: true })))
    .description('list what could not be delivered')
    .action(listUndelivered);
  withJson(connected(notifications.command('redrive')))
    .description('begin anew with what could not be delivered')
    .option('--channel <name>', 'only with this channel')
    .option('--incident <id>', 'only with this incident')
    .action(redriveNotifications);
};
