import { Tag } from 'antd';
import { t, tCode } from '../../language.ts';
import { useCodeWords } from './facts.tsx';
import { VIEWS } from './query.ts';

type Filters = Readonly<Record<string, string | undefined>>;

const FLAGS = ['overdue', 'mine', 'drill', 'supervised', 'returned'] as const;
/** What a list may be narrowed by without a control of its own: a link from elsewhere brought it. */
const HIDDEN = [
  'stage',
  'fault',
  'cause',
  'faultType',
  'pending',
  'dueWithin',
  'assigneeId',
  'incidentId',
  ...FLAGS,
] as const;
type Hidden = (typeof HIDDEN)[number];
const PENDING: Record<string, string> = {
  suspension: 'suspensions',
  extension: 'extensions',
  escalation: 'escalations',
};

/** Says what the list is narrowed by beyond what its controls show, and takes it away again. */
export function FilterTags({ filters, change }: { filters: Filters; change: (more: Filters) => void }) {
  const code = useCodeWords(null);
  const { view: _, page: __, ...own } = filters;
  const now = JSON.stringify(Object.entries(own).sort());
  // An open view names itself.
  if (Object.values(VIEWS).some((view) => JSON.stringify(Object.entries(view).sort()) === now)) return null;
  const words = (name: Hidden, value: string): string => {
    switch (name) {
      case 'stage':
        return stagesOf(value);
      case 'fault':
        return tCode('fault', value);
      case 'cause':
        return code('causes', value);
      case 'faultType':
        return code('faultTypes', value);
      case 'pending':
        return tCode('tickets.view', PENDING[value] ?? value);
      case 'dueWithin':
        return t('tickets.by.dueWithin', { length: value });
      default:
        return t(`tickets.by.${name}`);
    }
  };
  return HIDDEN.filter((name) => filters[name]).map((name) => (
    <Tag key={name} closable onClose={() => change({ [name]: undefined })}>
      {words(name, filters[name] ?? '')}
    </Tag>
  ));
}

function stagesOf(value: string): string {
  if (value === VIEWS.open.stage) return tCode('tickets.view', 'open');
  return value
    .split(',')
    .map((stage) => tCode('stage', stage))
    .join(t('tickets.by.separator'));
}
