import { Button } from './button.tsx';

type MoreProps = { readonly list: { readonly isMore: boolean; readonly isReading: boolean; more(): void } };

/** The next page of a list; nothing where there is none. */
export const More = ({ list }: MoreProps) =>
  list.isMore ? (
    <div>
      <Button onClick={list.more} isBusy={list.isReading}>
        More
      </Button>
    </div>
  ) : null;
