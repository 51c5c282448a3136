import { Command, Option } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { addAlerting } from './alerting.ts';
import { apply } from './commands/apply.ts';
import { permissions, start } from './commands/checkout.ts';
import { pauseCheck, resumeCheck, runCheck } from './commands/checks.ts';
import { cost } from './commands/cost.ts';
import { exportConfiguration } from './commands/export.ts';
import { deleteSecret, listSecrets, setSecret } from './commands/secrets.ts';
import { status } from './commands/status.ts';
import { createToken, listTokens, revokeToken } from './commands/tokens.ts';
import { validate } from './commands/validate.ts';
import { reportFailure } from './failure.ts';
import { addOperations } from './operations.ts';
import { addRemediation } from './remediation.ts';

const listOf = (text: string, before: readonly string[] = []): string[] => [
  ...before,
  ...text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
];
const each = (text: string, before: readonly string[] = []): string[] => [...before, text];

const program = new Command('homeostat')
  .description('Watches what a team runs. Talks to a local host or to a deployed stack.')
  .version(manifest.version)
  .showHelpAfterError('Run with --help to see what there is.')
  .addHelpText(
    'after',
    `
Where and who:
  --url, HOMEOSTAT_URL      the API; when not given, the host on this machine: 127.0.0.1 and PORT (3007)
  --token, HOMEOSTAT_TOKEN  the token; when not given, for a host on this machine, the one that it keeps
                            in HOMEOSTAT_DATA (.homeostat)

Exit codes:
  0  done; and for status: every active check is healthy
  1  it could not be done, or a part was refused
  2  done, and: apply --dry-run found changes, status or checks run found a check that is not healthy,
     channels test was not delivered, or notifications undelivered found some

Examples:
  homeostat start                          run everything on this machine
  homeostat validate                       judge ./homeostat.yaml
  homeostat apply --dry-run --prune        show what apply would change
  homeostat apply -f team.yaml -f more.yaml
  homeostat status --json | jq '.[].name'
  homeostat checks run 'home page'         look at one check now
  homeostat incidents                      what is wrong now
  homeostat incidents ack <id>
  homeostat silences add deployment=shop --for 2h --reason 'moving the database'
  homeostat channels test 'team chat'      send a test, and see whether it arrives
  homeostat explain --deployment shop --kind unhealthy --resource web
  homeostat remediate shop restart --resource web --dry-run
  homeostat remediations                   what waits for people or is under way
  homeostat plans approve <id>
  homeostat stop --reason 'the sale'       nothing is changed any more until stop --resume
  homeostat scaling dry-run 'web by latency' --hours 24
  homeostat status-pages                   what everybody may see
  homeostat releases began shop v42        before a pipeline changes anything, and finished after it
  homeostat secrets set DB_PASSWORD < file
  homeostat cost -f team.yaml              what its checks would cost a month
  homeostat export > homeostat.yaml`,
  );

const connected = (command: Command): Command =>
  command
    .option('--url <url>', 'address of the API')
    .option('--token <token>', 'bearer token; better in HOMEOSTAT_TOKEN');
const fileOption = () =>
  new Option('-f, --file <file>', 'configuration file; may be given several times').argParser(each);

program
  .command('validate')
  .description('judge configuration files without sending anything')
  .addOption(fileOption())
  .action(validate);

connected(program.command('apply'))
  .description('bring what is watched to what the files say')
  .addOption(fileOption())
  .option('--dry-run', 'show the changes and make none; exit code 2 when there are some')
  .option('--prune', 'also remove what files brought and no file names any more')
  .action(apply);

connected(program.command('export'))
  .description('print what is watched as a configuration file')
  .option('--deployment <id>', 'only of these deployments', listOf)
  .addOption(
    new Option('--managed-by <owner>', 'only what a file or the API brought').choices(['file', 'api']),
  )
  .action(exportConfiguration);

connected(program.command('status'))
  .description('show every check and how it is')
  .option('--deployment <id>', 'only of this deployment')
  .option('--json', 'print JSON')
  .option('--watch', 'draw it again every two seconds, until Ctrl-C')
  .action(status);

const checks = program.command('checks').description('run, pause and resume checks');
const aboutCheck = (command: Command): Command =>
  connected(command)
    .argument('<name>', 'its name, deployment/name, or id')
    .option('--deployment <id>', 'where to look for the name')
    .option('--json', 'print JSON');
aboutCheck(checks.command('run')).description('run a check once, now, and show what it saw').action(runCheck);
aboutCheck(checks.command('pause'))
  .description('leave a check alone until it is resumed; applying a file does not resume it')
  .action(pauseCheck);
aboutCheck(checks.command('resume')).description('look at a paused check again').action(resumeCheck);

addAlerting(program, connected);
addRemediation(program, connected);
addOperations(program, connected);

const secrets = program
  .command('secrets')
  .description(
    `keep what checks and channels mean by \${secret:NAME}: in SSM with --stack, else for the host on this machine`,
  );
const aboutSecrets = (command: Command): Command =>
  command
    .option('--stack <name>', 'a deployed stack, as CloudFormation calls it; with your own AWS credentials')
    .option('--region <region>', 'where it is deployed; AWS_REGION when not given');
aboutSecrets(secrets.command('set'))
  .description('set a secret; the value comes from the standard input, or is asked for')
  .argument('<name>', '1 to 64 letters, digits, _ . or -')
  .action(setSecret);
aboutSecrets(secrets.command('list'))
  .description('list the names; values are never shown')
  .action(listSecrets);
aboutSecrets(secrets.command('remove'))
  .description('remove a secret')
  .argument('<name>')
  .action(deleteSecret);

connected(program.command('cost'))
  .description('say what the checks cost a month in AWS')
  .addOption(fileOption())
  .option('--json', 'print JSON')
  .action(cost);

const tokens = program.command('tokens').description('make, list and revoke tokens');
connected(tokens.command('create'))
  .description('make a token; it is printed once')
  .requiredOption('--name <name>', 'who or what will use it')
  .requiredOption('--scopes <scopes>', 'what it may do: read, write, operate, ingest, admin', listOf)
  .option('--deployments <ids>', 'the deployments it reaches; all when not given', listOf)
  .option('--expires-in-days <days>', 'days, or never', '90')
  .option('--json', 'print JSON')
  .action(createToken);
connected(tokens.command('list'))
  .description('list tokens without their secrets')
  .option('--json', 'print JSON')
  .action(listTokens);
connected(tokens.command('revoke'))
  .description('make a token useless')
  .argument('<id>', 'as tokens list shows it')
  .action(revokeToken);

program
  .command('permissions')
  .description('print what each role of the stack may do, and why, before anyone deploys it')
  .option('--assembly <folder>', 'a synthesized cloud assembly; made anew when not given')
  .action(permissions);

program
  .command('start')
  .description('run Homeostat on this machine, as npm start does')
  .argument('[options...]', 'options of npm start, after --')
  .action(start);

// `homeostat status | head`: who reads has enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

program.parseAsync().catch(reportFailure);
