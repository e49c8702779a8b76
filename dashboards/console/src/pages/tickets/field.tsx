import { useQuery } from '@tanstack/react-query';
import { DatePicker, Form, Input, Radio, Select } from 'antd';
import { useEffect } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMe } from '../../app/session.tsx';
import { language, t } from '../../language.ts';
import { NamedSelect } from '../../parts/named-select.tsx';
import { useNames } from '../../parts/names.ts';
import { PhotoPicker } from '../../parts/photos.tsx';
import { nameIn, ticketDevices, ticketTitle } from '../../parts/ticket-clock.tsx';
import { zonedIso, zonedNow } from '../../parts/zoned-day.ts';
import type { FieldName, Ticket } from './actions.ts';

interface FieldProps {
  readonly name: FieldName;
  readonly required: boolean;
  readonly ticket: Ticket;
  readonly sent?: ReadonlyMap<string, number>;
}

const WRITTEN: readonly FieldName[] = ['note', 'reason', 'instruction'];

/** One field of a step, with its label and its rule. */
export function Field({ name, required, ticket, sent }: FieldProps) {
  const words = WRITTEN.includes(name) ? 'ticketField.required' : 'ticketField.choose';
  const rules = [
    {
      required,
      message: t(words, { field: t(`ticketField.${name}`) }),
      ...(required && WRITTEN.includes(name) && { whitespace: true }),
    },
  ];
  return (
    <Form.Item name={name} label={t(`ticketField.${name}`)} rules={rules}>
      {input(name, ticket, sent)}
    </Form.Item>
  );
}

function input(name: FieldName, ticket: Ticket, sent?: ReadonlyMap<string, number>) {
  switch (name) {
    case 'cause':
    case 'faultType':
      return <CodeSelect of={name === 'cause' ? 'causes' : 'faultTypes'} module={ticket.module} />;
    case 'assigneeId':
      return <PersonSelect ticket={ticket} />;
    case 'handlerOrgId':
    case 'orgId':
      return <NamedSelect of="orgs" />;
    case 'duty':
      return (
        <Radio.Group
          options={(['assist', 'related'] as const).map((duty) => ({ value: duty, label: t(`duty.${duty}`) }))}
        />
      );
    case 'until':
      return <TimeInput />;
    case 'photos':
      return <PhotoPicker place {...(sent && sent.size > 0 && { sent })} />;
    case 'deviceIds':
      return <TicketDeviceSelect ticket={ticket} />;
    case 'ids':
      return <TicketSelect besides={ticket} />;
    default:
      return <Input.TextArea rows={3} maxLength={2_000} />;
  }
}

interface Chosen<T> {
  readonly value?: T;
  readonly onChange?: (value: T) => void;
  readonly id?: string;
}

/** A moment to come, in the gateway's zone wherever the reader sits. */
function TimeInput({ onChange, id }: Chosen<string>) {
  const zone = useMe().timeZone;
  return (
    <DatePicker
      {...(id && { id })}
      showTime={{ format: 'HH:mm' }}
      showNow={false}
      format="YYYY-MM-DD HH:mm"
      disabledDate={(day) => day.isBefore(zonedNow(zone), 'day')}
      // Enter takes the moment; it does not send the form.
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.preventDefault();
      }}
      onChange={(time) => onChange?.(time ? zonedIso(time.second(0), zone) : '')}
    />
  );
}

/** Causes and fault types of the ticket's module. */
export function CodeSelect({
  of,
  module,
  ...select
}: Chosen<string> & { of: 'causes' | 'faultTypes'; module: string | null }) {
  const { data } = useCodes(module);
  return (
    <Select
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      {...select}
      options={(data?.[of] ?? []).map(({ code, title }) => ({ value: code, label: inWords(title) }))}
    />
  );
}

export const useCodes = (module: string | null | undefined) =>
  useQuery({
    queryKey: ['names', 'ticket-codes', module ?? ''],
    queryFn: () => body(api.GET('/api/v1/ticket-codes', { params: { query: module ? { module } : {} } })),
    staleTime: 300_000,
  });

export const inWords = ({ zh, en }: { zh: string; en: string }): string => (language() === 'en' ? en : zh);

/** Who may be named, the handling party's own people first. */
function PersonSelect({ ticket, ...select }: Chosen<string | undefined> & { ticket: Ticket }) {
  const people = useQuery({
    queryKey: ['tickets', ticket.id, 'people'],
    queryFn: () => body(api.GET('/api/v1/tickets/{id}/people', { params: { path: { id: ticket.id } } })),
    staleTime: 60_000,
  });
  const orgs = useNames('orgs');
  const form = Form.useFormInstance();
  const unit: string | undefined = Form.useWatch('handlerOrgId', form);
  const { value, onChange } = select;
  // Whoever is named belongs to the unit that is named with them.
  const known = (people.data?.items ?? []).filter(({ orgId }) => !unit || orgId === unit);
  const lost = value && people.data && !known.some(({ id }) => id === value);
  useEffect(() => {
    if (lost && unit) onChange?.(undefined);
  }, [lost, unit, onChange]);
  return (
    <Select
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      loading={people.isPending}
      {...select}
      options={known.map(({ id, name, orgId }) => ({
        value: id,
        label: orgId ? `${name} · ${orgs.name(orgId)}` : name,
      }))}
    />
  );
}

function TicketDeviceSelect({ ticket, ...select }: Chosen<string[]> & { ticket: Ticket }) {
  const name = nameIn(ticket);
  return (
    <Select
      mode="multiple"
      showSearch={{ optionFilterProp: 'label' }}
      {...select}
      options={ticket.deviceIds.map((id) => ({ value: id, label: name(id) }))}
    />
  );
}

/** Open tickets of the same module and kind: only those can be one. */
function TicketSelect({ besides, ...select }: Chosen<string[]> & { besides: Ticket }) {
  const { kind, module, id: own } = besides;
  const query = {
    kind,
    limit: 100,
    stage: 'discovered,filed,dispatched,handling,returned',
    ...(module && { module }),
  } as const;
  const found = useQuery({
    queryKey: ['tickets', 'to-merge', kind, module],
    queryFn: () => body(api.GET('/api/v1/tickets', { params: { query } })),
  });
  const others: readonly Answer<'Ticket'>[] = (found.data?.items ?? []).filter(({ id }) => id !== own);
  return (
    <Select
      mode="multiple"
      showSearch={{ optionFilterProp: 'label' }}
      loading={found.isPending}
      {...select}
      options={others.map((ticket) => ({
        value: ticket.id,
        label: `${ticket.no} · ${ticketTitle(ticket)} · ${ticketDevices(ticket)}`,
      }))}
    />
  );
}
