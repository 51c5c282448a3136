import { useContext, useId } from 'preact/hooks';
import { type Ending, endings, endOf } from './ending.ts';
import { TimeZone, useNow } from './time.tsx';
import { exactTime } from './time-text.ts';
import { wallTime } from './wall-time.ts';
import './duration-choice.css';

type DurationChoiceProps = {
  readonly label: string;
  readonly value: Ending;
  /** Epoch ms it counts from; now when left out or past. */
  readonly from?: number | undefined;
  /** What is wrong with it, as the API said. */
  readonly fault?: string | undefined;
  onChange(value: Ending): void;
};

/** How long something shall hold: a few usual lengths, or an exact end. It says when that is. */
export const DurationChoice = ({ label, value, from = 0, fault, onChange }: DurationChoiceProps) => {
  const id = useId();
  const now = Math.max(useNow(), from);
  const timeZone = useContext(TimeZone);
  const end = endOf(value, now, timeZone);
  const choose = (how: Ending['how']): void =>
    onChange({ how, wall: value.wall || wallTime(now + 3_600_000, timeZone) });
  return (
    <fieldset class="duration-choice" aria-describedby={`${id}-end`}>
      <legend>{label}</legend>
      <div class="choices">
        {endings.map(({ how, title }) => (
          <label key={how} class={value.how === how ? 'chosen' : ''}>
            <input type="radio" name={id} checked={value.how === how} onChange={() => choose(how)} />
            {title}
          </label>
        ))}
      </div>
      {value.how === 'exact' && (
        <input
          type="datetime-local"
          aria-label="Ends at"
          value={value.wall}
          min={wallTime(now, timeZone)}
          aria-invalid={end === undefined}
          onInput={(event) => onChange({ how: 'exact', wall: event.currentTarget.value })}
        />
      )}
      {fault && <p class="fault">{fault}</p>}
      <p class="hint numbers" id={`${id}-end`}>
        {end ? `Ends ${exactTime(end.at, timeZone)}` : 'Give a time that is to come.'}
      </p>
    </fieldset>
  );
};
