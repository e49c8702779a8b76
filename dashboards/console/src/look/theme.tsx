import { App, ConfigProvider, theme as designs } from 'antd';
import type { Locale } from 'antd/es/locale';
import { type PropsWithChildren, useEffect, useState } from 'react';
import { t, useLanguage } from '../language.ts';
import { inThePage } from './in-the-page.ts';
import { DARK, LETTERS, LIGHT, SIZES } from './tokens.ts';

const LOCALES: Record<string, () => Promise<{ default: Locale }>> = {
  'zh-CN': async () => {
    // Calendars take the names of days and months from it, and on which day a week begins.
    await import('dayjs/locale/zh-cn');
    return import('antd/es/locale/zh_CN');
  },
  en: () => import('antd/es/locale/en_US'),
};
const STILL = window.matchMedia('(prefers-reduced-motion: reduce)');
/** The gateway gives each page its own; styles without it are refused by the browser. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';

/** Colours, sizes and the components' own words; `dark` is the wall screen. */
export function Look({ dark = false, children }: PropsWithChildren<{ dark?: boolean }>) {
  const language = useLanguage();
  const [locale, setLocale] = useState<Locale>();
  const colours = dark ? DARK : LIGHT;
  useEffect(() => {
    void LOCALES[language]?.().then((module) => setLocale(module.default));
  }, [language]);
  useEffect(() => {
    for (const [name, value] of Object.entries(colours)) document.documentElement.style.setProperty(`--${name}`, value);
    document.documentElement.style.setProperty('--letters', LETTERS);
  }, [colours]);
  return (
    <ConfigProvider
      csp={{ nonce }}
      getPopupContainer={inThePage}
      // Two characters stay one word, for readers aloud and for whoever looks for it.
      button={{ autoInsertSpace: false }}
      {...(locale ? { locale } : {})}
      // Of what is typed and of what is chosen alike.
      form={{ validateMessages: { required: t('form.required', { label: `$\{label}` }) } }}
      theme={{
        algorithm: dark ? designs.darkAlgorithm : designs.compactAlgorithm,
        token: {
          colorPrimary: colours.accent,
          colorSuccess: colours.good,
          colorWarning: colours.warning,
          colorError: colours.bad,
          colorInfo: colours.accent,
          colorText: colours.text,
          colorTextSecondary: colours.quiet,
          colorTextPlaceholder: colours.quiet,
          colorTextDescription: colours.quiet,
          colorBgLayout: colours.ground,
          colorBgContainer: colours.surface,
          colorBorder: colours.line,
          fontFamily: LETTERS,
          fontSize: SIZES.text,
          borderRadius: 4,
          motion: !STILL.matches,
        },
        components: {
          Table: { rowSelectedBg: colours.chosen, rowSelectedHoverBg: colours.chosen },
          // White words stand on the switch that is off.
          Switch: { colorTextQuaternary: colours.none, colorTextTertiary: colours.quiet },
          // The pale green and amber made of dark ones are mud.
          Alert: {
            colorSuccessBg: colours.surface,
            colorSuccessBorder: colours.good,
            colorWarningBg: colours.surface,
            colorWarningBorder: colours.warning,
          },
        },
      }}
    >
      {/* Questions and short messages are asked for by hooks: they must know language and colours. */}
      <App component={false}>{children}</App>
    </ConfigProvider>
  );
}
