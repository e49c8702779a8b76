/** The catalogue of words, by language and key. */
let texts = {};
export let language = storedLanguage();
/** What device types call their alarms, events and themselves: code → title in both languages. */
export const named = new Map();

/** The words for a key; a code of a device type has the type's own, any other stands as it is. */
export function t(key, values = {}, fallback = key) {
  const title = named.get(fallback);
  const text = texts[language]?.[key] ?? title?.[language === 'en' ? 'en' : 'zh'] ?? fallback;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

function storedLanguage() {
  const stored = window.localStorage.getItem('cgw.language');
  return stored === 'en' || stored === 'zh-CN' ? stored : 'zh-CN';
}

/** Before anything is drawn. */
export async function loadTexts() {
  texts = await (await fetch('/page/texts.json')).json();
  applyLanguage();
}

export function switchLanguage() {
  language = language === 'en' ? 'zh-CN' : 'en';
  window.localStorage.setItem('cgw.language', language);
  applyLanguage();
}

function applyLanguage() {
  document.documentElement.lang = language;
  document.title = t('brand');
  document.getElementById('brand').textContent = t('brand');
}
