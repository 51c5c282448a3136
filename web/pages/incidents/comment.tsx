import { useState } from 'preact/hooks';
import { curlOf } from '../../client/call.ts';
import { useWrite } from '../../client/queries.ts';
import { Button } from '../../components/button.tsx';
import { Copy } from '../../components/copy.tsx';
import { TextField, Toggle } from '../../components/field.tsx';
import { ProblemNote } from '../../components/told.tsx';

/** To the field, from wherever somebody is on the page. */
export const focusComment = (): void =>
  document.querySelector<HTMLElement>('.incident-comment textarea')?.focus();

type CommentProps = {
  readonly id: string;
  /** It is written; the timeline has it some seconds later. */
  onWritten(comment: { readonly text: string; readonly isPublic: boolean }): void;
  onSaid(sentence: string): void;
};

/** A note for those who work on it or, where it says so, an update that everybody reads. */
export const Comment = ({ id, onWritten, onSaid }: CommentProps) => {
  const [text, setText] = useState('');
  const [isPublic, setPublic] = useState(false);
  const commenting = useWrite('commentIncident', ['incidents']);
  const request = () => ({ params: { id }, body: { text: text.trim(), ...(isPublic && { isPublic }) } });
  const comment = async (): Promise<void> => {
    if (!(await commenting.run(request()))) return;
    onWritten({ text: text.trim(), isPublic });
    setText('');
    setPublic(false);
    onSaid(isPublic ? 'Published: status pages show it within a minute.' : 'Comment kept.');
  };
  return (
    <form
      class="stack incident-comment"
      onSubmit={(event) => {
        event.preventDefault();
        void comment();
      }}
    >
      <TextField
        label={isPublic ? 'Update for the public' : 'Comment'}
        lines={3}
        required
        value={text}
        fault={commenting.problem?.faults.find(({ path }) => path === 'text')?.message}
        onInput={setText}
      />
      <Toggle label="Publish on the status page" value={isPublic} onChange={setPublic} />
      {isPublic && (
        <p class="incident-warning" role="alert">
          <b>Your customers read this</b>, word for word and without signing in, on each status page that
          shows this incident. It cannot be taken back.
        </p>
      )}
      <div class="row">
        <Button type="submit" look={isPublic ? 'danger' : 'primary'} isBusy={commenting.isPending}>
          {isPublic ? 'Publish' : 'Comment'}
        </Button>
        <Copy text={() => curlOf('commentIncident', request())}>Copy as curl</Copy>
      </div>
      <ProblemNote error={commenting.problem} />
    </form>
  );
};
