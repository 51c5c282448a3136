import { Dialog } from '../components/dialog.tsx';
import { pages } from '../pages/index.ts';

/** What the keyboard can do. */
export const Help = ({ onClose }: { onClose(): void }) => (
  <Dialog title="Keyboard" onClose={onClose}>
    <dl class="keys">
      {pages.map(({ key, title }) => (
        <div key={key}>
          <dt>
            <kbd>g</kbd> <kbd>{key}</kbd>
          </dt>
          <dd>{title}</dd>
        </div>
      ))}
      <div>
        <dt>
          <kbd>/</kbd>
        </dt>
        <dd>the filter of the list</dd>
      </div>
      <div>
        <dt>
          <kbd>?</kbd>
        </dt>
        <dd>this</dd>
      </div>
      <div>
        <dt>
          <kbd>Esc</kbd>
        </dt>
        <dd>closes what is open</dd>
      </div>
    </dl>
  </Dialog>
);
