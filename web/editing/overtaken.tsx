import { Button } from '../components/button.tsx';
import { Diff } from '../components/diff.tsx';
import { changesOf } from '../components/diff-rows.ts';

type OvertakenProps = {
  readonly revision: number;
  readonly theirs: Readonly<Record<string, unknown>>;
  readonly mine: unknown;
  onMine(): void;
  onTheirs(): void;
};

/** Somebody else saved while this was typed: what differs, and the two ways on. Neither is taken unasked. */
export const Overtaken = ({ revision, theirs, mine, onMine, onTheirs }: OvertakenProps) => (
  <div class="note stack" role="alert">
    <p>
      Somebody else changed it since you opened it (it is at revision {revision} now). What you typed is still
      here.
    </p>
    <Diff
      rows={changesOf(theirs, mine as Readonly<Record<string, unknown>>)}
      caption="What differs"
      titles={['As it is now', 'As you typed it']}
    />
    <div class="row">
      <Button onClick={onMine}>Keep mine: saving puts it in place of theirs</Button>
      <Button onClick={onTheirs}>Take theirs</Button>
    </div>
  </div>
);
