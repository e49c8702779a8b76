import { Checkbox, Form, Input, InputNumber, Select } from 'antd';
import { api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { FormDrawer } from '../../parts/form-drawer.tsx';
import type { Channel } from './channel-list.ts';
import { PairsInput } from './pairs-input.tsx';

const KINDS = ['wecom', 'dingtalk', 'feishu', 'smtp', 'webhook', 'deadMan'] as const;
type FieldKind = 'text' | 'texts' | 'number' | 'switch' | 'long' | 'headers' | 'members' | readonly string[];
/** Fields of a channel's configuration by kind; `!` = it must be given. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, FieldKind>>>> = {
  wecom: { baseUrl: 'text', keyword: 'text', members: 'members' },
  dingtalk: { baseUrl: 'text', keyword: 'text', members: 'members' },
  feishu: { baseUrl: 'text', keyword: 'text', format: ['card', 'text'], members: 'members' },
  smtp: {
    'host!': 'text',
    'port!': 'number',
    'security!': ['tls', 'startTls', 'none'],
    user: 'text',
    'from!': 'text',
    'to!': 'texts',
    copyToAssignee: 'switch',
    ca: 'long',
  },
  webhook: { 'url!': 'text', headers: 'headers' },
  deadMan: { 'url!': 'text', method: ['GET', 'POST'] },
};

const USUAL: Readonly<Record<string, unknown>> = { port: 465, security: 'tls' };
const PAIRS = { headers: 20, members: 500 } as const;

interface Draft {
  readonly name: string;
  readonly kind: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly secret?: string;
}

interface ChannelFormProps {
  readonly editing: Channel | 'new' | null;
  readonly close: () => void;
  /** Told the secret the gateway made, which it shows once; undefined = it made none of use. */
  readonly made: (secret: string | undefined) => void;
  readonly again: () => Promise<unknown>;
}

export function ChannelForm({ editing, close, made, again }: ChannelFormProps) {
  const [form] = Form.useForm<Draft>();
  const channel = editing === 'new' || editing === null ? null : editing;
  const given = typeof channel?.config === 'object' && channel.config !== null ? { ...channel.config } : {};
  const kind = Form.useWatch('kind', form) ?? channel?.kind ?? 'wecom';
  const save = async ({ name, kind: chosen, config = {}, secret }: Draft) => {
    const shown = FIELDS[chosen] ?? {};
    const filled = Object.entries(config).filter(
      ([, value]) =>
        value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0),
    );
    // What this form does not show stays as it is.
    const hidden = Object.entries(given).filter(([field]) => !(field in shown) && !(`${field}!` in shown));
    const input = { name, kind: chosen, config: Object.fromEntries([...hidden, ...filled]), ...(secret && { secret }) };
    if (channel)
      await api.PATCH('/api/v1/notification-channels/{id}', {
        params: { path: { id: channel.id } },
        body: input as never,
      });
    else {
      const answer = await body(api.POST('/api/v1/notification-channels', { body: input as never }));
      made(chosen === 'webhook' && !secret ? answer.secret : undefined);
    }
    await again();
  };
  return (
    <FormDrawer<Draft>
      key={channel?.id ?? 'new'}
      title={channel?.name ?? t('notify.addChannel')}
      open={editing !== null}
      close={close}
      form={form}
      initial={{ kind: 'wecom', ...channel, config: given }}
      save={save}
    >
      <Form.Item name="name" label={t('notify.name')} rules={[{ required: true, whitespace: true }]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="kind" label={t('notify.kind')} extra={tCode('channelHint', kind)}>
        <Select
          disabled={channel !== null}
          options={KINDS.map((one) => ({ value: one, label: tCode('channelKind', one) }))}
        />
      </Form.Item>
      {Object.entries(FIELDS[kind] ?? {}).map(([key, of]) => {
        const field = key.replace('!', '');
        return (
          <Form.Item
            key={`${kind}${field}`}
            name={['config', field]}
            label={tCode('channelField', field)}
            rules={[{ required: key.endsWith('!') }]}
            {...(of === 'switch' && { valuePropName: 'checked' })}
            {...(channel === null && field in USUAL && { initialValue: USUAL[field] })}
          >
            {fieldOf(of)}
          </Form.Item>
        );
      })}
      {kind !== 'deadMan' && (
        <Form.Item
          name="secret"
          label={tCode('channelSecret', kind)}
          extra={channel?.hasSecret ? t('notify.secretKept') : t('notify.secretHint')}
        >
          <Input.Password autoComplete="new-password" maxLength={512} />
        </Form.Item>
      )}
    </FormDrawer>
  );
}

function fieldOf(of: FieldKind) {
  if (of === 'headers' || of === 'members') {
    return (
      <PairsInput
        label={tCode('channelField', of)}
        first={tCode('channelPairName', of)}
        second={tCode('channelPairValue', of)}
        most={PAIRS[of]}
      />
    );
  }
  if (of === 'number') return <InputNumber min={1} max={65_535} />;
  if (of === 'switch') return <Checkbox />;
  if (of === 'long') return <Input.TextArea rows={3} />;
  if (of === 'texts') return <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[',', ' ', ';']} />;
  if (of === 'text') return <Input maxLength={500} />;
  return <Select allowClear options={of.map((one) => ({ value: one, label: tCode('channelChoice', one) }))} />;
}
