import type { help as words } from '../zh-CN/help.ts';

export const help: Readonly<Record<keyof typeof words, string>> = {
  'help.all': 'All guides',
  'help.none': 'There is no such guide',
  'help.otherLanguage': 'This guide is not there in English yet; here it is in Chinese',
  'help.shelf.daily': 'Duty and maintenance',
  'help.shelf.manage': 'Devices and rules',
  'help.shelf.admin': 'Administration',
  'help.shelf.vendor': 'For vendors',
  'help.shelf.other': 'More',
  'about.version': 'Version',
  'about.licence': 'Licence',
  'about.running': 'Started',
  'about.api': 'API',
  'about.apiDocs': 'How to use it',
  'about.ask': 'Asking for help',
  'about.askHow':
    'Look into the guides first. If that does not help, send the request id of the error, the time, what you did and the facts below (no password, no data of devices) to whoever looks after this system',
  'about.told': 'Copy the facts (version, browser, self-check)',
  'about.since': 'since {time}',
};
