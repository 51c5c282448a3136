import type { ComponentChildren } from 'preact';
import { asProblem, Problem } from '../client/problem.ts';
import { ButtonLink } from './button.tsx';
import { PageHead } from './panel.tsx';
import './told.css';

/** A refusal, whole: the sentence, each field at fault, and the request's id for whoever looks into the log. */
export const ProblemNote = ({ error, again }: { readonly error: unknown; readonly again?: () => void }) => {
  if (!error) return null;
  const { message, faults, code, requestId } = asProblem(error);
  return (
    <div class="note problem" role="alert">
      <p>{message}</p>
      {faults.length > 0 && (
        <ul>
          {faults.map(({ path, message: why }) => (
            <li key={path + why}>
              {path && <code>{path}</code>} {why}
            </li>
          ))}
        </ul>
      )}
      <p class="small soft">
        {code}
        {requestId && ` · request ${requestId}`}
        {again && (
          <>
            {' · '}
            <button type="button" class="as-link" onClick={again}>
              Try again
            </button>
          </>
        )}
      </p>
    </div>
  );
};

type EmptyProps = {
  readonly title: string;
  readonly children?: ComponentChildren;
  readonly action?: ComponentChildren;
};

/** Nothing is there: says so, and what to do next. */
export const Empty = ({ title, children, action }: EmptyProps) => (
  <div class="empty">
    <p class="title">{title}</p>
    {children && <div class="soft">{children}</div>}
    {action}
  </div>
);

export const Waiting = ({ what = 'Reading' }: { readonly what?: string }) => (
  <p class="waiting soft" role="status">
    {what} …
  </p>
);

type Read<T> = { readonly data: T | undefined; readonly error: Error | null; refetch?(): unknown };

/** Whether what a page is about is not there: removed, never there, or out of the token's reach. */
export const isMissing = ({ data, error }: Read<unknown>): boolean =>
  data === undefined && error instanceof Problem && error.status === 404;

/** In place of a page whose subject is not there: old links and cut ones lead here. */
const Missing = () => (
  <div class="stack">
    <PageHead title="Not there" />
    <Empty
      title="What this address leads to is not there"
      action={
        <ButtonLink href={`#/${window.location.hash.split(/[/?]/)[1] ?? ''}`}>See what is there</ButtonLink>
      }
    >
      It was removed, the address is cut off, or your token does not reach it.
    </Empty>
  </div>
);

/** What was read, or that it is being read, or why it could not be; an older answer stays in sight beside the reason. */
export const Told = <T,>({
  read,
  children,
}: {
  readonly read: Read<T>;
  readonly children: (data: T) => ComponentChildren;
}) => {
  if (isMissing(read)) return <Missing />;
  return (
    <>
      {read.error && <ProblemNote error={read.error} again={() => void read.refetch?.()} />}
      {read.data === undefined ? !read.error && <Waiting /> : children(read.data)}
    </>
  );
};
