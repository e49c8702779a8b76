import { useQuery } from '@tanstack/react-query';
import { Alert, Button, DatePicker, Form, Input, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import { api, body } from '../../api/client.ts';
import { useMe } from '../../app/session.tsx';
import { t } from '../../language.ts';
import type { Task } from '../../parts/queue/entry.ts';
import { useAdd } from '../../parts/queue/use-add.ts';
import { needsWords } from '../../parts/ticket-proof.ts';
import { zonedAt, zonedIso, zonedNow } from '../../parts/zoned-day.ts';
import type { Ticket } from './ticket-facts.ts';

type What = 'suspension' | 'extension' | 'assign' | 'returned' | 'comment' | 'handling' | 'closed';
interface Fields {
  readonly note?: string;
  readonly until?: Dayjs;
  readonly assigneeId?: string;
}

const LABEL: Partial<Record<What, 'field.remark' | 'field.verified'>> = {
  comment: 'field.remark',
  closed: 'field.verified',
};
const MEANS: Partial<Record<What, 'field.askMeans' | 'field.backMeans'>> = {
  suspension: 'field.askMeans',
  extension: 'field.askMeans',
  returned: 'field.backMeans',
};

/** What needs a reason: to suspend, for more time, to hand over, to give back, and the verdict on a repair. */
export function AskForm({ ticket, what, done }: { ticket: Ticket; what: What; done: () => void }) {
  const add = useAdd();
  const [form] = Form.useForm<Fields>();
  const zone = useMe().timeZone;
  const timed = what === 'suspension' || what === 'extension';
  // More time begins where the limit ends; the gateway would refuse less, long after the form is gone.
  const due = what === 'extension' && ticket.dueAt !== null ? zonedAt(ticket.dueAt, zone) : null;
  const now = zonedNow(zone);
  const after = due?.isAfter(now) ? due : now;
  const send = async (fields: Fields) => {
    if (await add([taskOf(ticket, what, fields, zone)])) done();
  };
  return (
    <Form form={form} layout="vertical" className="field-form" onFinish={(fields) => void send(fields)}>
      {MEANS[what] && <Alert type="info" title={t(MEANS[what])} style={{ marginBlockEnd: 12 }} />}
      {what === 'assign' && <Colleague ticket={ticket} />}
      {timed && (
        <Form.Item
          name="until"
          label={t('field.until')}
          rules={[
            { required: true, message: t('field.untilNeeded') },
            {
              validator: async (_, until?: Dayjs) => {
                if (until && !until.isAfter(after)) throw new Error(t(due ? 'field.untilLater' : 'field.untilPast'));
              },
            },
          ]}
          initialValue={after.add(1, 'day').hour(18).minute(0).second(0)}
        >
          <DatePicker
            showTime={{ format: 'HH:mm', minuteStep: 30 }}
            showNow={false}
            format="YYYY-MM-DD HH:mm"
            inputReadOnly
            minDate={after}
          />
        </Form.Item>
      )}
      <Form.Item
        name="note"
        label={t(LABEL[what] ?? 'field.reason')}
        rules={[
          {
            required: what !== 'closed' || needsWords(ticket),
            whitespace: true,
            message: t(`${LABEL[what] ?? 'field.reason'}Needed`),
          },
        ]}
      >
        <Input.TextArea rows={3} maxLength={1_000} />
      </Form.Item>
      <Button type="primary" size="large" block htmlType="submit">
        {t('field.submit')}
      </Button>
    </Form>
  );
}

/** People of the own unit, as far as the gateway names them to this person. */
function Colleague({ ticket }: { ticket: Ticket }) {
  const me = useMe();
  const people = useQuery({
    queryKey: ['lists', 'assignees', ticket.id],
    queryFn: () => body(api.GET('/api/v1/tickets/{id}/people', { params: { path: { id: ticket.id } } })),
    networkMode: 'always',
    retry: false,
  });
  const options = (people.data?.items ?? [])
    .filter(({ id }) => id !== me.id)
    .map(({ id, name }) => ({ value: id, label: name }));
  return (
    <Form.Item
      name="assigneeId"
      label={t('field.handTo')}
      rules={[{ required: true, message: t('field.handToNeeded') }]}
      extra={!people.isPending && options.length === 0 ? t('field.nobody') : undefined}
    >
      <Select classNames={{ popup: { root: 'field-options' } }} loading={people.isPending} options={options} />
    </Form.Item>
  );
}

function taskOf(ticket: Ticket, what: What, { note = '', until, assigneeId = '' }: Fields, zone: string): Task {
  const ticketId = ticket.id;
  const said = note.trim();
  switch (what) {
    case 'suspension':
    case 'extension':
      return {
        kind: what,
        ticketId,
        reason: said,
        until: zonedIso(until ?? zonedNow(zone), zone),
      };
    case 'assign':
      return { kind: 'assign', ticketId, assigneeId, note: said };
    case 'comment':
      return { kind: 'comment', ticketId, note: said };
    case 'handling': {
      const who = ticket.assigneeId === null ? {} : { assigneeId: ticket.assigneeId };
      return { kind: 'transition', ticketId, body: { to: what, note: said, ...who } };
    }
    default:
      return { kind: 'transition', ticketId, body: { to: what, ...(said && { note: said }) } };
  }
}
