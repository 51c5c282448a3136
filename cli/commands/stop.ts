import { type ConnectionOptions, connect } from '../connection.ts';
import { paint, printable, say, sayJson } from '../output.ts';
import { instantText } from './columns.ts';

const stopPath = '/api/v1/monitoring/remediation/stop';

type Switch = {
  readonly isOn: boolean;
  readonly by: string | null;
  readonly reason: string | null;
  readonly at: string | null;
};

export type StopOptions = ConnectionOptions & {
  readonly reason?: string;
  readonly resume?: boolean;
  readonly status?: boolean;
  readonly json?: boolean;
};

/** Stops everything that would be changed; with --resume lets it run again, with --status only tells. */
export const stop = async ({ reason, resume, status, json, ...connection }: StopOptions): Promise<void> => {
  const client = connect(connection);
  const body = reason === undefined ? {} : { reason };
  const after = status
    ? await client.request<Switch>('GET', stopPath)
    : resume
      ? await client.request<Switch>('DELETE', stopPath)
      : await client.request<Switch>('POST', stopPath, { body });
  if (json) return sayJson(after);
  return say(sentenceOf(after));
};

const sentenceOf = ({ isOn, by, reason, at }: Switch): string => {
  const when = at === null ? '' : `, ${instantText(at)} UTC`;
  if (isOn) {
    const who = `by ${printable(by ?? 'somebody')}${when}: ${printable(reason ?? 'no reason was given')}`;
    return `${paint('red', 'Stopped')} ${who}. Nothing is applied until «homeostat stop --resume».`;
  }
  return by === null
    ? 'Nothing is stopped: remedies run as the policies say.'
    : `${paint('green', 'Not stopped')}: remedies run as the policies say (${printable(by)}${when}).`;
};
