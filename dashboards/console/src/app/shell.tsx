import { MenuOutlined, UserOutlined } from '@ant-design/icons';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { Alert, Button, Drawer, Dropdown, Spin } from 'antd';
import { Suspense, useEffect, useRef, useState } from 'react';
import { language, speak, t, useLanguage } from '../language.ts';
import { nowIn } from '../parts/live/zone-clock.ts';
import { Forbidden } from './forbidden.tsx';
import { Halted } from './halted.tsx';
import { useLiveUpdates, useLostSince } from './live.ts';
import { Places } from './places.tsx';
import { useReachableScrolls } from './reachable.ts';
import { useMayGo } from './rights.ts';
import { Search } from './search.tsx';
import { useLeave, useMe } from './session.tsx';
import './shell.css';

/** Frame of every page: where one can go, who one is, and whether what is shown is fresh. */
export function Shell() {
  useLanguage();
  useLiveUpdates();
  const { pathname } = useLocation();
  const [open, setOpen] = useState(false);
  const content = useFocusOnNavigation(pathname);
  useReachableScrolls(content);
  const allowed = useMayGo()(pathname);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {t('app.skip')}
      </a>
      <header className="bar">
        <Button
          className="bar-menu"
          type="text"
          icon={<MenuOutlined />}
          aria-label={t('app.menu')}
          onClick={() => setOpen(true)}
        />
        <Link to="/" className="brand" aria-label={t('app.name')}>
          <img src="/icon.svg" alt="" width={24} height={24} />
          <span>{t('app.name')}</span>
        </Link>
        <Search />
        <div className="bar-end">
          <Account />
        </div>
      </header>
      <nav className="side" aria-label={t('app.menu')}>
        <Places />
      </nav>
      <Drawer open={open} onClose={() => setOpen(false)} placement="left" size={240} title={t('app.name')}>
        <nav aria-label={t('app.menu')}>
          <Places went={() => setOpen(false)} />
        </nav>
      </Drawer>
      <main id="content" className="content" tabIndex={-1} ref={content}>
        <Connection />
        <Halted />
        <Suspense fallback={<Spin />}>{allowed ? <Outlet /> : <Forbidden />}</Suspense>
      </main>
    </div>
  );
}

/** Whoever hears the page or goes by keyboard is at its beginning after every step. */
function useFocusOnNavigation(pathname: string) {
  const content = useRef<HTMLElement>(null);
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    content.current?.focus({ preventScroll: true });
  }, [pathname]);
  return content;
}

function Account() {
  const me = useMe();
  const leave = useLeave();
  return (
    <>
      <Button type="text" className="bar-language" onClick={() => speak(language() === 'en' ? 'zh-CN' : 'en')}>
        {t('app.otherLanguage')}
      </Button>
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            { key: 'account', label: <Link to="/account">{t('app.account')}</Link> },
            { key: 'leave', label: t('app.leave'), onClick: () => void leave() },
          ],
        }}
      >
        <Button type="text" icon={<UserOutlined />} aria-label={me.name}>
          <span className="bar-name">{me.name}</span>
        </Button>
      </Dropdown>
    </>
  );
}

/** Whoever looks at states must know when they are old. */
function Connection() {
  const zone = useMe().timeZone;
  const since = useLostSince();
  if (since === null) return null;
  return <Alert type="warning" banner title={t('app.lost', { time: nowIn(zone, since).slice(11) })} />;
}
