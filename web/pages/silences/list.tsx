import { useState } from 'preact/hooks';
import { useAddressQuery } from '../../client/address-query.ts';
import { useMay } from '../../client/hooks.ts';
import { useList } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { SearchField } from '../../components/field.tsx';
import { matchersWords } from '../../components/matcher-text.ts';
import { PageHead } from '../../components/panel.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { useNow } from '../../components/time.tsx';
import { Empty, ProblemNote, Waiting } from '../../components/told.tsx';
import { Card } from './card.tsx';
import { NewSilence } from './new.tsx';
import { inOrder, type Silence, type Standing, standingAt, tabs } from './standing.ts';
import './silences.css';

const SilencesPage = () => {
  const [query, changeQuery] = useAddressQuery();
  const [said, setSaid] = useState('');
  const mayOperate = useMay('operate');
  const now = useNow();
  const chosen = tabs.find(({ name }) => name === query.tab)?.name ?? 'active';
  const current = useList('mutes', 'listSilences', { limit: 200 }, { all: true });
  const ended = useList(
    'mutes',
    'listSilences',
    { limit: 200, state: 'ended' },
    { all: true, enabled: chosen === 'ended' },
  );
  const standing = (wanted: Standing): readonly Silence[] | undefined =>
    current.items?.filter((one) => standingAt(one, now) === wanted);
  // What ends while somebody looks goes over by itself; what is asked for anew later tells it as well.
  const list = chosen === 'ended' ? ended : current;
  const silences = chosen === 'ended' ? ended.items : standing(chosen);
  const isNew = mayOperate && query.new !== undefined;
  const close = (): void => changeQuery({ new: undefined, checkId: undefined, deploymentId: undefined });
  return (
    <div class="stack silences">
      <PageHead
        title="Silences"
        actions={
          mayOperate &&
          !isNew && (
            <Button look="primary" onClick={() => changeQuery({ new: '1' })}>
              New silence
            </Button>
          )
        }
      >
        What matches is recorded and not told until the silence ends.
      </PageHead>
      <p class={said ? 'silences-said' : 'unseen'} role="status" aria-live="polite">
        {said}
      </p>
      {isNew && (
        <NewSilence
          key={`${query.checkId} ${query.deploymentId}`}
          checkId={query.checkId}
          deploymentId={query.deploymentId}
          onSaid={setSaid}
          onClose={close}
        />
      )}
      <div class="row">
        <Tabs
          label="Which silences"
          tabs={tabs.map((one) =>
            one.name === 'ended' ? one : { ...one, count: standing(one.name)?.length },
          )}
          chosen={chosen}
          onChoose={(name) => changeQuery({ tab: name === 'active' ? undefined : name })}
        />
        <span class="push">
          <SearchField
            label="Filter silences"
            value={query.q ?? ''}
            onInput={(q) => changeQuery({ q }, { replaces: true })}
          />
        </span>
      </div>
      {list.error && <ProblemNote error={list.error} />}
      {!silences && !list.error && <Waiting />}
      {silences && (
        <Found
          silences={inOrder(silences.filter(isMeant(query.q ?? '')), chosen)}
          isFiltered={silences.length > 0}
          standing={chosen}
          onSaid={setSaid}
        />
      )}
    </div>
  );
};
export default SilencesPage;

const isMeant =
  (text: string) =>
  ({ matchers, reason, author }: Silence): boolean =>
    [...matchers, matchersWords(matchers), reason, author].some((one) =>
      one.toLowerCase().includes(text.toLowerCase()),
    );

const emptyWords: Readonly<Record<Standing, readonly [string, string]>> = {
  active: [
    'Nothing is silenced',
    'Every alert is told as its rule says. Silence what you know of already, with a reason and an end.',
  ],
  waiting: ['No silence is to come', 'A silence may begin later: give it a start when you make it.'],
  ended: ['No silence ended in the last 30 days', 'They stay to be seen so long.'],
};

type FoundProps = {
  readonly silences: readonly Silence[];
  readonly isFiltered: boolean;
  readonly standing: Standing;
  onSaid(sentence: string): void;
};

const Found = ({ silences, isFiltered, standing, onSaid }: FoundProps) => {
  if (silences.length === 0) {
    const [title, explained] = isFiltered ? ['None of them matches', ''] : emptyWords[standing];
    return <Empty title={title}>{explained && <p>{explained}</p>}</Empty>;
  }
  return (
    <ul class="silences-list">
      {silences.map((silence) => (
        <Card key={silence.id} silence={silence} standing={standing} onSaid={onSaid} />
      ))}
    </ul>
  );
};
