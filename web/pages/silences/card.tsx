import { useState } from 'preact/hooks';
import { curlOf } from '../../client/call.ts';
import { useMay } from '../../client/hooks.ts';
import { useWrite } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { Copy } from '../../components/copy.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { matchersWords } from '../../components/matcher-text.ts';
import { Pill } from '../../components/status.tsx';
import { Ago, Exact, useNow } from '../../components/time.tsx';
import { durationText } from '../../components/time-text.ts';
import { ProblemNote } from '../../components/told.tsx';
import { Extend } from './extend.tsx';
import { authorWords, type Silence, type Standing } from './standing.ts';

type CardProps = {
  readonly silence: Silence;
  readonly standing: Standing;
  onSaid(sentence: string): void;
};

/** One silence: what it covers, why, by whom, and how long yet. */
export const Card = ({ silence, standing, onSaid }: CardProps) => {
  const { matchers, reason, author, startsAt, endsAt, createdAt } = silence;
  const [asked, setAsked] = useState<'extend' | 'end'>();
  const mayOperate = useMay('operate');
  const close = (): void => setAsked(undefined);
  return (
    <li class="panel">
      <div class="row">
        <b class="silences-what">Alerts whose {matchersWords(matchers)}</b>
        {mayOperate && standing !== 'ended' && (
          <span class="row push">
            <Button onClick={() => setAsked('extend')}>
              {standing === 'active' ? 'Extend …' : 'Change …'}
            </Button>
            <Button onClick={() => setAsked('end')}>{standing === 'active' ? 'End now …' : 'Drop …'}</Button>
          </span>
        )}
      </div>
      <p class="silences-why">«{reason}»</p>
      <p class="row small">
        {standing === 'active' && <Left until={endsAt} />}
        {standing === 'waiting' && <Pill tone="plain">to come</Pill>}
        {standing === 'ended' && <Pill tone="plain">ended</Pill>}
        {standing === 'waiting' && (
          <span>
            begins <Exact at={startsAt} /> (<Ago at={startsAt} />)
          </span>
        )}
        <span>
          {standing === 'ended' ? 'ended' : 'until'} <Exact at={endsAt} />
          {standing === 'ended' && (
            <>
              {' '}
              (<Ago at={endsAt} />)
            </>
          )}
        </span>
        <span class="soft">
          by {authorWords(author)}, <Ago at={createdAt} />
        </span>
      </p>
      <p class="small soft">
        <code>{matchers.join('  ')}</code>
      </p>
      {asked === 'extend' && <Extend silence={silence} onSaid={onSaid} onClose={close} />}
      {asked === 'end' && <End silence={silence} standing={standing} onSaid={onSaid} onClose={close} />}
    </li>
  );
};

const Left = ({ until }: { readonly until: string }) => {
  const seconds = (Date.parse(until) - useNow()) / 1000;
  return <Pill tone="calm">{`${durationText(Math.max(0, seconds))} left`}</Pill>;
};

type EndProps = CardProps & { onClose(): void };

const End = ({ silence: { id, revision }, standing, onSaid, onClose }: EndProps) => {
  const ending = useWrite('expireSilence', ['mutes', 'incidents']);
  const request = { params: { id } };
  const end = async (): Promise<void> => {
    if ((await ending.run(request, { revision })) === undefined) return;
    onSaid(standing === 'active' ? 'Ended: what still fires is told now.' : 'Dropped: it will not begin.');
    onClose();
  };
  return (
    <ConfirmDialog
      title={standing === 'active' ? 'End it now?' : 'Drop it before it begins?'}
      confirm={standing === 'active' ? 'End now' : 'Drop'}
      isBusy={ending.isPending}
      onConfirm={() => void end()}
      onClose={onClose}
    >
      <p>
        {standing === 'active'
          ? 'What it covers and still fires is told at once.'
          : 'It stays to be seen under «Ended».'}
      </p>
      <ProblemNote error={ending.problem} />
      <div>
        <Copy text={() => curlOf('expireSilence', request)}>Copy as curl</Copy>
      </div>
    </ConfirmDialog>
  );
};
