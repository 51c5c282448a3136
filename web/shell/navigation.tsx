import { useLocation } from 'wouter-preact';
import { pages } from '../pages/index.ts';
import type { Page } from '../pages/page.ts';
import { Mark } from './mark.tsx';

const groups: readonly (readonly [Page['group'], string])[] = [
  ['now', 'Now'],
  ['watch', 'Watch'],
  ['heal', 'Heal'],
  ['settings', 'Settings'],
];

const isIn = (location: string, { home, routes }: Page): boolean =>
  home === '/'
    ? location === '/' || location === ''
    : routes.some(({ path }) => location.startsWith(path.split('/:')[0] ?? path));

type NavigationProps = { readonly isOpen: boolean };

export const Navigation = ({ isOpen }: NavigationProps) => {
  const [location] = useLocation();
  return (
    <nav class={isOpen ? 'open' : ''} id="navigation" aria-label="Pages">
      <a class="home" href="#/">
        <Mark /> Homeostat
      </a>
      {groups.map(([group, title]) => {
        const listed = pages.filter((page) => page.group === group);
        return (
          listed.length > 0 && (
            <div key={group}>
              <p class="group">{title}</p>
              <ul>
                {listed.map((page) => (
                  <li key={page.home}>
                    <a href={`#${page.home}`} aria-current={isIn(location, page) ? 'page' : undefined}>
                      {page.title}
                    </a>
                  </li>
                ))}
              </ul>
            </div>
          )
        );
      })}
      <div class="elsewhere">
        <a href="status">Status page</a>
        <a href="docs">API</a>
      </div>
    </nav>
  );
};
