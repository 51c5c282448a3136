import { QueryClientProvider, useQueryClient } from '@tanstack/preact-query';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { useSession } from '../client/hooks.ts';
import { followChanges, type Live } from '../client/live.ts';
import { newQueryClient } from '../client/queries.ts';
import { TimeZone } from '../components/time.tsx';
import { Account } from './account.tsx';
import { Help } from './help.tsx';
import { LiveBadge } from './live-badge.tsx';
import { Navigation } from './navigation.tsx';
import { useZone } from './preferences.ts';
import { CurrentPage, HashRouter, hook } from './router.tsx';
import { useShortcuts } from './shortcuts.ts';
import { SignIn } from './sign-in.tsx';
import { StopSwitch } from './stop-switch.tsx';
import './console.css';

const Frame = () => {
  const client = useQueryClient();
  const [live, setLive] = useState<Live>({ state: 'waiting', heardAt: 0 });
  const [isNavigationOpen, setNavigationOpen] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [zone, setZone] = useZone();
  useEffect(() => followChanges(client, setLive), [client]);
  const showHelp = useCallback(() => setHelpOpen(true), []);
  useShortcuts(showHelp);
  // On a phone the list of pages goes away once one was chosen.
  useEffect(() => {
    const close = (): void => setNavigationOpen(false);
    window.addEventListener('hashchange', close);
    return () => window.removeEventListener('hashchange', close);
  }, []);
  return (
    <TimeZone.Provider value={zone === 'UTC' ? 'UTC' : undefined}>
      <HashRouter hook={hook}>
        {/* biome-ignore lint/a11y/useValidAnchor: it leads to the content; the hash belongs to the router */}
        <a class="skip" href="#main" onClick={skipToContent}>
          Skip to content
        </a>
        <div class="frame">
          <Navigation isOpen={isNavigationOpen} />
          <div class="content">
            <header class="bar">
              <button
                type="button"
                class="open-navigation"
                aria-expanded={isNavigationOpen}
                aria-controls="navigation"
                onClick={() => setNavigationOpen(!isNavigationOpen)}
              >
                Pages
              </button>
              <LiveBadge live={live} />
              <span class="push row">
                <StopSwitch />
                <Account zone={zone} onZone={setZone} onHelp={showHelp} />
              </span>
            </header>
            <main id="main" tabIndex={-1}>
              <CurrentPage />
            </main>
          </div>
        </div>
        {isHelpOpen && <Help onClose={() => setHelpOpen(false)} />}
      </HashRouter>
    </TimeZone.Provider>
  );
};

/** The hash is the router's: the link moves the focus and leaves the address as it is. */
const skipToContent = (event: Event): void => {
  event.preventDefault();
  document.getElementById('main')?.focus();
};

/** Each token has its own memory of answers: what one may see is not left for the next. */
export const Console = () => {
  const { token } = useSession();
  const [client, setClient] = useState(newQueryClient);
  useEffect(() => {
    if (token === null) setClient(newQueryClient());
  }, [token]);
  if (token === null) return <SignIn />;
  return (
    <QueryClientProvider client={client}>
      <Frame key={token} />
    </QueryClientProvider>
  );
};
