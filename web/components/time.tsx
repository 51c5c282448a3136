import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { exactTime, lastingText, relativeTime } from './time-text.ts';

/** IANA name of the zone that exact times are told in; undefined: the reader's own. */
export const TimeZone = createContext<string | undefined>(undefined);

const listeners = new Set<() => void>();
setInterval(() => {
  if (!document.hidden) for (const listener of listeners) listener();
}, 1000);

/** Now, each second anew; one timer for the whole page. */
export const useNow = (): number => {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const listener = () => setNow(Date.now());
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return now;
};

/** `3 min ago`, with the exact instant and its zone for whoever points at it. */
export const Ago = ({ at }: { readonly at: string }) => {
  const now = useNow();
  return (
    <time dateTime={at} title={exactTime(at, useContext(TimeZone))}>
      {relativeTime(Date.parse(at), now)}
    </time>
  );
};

/** `for 3 min`: how long something has been so, with the instant it began for whoever points at it. */
export const Since = ({ at }: { readonly at: string }) => {
  const now = useNow();
  return (
    <time dateTime={at} title={`since ${exactTime(at, useContext(TimeZone))}`}>
      {lastingText(Date.parse(at), now)}
    </time>
  );
};

/** The exact instant, with how long ago it was for whoever points at it. */
export const Exact = ({ at }: { readonly at: string }) => (
  <time dateTime={at} title={relativeTime(Date.parse(at), Date.now())}>
    {exactTime(at, useContext(TimeZone))}
  </time>
);
