import { useContext, useState } from 'preact/hooks';
import { curlOf, type Request } from '../../client/call.ts';
import { useIdentity } from '../../client/hooks.ts';
import { useRead, useWrite } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { Copy } from '../../components/copy.tsx';
import { DurationChoice } from '../../components/duration-choice.tsx';
import { type Ending, endOf } from '../../components/ending.ts';
import { TextField, Toggle } from '../../components/field.tsx';
import { covers, matchersWords } from '../../components/matcher-text.ts';
import { Panel } from '../../components/panel.tsx';
import { TimeZone } from '../../components/time.tsx';
import { exactTime } from '../../components/time-text.ts';
import { ProblemNote, Waiting } from '../../components/told.tsx';
import { instantAt, wallTime } from '../../components/wall-time.ts';
import { MatcherRows } from './matcher-rows.tsx';
import { type Draft, firstDrafts, labelsOf, matchersOf } from './standing.ts';

type NewSilenceProps = {
  /** What it is to cover, where somebody came from a check or a deployment. */
  readonly checkId: string | undefined;
  readonly deploymentId: string | undefined;
  onSaid(sentence: string): void;
  onClose(): void;
};

export const NewSilence = ({ checkId, deploymentId, ...rest }: NewSilenceProps) => {
  const check = useRead('checks', 'readCheck', { params: { id: checkId ?? '' } }, { enabled: !!checkId });
  const identity = useIdentity();
  if (checkId && !check.data && !check.error) return <Waiting />;
  // Who reaches some deployments only may silence in those only.
  const reached = identity?.deployments === '*' ? undefined : identity?.deployments[0];
  const home = check.data?.deploymentId ?? deploymentId ?? reached;
  return <Form drafts={firstDrafts(home, check.data?.name)} unread={check.error} {...rest} />;
};

type FormProps = Pick<NewSilenceProps, 'onSaid' | 'onClose'> & {
  readonly drafts: readonly Draft[];
  readonly unread: Error | null;
};

const Form = ({ drafts: first, unread, onSaid, onClose }: FormProps) => {
  const [drafts, setDrafts] = useState(first);
  const [reason, setReason] = useState('');
  const [ending, setEnding] = useState<Ending>({ how: '1h', wall: '' });
  /** Empty: at once. */
  const [startWall, setStartWall] = useState('');
  const timeZone = useContext(TimeZone);
  const creating = useWrite('createSilence', ['mutes', 'incidents']);
  const startsAt = startWall ? instantAt(startWall, timeZone) : undefined;
  const request = (): Request<'createSilence'> => {
    const end = endOf(ending, Math.max(Date.now(), startsAt ?? 0), timeZone);
    return {
      body: {
        matchers: matchersOf(drafts),
        reason: reason.trim(),
        ...(startsAt !== undefined && { startsAt: new Date(startsAt).toISOString() }),
        ...end?.given,
      },
    };
  };
  const create = async (): Promise<void> => {
    const made = await creating.run(request());
    if (!made) return;
    const until = exactTime(made.endsAt, timeZone);
    onSaid(
      made.state === 'waiting'
        ? `It begins ${exactTime(made.startsAt, timeZone)} and ends ${until}.`
        : `Silenced until ${until}. What fires then is told at once.`,
    );
    onClose();
  };
  const faults = creating.problem?.faults ?? [];
  const faultOf = (...paths: string[]): string | undefined =>
    faults.find(({ path }) => paths.includes(path))?.message;
  return (
    <Panel title="New silence">
      <ProblemNote error={unread} />
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <MatcherRows drafts={drafts} faults={faults} onChange={setDrafts} />
        <Covered drafts={drafts} />
        <TextField
          label="Why"
          required
          maxLength={500}
          hint="For those who wonder why nobody was told."
          value={reason}
          fault={faultOf('reason')}
          onInput={setReason}
        />
        <Toggle
          label="Begin later"
          value={startWall !== ''}
          onChange={(isLater) => setStartWall(isLater ? wallTime(Date.now() + 3_600_000, timeZone) : '')}
        />
        {startWall !== '' && (
          <TextField
            label="Begins at"
            type="datetime-local"
            value={startWall}
            fault={faultOf('startsAt')}
            onInput={(wall) => wall && setStartWall(wall)}
          />
        )}
        <DurationChoice
          label="How long"
          value={ending}
          from={startsAt}
          fault={faultOf('duration', 'endsAt')}
          onChange={setEnding}
        />
        <ProblemNote error={creating.problem} />
        <div class="row">
          <Button type="submit" look="primary" isBusy={creating.isPending}>
            Silence
          </Button>
          <Button onClick={onClose}>Cancel</Button>
          <Copy text={() => curlOf('createSilence', request())}>Copy as curl</Copy>
        </div>
      </form>
    </Panel>
  );
};

const mostLookedAt = 200;

/** In words what is being silenced, and what of it fires just now. */
const Covered = ({ drafts }: { readonly drafts: readonly Draft[] }) => {
  const firing = useRead('incidents', 'listAlertEvents', { query: { state: 'firing', limit: mostLookedAt } });
  const matchers = matchersOf(drafts).filter(({ label }) => label !== '');
  if (matchers.length === 0) return null;
  const events = firing.data?.items ?? [];
  const answers = events.map((event) => covers(matchers, labelsOf(event)));
  const covered = answers.filter((answer) => answer === true).length;
  return (
    <p class="silences-covered">
      Alerts whose {matchersWords(matchers)}.{' '}
      {firing.data && (
        <span class="soft">
          {answers.includes(undefined)
            ? 'Which of those that fire now these are, only Homeostat can tell: patterns run there.'
            : `${covered} of the ${events.length}${firing.data.next === null ? '' : ' newest'} that fire now.`}
        </span>
      )}
    </p>
  );
};
