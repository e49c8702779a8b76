import { MenuOutlined, UserOutlined } from '@ant-design/icons';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { Alert, Button, Drawer, Dropdown, Menu, Spin } from 'antd';
import { Suspense, useState } from 'react';
import { language, useCatalogue as speak, t, useLanguage } from '../language.ts';
import { exactTime } from '../parts/time.tsx';
import { useLiveUpdates, useLostSince } from './live.ts';
import { SECTIONS } from './navigation.ts';
import { useMay } from './rights.ts';
import { useLeave, useMe } from './session.tsx';

/** Frame of every page: where one can go, who one is, and whether what is shown is fresh. */
export function Shell() {
  useLanguage();
  useLiveUpdates();
  const [open, setOpen] = useState(false);
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
        <Link to="/" className="brand">
          <img src="/icon.svg" alt="" width={24} height={24} />
          <span>{t('app.name')}</span>
        </Link>
        <div className="bar-end">
          <Account />
        </div>
      </header>
      <nav className="side" aria-label={t('app.menu')}>
        <Places />
      </nav>
      <Drawer open={open} onClose={() => setOpen(false)} placement="left" size={240} title={t('app.name')}>
        <Places went={() => setOpen(false)} />
      </Drawer>
      <main id="content" className="content" tabIndex={-1}>
        <Connection />
        <Suspense fallback={<Spin />}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  );
}

function Places({ went }: { went?: () => void }) {
  const may = useMay();
  const { pathname } = useLocation();
  const items = SECTIONS.flatMap(({ label, places }) => {
    const open = places.filter(
      ({ needs }) => needs.length === 0 || needs.some(([resource, action]) => may(resource, action)),
    );
    if (open.length === 0) return [];
    return [
      {
        type: 'group' as const,
        key: label,
        label: t(label),
        children: open.map((place) => ({ key: place.to, label: <Link to={place.to}>{t(place.label)}</Link> })),
      },
    ];
  });
  const here = SECTIONS.flatMap(({ places }) => places.map(({ to }) => to))
    .filter((to) => pathname === to || (to !== '/' && pathname.startsWith(`${to}/`)))
    .sort((a, b) => b.length - a.length)[0];
  return <Menu mode="inline" selectedKeys={here ? [here] : []} items={items} onClick={() => went?.()} />;
}

function Account() {
  const me = useMe();
  const leave = useLeave();
  return (
    <>
      <Button type="text" onClick={() => speak(language() === 'en' ? 'zh-CN' : 'en')}>
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
        <Button type="text" icon={<UserOutlined />}>
          <span className="bar-name">{me.name}</span>
        </Button>
      </Dropdown>
    </>
  );
}

/** Whoever looks at states must know when they are old. */
function Connection() {
  const since = useLostSince();
  if (since === null) return null;
  return <Alert type="warning" banner title={t('app.lost', { time: exactTime(localIso(since)).slice(11) })} />;
}

function localIso(at: number): string {
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString();
}
