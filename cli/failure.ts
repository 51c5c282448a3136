import {
  ApiError,
  ConfigurationError,
  problemText,
  UnreachableError,
} from '../shared/configuration/index.ts';
import { paint, printable, sayAside } from './output.ts';

/** What a command ends with: 0 done · 1 it could not be done · 2 it was done and the answer is «not so»: a dry run found changes, a check is not healthy. */
export const exitCodes = { done: 0, failed: 1, different: 2 } as const;

/** A command cannot go on; the message is for people and says what to do. */
export class CommandError extends Error {
  override name = 'CommandError';
}

/** Says what went wrong and sets the exit code. Only a fault of our own shows its stack. */
export const reportFailure = (error: unknown): void => {
  process.exitCode = exitCodes.failed;
  for (const sentence of sentencesFor(error)) sayAside(sentence);
};

const sentencesFor = (error: unknown): readonly string[] => {
  if (error instanceof ConfigurationError) {
    const count = error.problems.length;
    const what = count === 1 ? 'One problem' : `${count} problems`;
    return [
      ...error.problems.map((problem) => printable(problemText(problem))),
      paint('red', `${what} in the configuration. Nothing of it is applied until that is mended.`),
    ];
  }
  if (error instanceof UnreachableError) return [paint('red', printable(error.message)), adviceFor(error)];
  if (error instanceof ApiError) {
    return [...error.message.split('\n').map((line) => paint('red', printable(line))), ...apiAdvice(error)];
  }
  if (error instanceof CommandError) return [paint('red', printable(error.message))];
  return [paint('red', error instanceof Error ? (error.stack ?? error.message) : String(error))];
};

const adviceFor = ({ code }: UnreachableError): string => {
  if (code === 'ECONNREFUSED')
    return 'Is Homeostat running? Start it with «npm start», or name another with --url or HOMEOSTAT_URL.';
  if (code === 'ENOTFOUND')
    return 'Check the name in --url or HOMEOSTAT_URL, and that this machine has a network.';
  return 'Check --url or HOMEOSTAT_URL: it is the ApiUrl that the deployment printed, or the address «npm start» printed.';
};

const apiAdvice = ({ status }: ApiError): readonly string[] => {
  if (status === 401)
    return ['Check HOMEOSTAT_TOKEN or --token; a token is given by «homeostat tokens create».'];
  if (status === 403) return ['Use a token with that scope; «homeostat tokens list» shows what each may do.'];
  if (status === 404)
    return ['Check --url or HOMEOSTAT_URL too: it is the address alone, without a path of the API.'];
  return [];
};
